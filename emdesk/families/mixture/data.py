"""What a mixture knows about its rows before the fit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.families.mixture.gating import Gate, gate_of
from emdesk.families.mixture.noise import NoiseBox, box_of, refuse_if_all_known
from emdesk.families.mixture.settings import MixtureSettings
from emdesk.model.dataset import Dataset
from emdesk.model.family import Block, Request
from emdesk.model.held import Held
from emdesk.model.interval_ends import EDGES, Ends, window_of, with_middles
from emdesk.model.intervals import intervals_of
from emdesk.model.labels import labels_of
from emdesk.model.law import Law
from emdesk.model.needs import WORDS, Role, Roles
from emdesk.model.pictures.axes import Projections
from emdesk.model.rows import Rows
from emdesk.model.tied import Classes
from emdesk.texts import say, say_count

F64 = NDArray[np.float64]
Codes = NDArray[np.intp]
LEAST_TOTAL, MOST_TOTAL = 0.5, 1e150
"""What row weights may add up to: they count rows, and a fit is of one row at least."""


@dataclass(frozen=True, eq=False)
class HeldWeights:
    """Which weights (K,) are held, and at what; and which of the others are equal."""

    mask: NDArray[np.bool_]
    values: F64
    classes: Classes | None = None


@dataclass(frozen=True, eq=False)
class MixtureData:
    """The used rows, encoded by the law (e, n), with their weights (n,) or None and the law's constants.

    `row_numbers` (n,) are their rows in the file: in file order, or where cells are missing with the rows that miss
    the same cells side by side. `known` (n,) are the groups of the rows whose label is known, -1 of the others; None
    without a label column. `known_names` names the groups that labels are known of. `noise` is the box that the noise
    component fills, None without one. `roles` are the columns that were given to roles, and `given` the rows as a law
    got them that takes some columns as given; None for other laws. `gate` holds the covariates of the weights, None
    without any.
    """

    dataset: Dataset
    columns: tuple[str, ...]
    used: NDArray[np.bool_]
    row_numbers: Codes
    weights: F64 | None
    encoded: F64
    constants: Any
    settings: MixtureSettings
    law_settings: Any
    known: Codes | None = None
    known_names: tuple[str, ...] = ()
    held_weights: HeldWeights | None = None
    has_held: bool = False
    noise: NoiseBox | None = None
    roles: Roles = field(default_factory=dict)
    given: Rows | None = None
    gate: Gate | None = None

    @property
    def rows(self) -> int:
        return int(self.encoded.shape[1])

    @cached_property
    def size(self) -> float:
        return float(self.rows if self.weights is None else self.weights.sum())

    @property
    def names_its_groups(self) -> bool:
        """Whether the groups are told apart by what the analyst gave, so that they keep their numbers."""
        return self.known is not None or self.has_held

    @property
    def given_names(self) -> tuple[str, ...]:
        """The columns that the model takes as given beside the modelled ones, each once."""
        found = [] if self.given is None else list(self.given.role_names.values())
        if self.gate is not None:
            found.append(self.gate.columns)
        return tuple(dict.fromkeys(name for names in found for name in names))

    def values(self, column: int) -> F64:
        """(n,) the values of one used column in the analyst's units, NaN where missing."""
        values = self.dataset.column(self.columns[column]).values
        return (
            values if len(values) == self.rows and self._in_file_order else values[self.row_numbers]
        )

    @cached_property
    def _in_file_order(self) -> bool:
        return bool(np.all(np.diff(self.row_numbers) > 0))

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """(d, n) True where a modelled cell is missing."""
        return np.stack([np.isnan(self.values(j)) for j in range(len(self.columns))])

    @cached_property
    def projections(self) -> Projections:
        """The axes that a plot can show: columns and principal components."""
        units = tuple(self.dataset.column(name).unit for name in self.columns)
        return Projections(self.columns, self.values, self.weights, units)

    def missing_of(self, chosen: slice | Codes) -> NDArray[np.bool_] | None:
        """(d, m) True where some rows miss a modelled cell, or None if no row does."""
        return self.missing[:, chosen] if self._has_gaps else None

    @cached_property
    def _has_gaps(self) -> bool:
        return bool(self.missing.any())

    def weights_of(self, block: Block) -> F64 | None:
        """The row weights of a block, or None if every row counts once."""
        return None if self.weights is None else self.weights[block.start : block.stop]

    def known_of(self, chosen: slice | Codes) -> Codes | None:
        """The known groups of some rows, or None if no label is known."""
        return None if self.known is None else self.known[chosen]


def prepare(dataset: Dataset, request: Request, law: Law) -> MixtureData:
    """Check columns, roles and weights, set rows that cannot be used aside, encode the rest."""
    _check_kinds(dataset, request, law)
    ends = _ends(dataset, request, law)
    if ends is not None:
        dataset = with_middles(dataset, request.columns[0], ends)
    request.held.refuse_others(("weights", *law.holdable))
    request.held.refuse_untieable(("weights", *law.tieable))
    keeps = request.settings.missing == "keep" and law.leaves_cells_out
    used = _usable(dataset, request, law, keeps)
    weights = _weights(dataset, request.roles.get(Role.WEIGHT, ()), used)
    if weights is not None:
        used = used & (np.nan_to_num(weights) > 0)
    numbers = _in_patterns(dataset, request.columns, np.flatnonzero(used))
    groups = request.settings.components
    if len(numbers) < max(groups, 1):
        raise DataProblem(
            say_count("data.fewer_rows", len(numbers), groups=groups),
            where=dataset.name,
            remedy=say("data.fewer_groups"),
        )
    if weights is not None:
        weights = None if np.all(weights[numbers] == 1) else weights[numbers]
    known, names = _known(dataset, request, numbers)
    rows = _rows(dataset, request, law, numbers, weights, ends)
    noise = None
    if request.settings.noise == "uniform":
        refuse_if_all_known(known)
        noise = box_of(rows, law)
    gate = _gate(dataset, request, rows)
    constants = law.constants(rows, request.law_settings)
    return MixtureData(
        dataset,
        request.columns,
        used,
        numbers,
        weights,
        law.encode(rows, constants),
        constants,
        request.settings,
        request.law_settings,
        known,
        names,
        _held_weights(request.held, request.settings),
        request.held.tells_apart(request.settings.components),
        noise,
        roles=request.roles,
        given=rows if Role.PREDICTORS in law.roles else None,
        gate=gate,
    )


def _gate(dataset: Dataset, request: Request, rows: Rows) -> Gate | None:
    """The covariates of the weights at the rows, None without any."""
    names = request.roles.get(Role.COVARIATES, ())
    if not names:
        return None
    cells = np.stack([_cells(dataset, name, rows.row_numbers) for name in names])
    beside = replace(
        rows,
        roles={Role.COVARIATES: cells},
        role_names={Role.COVARIATES: names},
        role_categories={Role.COVARIATES: tuple(dataset.column(n).categories for n in names)},
    )
    return gate_of(beside, request.settings, "weights" in request.held.names)


def _ends(dataset: Dataset, request: Request, law: Law) -> Ends | None:
    """The ends of every row of the file if the law takes intervals, None if it takes values; a Problem where intervals
    are asked for and cannot be had."""
    read = getattr(law, "read", None)
    if read is None:
        if window_of(request.settings):
            raise SettingProblem(
                say("interval.not_this_law", law=law.label),
                setting="truncated_below"
                if request.settings.truncated_below
                else "truncated_above",
                remedy=say("interval.empty_the_window"),
            )
        return None
    ends: Ends = read(dataset, request.columns, request.roles)
    if request.settings.noise != "none":
        raise SettingProblem(
            say("interval.no_noise"), setting="noise", remedy=say("interval.leave_noise")
        )
    return ends


def named_columns(law: Law, data: MixtureData, rows: F64) -> list[tuple[str, F64]]:
    """Drawn rows (d, m) as columns of the data; where these give the ends of intervals, the ends that the drawn values
    have."""
    named = {role: names[0] for role, names in data.roles.items() if role in EDGES}
    own = intervals_of(law)
    if own is None or not named:
        return list(zip(data.columns, rows, strict=True))
    ends = own.ends_of(rows[0], data.encoded)
    return [
        (named[role], np.where(np.isfinite(side), side, np.nan))
        for role, side in zip(EDGES, ends, strict=True)
        if role in named
    ]


def _check_kinds(dataset: Dataset, request: Request, law: Law) -> None:
    for name in request.columns:
        column = dataset.column(name)
        if not column.is_numeric and not law.needs.text:
            raise DataProblem(
                say("data.not_numeric", name=name),
                columns=(name,),
                where=dataset.name,
                remedy=say("data.leave_text_out"),
            )
    for role in frozenset(law.roles) - WORDS:
        for name in request.roles.get(role, ()):
            if not dataset.column(name).is_numeric:
                raise DataProblem(
                    say("data.not_numeric", name=name), columns=(name,), where=dataset.name
                )


def _usable(dataset: Dataset, request: Request, law: Law, keeps: bool) -> NDArray[np.bool_]:
    """(rows of the file,) True where the cells that a row needs are there: one modelled cell at least if rows with
    missing cells are kept and empty ones are not, all of them otherwise, and those of its roles."""
    # an empty end is an open one, and the modelled column says which rows have none
    asked = frozenset(law.roles) - frozenset(EDGES)
    roles = (*asked, Role.COVARIATES, Role.WEIGHT)
    needed = [name for role in roles for name in request.roles.get(role, ())]
    used = dataset.complete(needed if keeps else (*request.columns, *needed))
    if keeps and not request.keeps_empty:
        seen = np.zeros(dataset.rows, dtype=bool)
        for name in request.columns:
            seen |= ~dataset.column(name).missing
        used &= seen
    return used


def _in_patterns(dataset: Dataset, names: tuple[str, ...], numbers: Codes) -> Codes:
    """The rows in file order, or sorted by which cells are missing, complete ones first: a block then holds few
    patterns."""
    gaps = np.stack([dataset.column(name).missing[numbers] for name in names])
    if not gaps.any():
        return numbers
    keys = np.packbits(gaps, axis=0)
    return numbers[np.lexsort((numbers, *keys[::-1]))]


def _rows(
    dataset: Dataset,
    request: Request,
    law: Law,
    numbers: Codes,
    weights: F64 | None,
    ends: Ends | None,
) -> Rows:
    given = {r: n for r, n in request.roles.items() if r in law.roles and r not in EDGES}
    sides = () if ends is None else zip(EDGES, (ends.lower, ends.upper), strict=True)
    return Rows(
        np.stack([_cells(dataset, name, numbers) for name in request.columns]),
        request.columns,
        numbers,
        weights,
        tuple(dataset.column(name).categories for name in request.columns),
        roles={
            r: np.stack([_cells(dataset, n, numbers) for n in names]) for r, names in given.items()
        }
        | {role: side[None, numbers] for role, side in sides},
        role_names=given,
        role_categories={
            r: tuple(dataset.column(n).categories for n in names) for r, names in given.items()
        },
        held=request.held.without("weights"),
        groups=request.settings.components,
    )


def _cells(dataset: Dataset, name: str, numbers: Codes) -> F64:
    values = dataset.column(name).values[numbers]
    unfit = np.flatnonzero(np.isinf(values))
    if unfit.size:
        raise DataProblem(
            say("data.infinite", name=name, row=int(numbers[unfit[0]]) + 1),
            columns=(name,),
            where=dataset.name,
            remedy=say("data.mend_infinite"),
        )
    return values


def _weights(dataset: Dataset, names: tuple[str, ...], used: NDArray[np.bool_]) -> F64 | None:
    """(rows of the file,) the row weights; a DataProblem for a cell of a used row that is no weight."""
    if not names:
        return None
    column = dataset.column(names[0])
    if not column.is_numeric:
        raise DataProblem(
            say("data.weight_not_numeric", name=column.name), columns=names, where=dataset.name
        )
    unfit = np.flatnonzero(used & ~(np.isfinite(column.values) & (column.values >= 0)))
    if unfit.size:
        row = int(unfit[0])
        raise DataProblem(
            say("data.bad_weight", name=column.name, row=row + 1, value=f"{column.values[row]:g}"),
            columns=names,
            where=dataset.name,
            remedy=say("data.mend_weight"),
        )
    if not np.any(column.values[used] > 0):
        raise DataProblem(
            say("data.no_weight", name=column.name),
            columns=names,
            where=dataset.name,
            remedy=say("data.mend_weight"),
        )
    with np.errstate(over="ignore"):
        total = float(column.values[used].sum())
    if not LEAST_TOTAL <= total <= MOST_TOTAL:
        # rounding and the tolerance of the stop rule are those of a log-likelihood of a row or more
        raise DataProblem(
            say("data.weight_total", name=column.name, total=f"{total:.3g}"),
            columns=names,
            where=dataset.name,
            remedy=say("data.rescale_weights"),
        )
    return column.values


def _known(
    dataset: Dataset, request: Request, numbers: Codes
) -> tuple[Codes | None, tuple[str, ...]]:
    """The groups of the rows whose label is known: each label of the column is a group, in the order of its values."""
    names = request.roles.get(Role.LABEL, ())
    if not names:
        return None, ()
    codes, labels = labels_of(dataset.column(names[0]))
    groups = request.settings.components
    if len(labels) > groups:
        raise SettingProblem(
            say("data.more_labels", name=names[0], found=len(labels), groups=groups),
            setting="components",
            remedy=say("start.set_components", found=len(labels)),
        )
    return codes[numbers], labels


def _held_weights(held: Held, settings: MixtureSettings) -> HeldWeights | None:
    shape = (settings.components,)
    found, classes = held.of("weights", shape), held.tied("weights", shape)
    if found is None:
        nothing = np.zeros(shape, dtype=np.bool_)
        return None if classes is None else HeldWeights(nothing, np.zeros(shape), classes)
    mask, values = found
    total, everything = float(values.sum()), bool(mask.all())
    fits = abs(total - 1) <= 1e-9 if everything else 0 < total < 1
    if not fits or np.any(values[mask] <= 0):
        raise SettingProblem(
            say("held.weights", total=f"{total:g}"),
            setting="held",
            remedy=say("held.all_weights") if everything else say("held.some_weights"),
        )
    return HeldWeights(mask, values, classes)
