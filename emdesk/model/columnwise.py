"""Laws whose columns are independent of each other given the group: the frame that they share.

A missing cell says nothing in such a law: its row has the density of the observed columns, and every column is
estimated from the rows that have it (Little and Rubin 2002, Statistical Analysis with Missing Data, section 6.3). A law
in this frame holds its formulas and little else: see `column_terms` for densities that are linear in a few functions of
a cell, and `column_tables` for those that are looked up by value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.fields import Field
from emdesk.model.law import Quantity, Weakness
from emdesk.model.params import Domain, Parameter, arrays, declared, rebuild, walk
from emdesk.model.plain_law import PlainLaw, complete_independent
from emdesk.model.positive import chosen_columns, diagonal
from emdesk.model.rows import Rows
from emdesk.model.tied import Classes, levelled, saved
from emdesk.model.tied_columns import tied_maximum
from emdesk.texts import say, translated

if TYPE_CHECKING:
    from emdesk.model.law import Law

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
P = TypeVar("P")
C = TypeVar("C", bound="ColumnConstants")
COMPONENT_COLUMN = ("component", "column")


def prior_rows(told: str) -> Field:
    """The setting of a prior that is worth some rows; `told` is its help."""
    return Field(say("columnwise.prior_rows"), told, low=0, high=1e6, section="Prior", more=True)


PRIOR_ROWS = prior_rows(say("columnwise.prior_rows_help"))
"""The setting of a conjugate prior that is worth some rows like those of the whole column."""
NEUTRAL = {Domain.REAL: 0.0, Domain.POSITIVE: 1.0, Domain.UNIT: 0.5}
OUTSIDE = {
    Domain.REAL: "start.not_finite",
    Domain.POSITIVE: "start.not_above_zero",
    Domain.UNIT: "start.not_in_unit",
}


@dataclass(frozen=True, eq=False)
class HeldCells:
    """Which cells of the parameters stay as they are: masks and values, (K, d) by name, in the units of the fit; and
    which of the others are equal, `ties` (K, d) by name.

    Params of another number of groups, as of all rows taken as one, have no held cells.
    """

    masks: Mapping[str, Mask] = field(default_factory=dict)
    values: Mapping[str, F64] = field(default_factory=dict)
    ties: Mapping[str, Classes] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many numbers fewer than cells are estimated."""
        held = sum(int(mask.sum()) for mask in self.masks.values())
        return held + sum(saved(classes) for classes in self.ties.values())

    def has_ties(self, groups: int) -> bool:
        """Whether cells of params of so many groups are tied."""
        return any(len(classes) == groups for classes in self.ties.values())

    def of(self, name: str, array: F64) -> Mask:
        """Where the parameter, whose values have the shape of `array`, is held."""
        mask = self.masks.get(name)
        if mask is None or mask.shape != array.shape:
            return np.zeros(array.shape, dtype=np.bool_)
        return mask

    def put(self, name: str, array: F64) -> F64:
        """The values of the parameter with the held ones in their places, and the tied ones at their average."""
        mask, classes = self.masks.get(name), self.ties.get(name)
        if mask is not None and mask.shape == array.shape:
            array = np.where(mask, self.values[name], array)
        if classes is not None and classes.shape == array.shape:
            array = levelled(array, classes)
        return array

    def onto(self, params: P) -> P:
        """The params with the held cells at their values, and the tied ones at their average."""
        if not self.masks and not self.ties:
            return params
        return rebuild(params, lambda parameter, value: self.put(parameter.name, value))


NO_CELLS = HeldCells()


@dataclass(frozen=True, eq=False)
class ColumnConstants:
    """What every such law knows before the fit: whether cells are missing, one observed cell (d,) of each column, and
    what is held. A law adds its own."""

    has_gaps: bool = field(default=False, kw_only=True)
    examples: F64 = field(default_factory=lambda: np.ones(1), kw_only=True)
    held: HeldCells = field(default=NO_CELLS, kw_only=True)

    @property
    def d(self) -> int:
        """How many columns there are."""
        return len(self.examples)


class ColumnwiseLaw(PlainLaw, ABC, Generic[P, C]):
    """A base for laws whose columns are independent given the group; P are its params, C its constants."""

    Params: ClassVar[type]
    leaves_cells_out: ClassVar[bool] = True
    refusal: ClassVar[tuple[str, str]] = ("data.not_above_zero", "data.other_law")
    """The texts for a cell that the law does not take, and for what to do."""
    weak_template: ClassVar[str] = ""
    """What is said of a group at its floor."""
    in_column_units: ClassVar[frozenset[str]] = frozenset()
    """The parameters that have the units of their column."""

    # what a law says of itself

    @abstractmethod
    def free_maximum(self, statistics: Any, params: P | None, constants: C) -> P:
        """The M-step under what is held, where nothing is tied."""

    @abstractmethod
    def fits(self, cells: F64) -> Mask:
        """Which cells the law takes; NaN may be answered either way."""

    @abstractmethod
    def first_look(self, rows: Rows, settings: Any) -> C:
        """The law's own constants, of cells that it takes or that are missing."""

    @abstractmethod
    def columns_of(self, encoded: F64, constants: C) -> F64:
        """(d, m) the cells of encoded rows in the analyst's units, NaN where missing."""

    @abstractmethod
    def log_densities(self, params: P, cells: F64, column: int) -> F64:
        """(K, m) log densities of cells (m,) of one column that the law takes, of params in units."""

    @abstractmethod
    def means_and_variances(self, params: P) -> tuple[F64, F64]:
        """Means and variances (K, d), of params in units."""

    @abstractmethod
    def simulate(self, params: P, groups: NDArray[np.intp], rng: np.random.Generator) -> F64:
        """Rows (d, n) of the given groups, of params in units."""

    def places(self, columns: F64, constants: C) -> F64:
        """Cells (d, m) in the analyst's units as coordinates in which distances make sense."""
        return columns

    def in_units(self, params: P, constants: C) -> P:
        return params

    def standardised(self, params: P, constants: C) -> P:
        """The inverse of `in_units`, cell by cell, without a look at the domain."""
        return params

    def inside(self, params: P, constants: C) -> P:
        """The nearest params of a fit that are not beyond a floor."""
        return params

    def touching(self, params: P, constants: C) -> Mask | None:
        """(K, d) where a floor is active."""
        return None

    def allows(self, parameter: Parameter, values: F64) -> Mask:
        """Which values, in the analyst's units, a parameter can have."""
        finite = np.isfinite(values)
        if parameter.domain is Domain.POSITIVE:
            return np.asarray(finite & (values > 0))
        if parameter.domain is Domain.UNIT:
            return np.asarray(finite & (values >= 0) & (values <= 1))
        return np.asarray(finite)

    # what follows

    def maximise(self, statistics: Any, params: P | None, constants: C) -> P:
        free, held = self.free_maximum(statistics, params, constants), constants.held
        if not held.has_ties(len(statistics.counts)):
            return free
        return tied_maximum(self, statistics, params, free, constants, held.ties, held.masks)

    @property
    def tieable(self) -> tuple[str, ...]:  # type: ignore[override]
        """Whatever can be held can be tied too."""
        return self.holdable

    def constants(self, rows: Rows, settings: Any) -> C:
        self.refuse_cells(rows)
        rows.held.refuse_others(self.holdable)
        missing = rows.missing
        made = replace(
            self.first_look(rows, settings),
            has_gaps=bool(missing.any()),
            examples=rows.columns[np.arange(len(missing)), np.argmin(missing, axis=1)],
        )
        held = replace(self.held_cells(rows, made), ties=self.tied_cells(rows))
        return replace(made, held=held)

    def refuse_cells(self, rows: Rows) -> None:
        """A DataProblem with value and row of the file for the first cell that the law does not take, and for a column
        without any cell."""
        for name, cells in zip(rows.names, rows.columns, strict=True):
            missing = np.isnan(cells)
            if missing.all():
                raise DataProblem(
                    say("data.all_missing", name=name),
                    columns=(name,),
                    remedy=say("data.leave_constant_out"),
                )
            unfit = np.flatnonzero(~(self.fits(cells) | missing))
            if unfit.size:
                value, row = f"{cells[unfit[0]]:g}", int(rows.row_numbers[unfit[0]]) + 1
                said, remedy = self.refusal
                raise DataProblem(
                    say(said, name=name, value=value, row=row),
                    columns=(name,),
                    remedy=say(remedy),
                )

    def held_cells(self, rows: Rows, constants: C) -> HeldCells:
        """What is held, in the units of the fit; a SettingProblem for a value outside its domain."""
        if not rows.held:
            return NO_CELLS
        shape = (rows.groups, len(rows.names))
        masks: dict[str, Mask] = {}
        given: dict[str, F64] = {}
        for parameter in declared(self.Params):
            assert isinstance(parameter, Parameter), "such a law has no params inside its params"
            found = rows.held.of(parameter.name, shape)
            given[parameter.name] = np.full(shape, NEUTRAL[parameter.domain])
            if found is not None:
                masks[parameter.name] = found[0]
                given[parameter.name][found[0]] = found[1][found[0]]
        params = cast(P, self.Params(**given))
        self.refuse_values(params, "held")
        return HeldCells(masks, arrays(self.standardised(params, constants)))

    def tied_cells(self, rows: Rows) -> dict[str, Classes]:
        """Which free cells are equal, (K, d) by name."""
        shape = (rows.groups, len(rows.names))
        found = {name: rows.held.tied(name, shape) for name in self.tieable}
        return {name: classes for name, classes in found.items() if classes is not None}

    def refuse_values(self, params: P, setting: str) -> None:
        """A SettingProblem that names the component of the first value outside its domain."""
        for parameter, values in walk(params):
            allowed = self.allows(parameter, values)
            if allowed.all():
                continue
            k = int(np.flatnonzero(~allowed.reshape(len(values), -1).all(axis=1))[0])
            shown = ", ".join(f"{value:g}" for value in np.ravel(values[k]))
            label = translated(parameter.axes.label)
            raise SettingProblem(
                say(OUTSIDE[parameter.domain], label=label, component=k + 1, value=shown),
                setting=setting,
            )

    def coordinates(self, encoded: F64, constants: C) -> F64:
        return self.places(self.columns_of(encoded, constants), constants)

    def from_units(self, params: P, constants: C) -> P:
        self.refuse_values(params, "start")
        return self.retract(self.standardised(params, constants), constants)

    def retract(self, params: P, constants: C) -> P:
        return constants.held.onto(self.inside(params, constants))

    def free_parameters(self, params: P, constants: C) -> int:
        return sum(value.size for value in arrays(params).values()) - constants.held.count

    def log_peak(self, params: P, constants: C) -> F64 | None:
        return None

    def weaknesses(self, params: P, constants: C) -> tuple[Weakness, ...]:
        touching = self.touching(params, constants)
        if touching is None:
            return ()
        groups = np.flatnonzero(touching.any(axis=1))
        return tuple(Weakness(int(k), "floor", self.weak_template) for k in groups)

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: P,
        constants: C,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        columns, shown = self.columns_of(encoded, constants), self.in_units(params, constants)
        return complete_independent(cast("Law", self), columns, responsibilities, shown, rng)

    def quantities(self, params: P, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        return tuple(
            Quantity(
                parameter.name,
                translated(parameter.axes.label),
                COMPONENT_COLUMN,
                values,
                parameter.name in self.in_column_units,
            )
            for parameter, values in walk(params)
        )

    def moments(self, params: P) -> tuple[F64, F64]:
        means, variances = self.means_and_variances(params)
        return means, diagonal(variances)

    def log_marginal(self, params: P, directions: F64, centre: F64, points: F64) -> F64 | None:
        chosen = chosen_columns(directions, centre)
        if chosen is None:  # only single columns have a closed form
            return None
        groups = len(next(iter(arrays(params).values())))
        total = np.zeros((groups, points.shape[1]))
        for column, row in zip(chosen.tolist(), points, strict=True):
            # a curve asks for many points near the same whole number
            cells, where = np.unique(
                np.rint(row) if self.is_discrete() else row, return_inverse=True
            )
            logs = np.full((groups, len(cells)), -np.inf)
            taken = self.fits(cells)
            logs[:, taken] = self.log_densities(params, cells[taken], column)
            total += logs[:, where]
        return total


def observed_averages(cells: F64, weights: F64 | None) -> F64:
    """(d,) the averages of cells (d, n) with row weights (n,) over the cells that are not missing (NaN)."""
    there = ~np.isnan(cells)
    if there.all():
        return np.asarray(np.average(cells, axis=1, weights=weights))
    made = [
        np.average(row[seen], weights=None if weights is None else weights[seen])
        for row, seen in zip(cells, there, strict=True)
    ]
    return np.array(made, dtype=np.float64)
