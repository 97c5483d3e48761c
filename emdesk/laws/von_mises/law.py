"""Von Mises law: directions and times of day; each group has its own mean direction and concentration in every column,
columns independent given the group.

When to use it
    Columns that go round: wind directions, headings of animals, hours of the day, days of the year, phases. 359 degrees
    and 1 degree are close to each other here, as they are for no other law.

When not
    Columns that only happen to stop at 360. Axes, of which 10 and 190 degrees are the same, unless the period is set to
    180.

Say in which unit the columns are: in radians, degrees, hours, or with a period of their own. The concentration says how
narrow a group is: 0 goes evenly round the circle, and a large one is nearly normal with a variance of one over the
concentration, in radians. The circular standard deviation is the root of -2 log A, where A is the length of the average
of unit vectors. Means stand in the first turn from 0, or around 0 if the column has negative values.

A group of equal values has no largest likelihood: its concentration goes to infinity, which EMDesk reports as a
collapse. Mean directions and concentrations can be held. A prior that is worth some rows, spread like all rows of the
column, prevents the collapse. It is conjugate; its logarithm, relative to its largest value, is part of the objective.

Sources
    Density and maximum likelihood: Mardia and Jupp (2000), Directional Statistics, sections 3.5.4 and 5.3.
    Conjugate prior: Mardia and El-Atoum (1976), Biometrika 63, 203-206, with that of the concentration.
    Mixtures: Banerjee, Dhillon, Ghosh and Sra (2005), J. Mach. Learn. Res. 6, 1345-1382.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.laws.von_mises.settings import VonMisesParams, VonMisesSettings
from emdesk.model.column_terms import TermsLaw, TermSums
from emdesk.model.columnwise import (
    COMPONENT_COLUMN,
    NO_CELLS,
    ColumnConstants,
    HeldCells,
    Mask,
    observed_averages,
)
from emdesk.model.dataset import Kind
from emdesk.model.law import Ascent, Invariance, Quantity
from emdesk.model.needs import Needs
from emdesk.model.numerics.bessel import LEAST, concentration_of, length_gap, log_bessel
from emdesk.model.numerics.circle import TURN, in_turn, length_gap_of, next_to, radians, versine
from emdesk.model.plain_law import drawn_groups
from emdesk.model.positive import refuse_constant
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
NARROW = 400.0
"""Above this concentration the density multiplied out loses digits, and directions are taken about the group's."""
START_FLOOR = 1e-6
LEAST_GAP = 1e-302
"""Of a smaller circular variance the share that is the floor has no concentration that is a number."""
MOST_TURNS = 2.0
TEXTS = {
    "von-mises.weak": (
        "component {group} has reached the largest concentration in some column: its rows are all but equal"
    ),
    "von-mises.not_finite": "column {name} holds {value} in row {row}, which is no direction",
    "von-mises.turns": "column {name} goes from {low} to {high}, which is more than two turns in {unit}",
    "von-mises.mend_unit": "Set the unit in which this column is, or its period",
    "von-mises.periods": "the periods of the start are {found}, and those of this fit are {wanted}",
    "von-mises.radians": "radians",
    "von-mises.degrees": "degrees",
    "von-mises.hours": "hours",
    "von-mises.direction": "Mean direction",
    "von-mises.sd": "Circular SD",
    "von-mises.concentration": "Concentration",
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class VonMisesConstants(ColumnConstants):
    """Mean directions (d,) of the columns in their unit, from which directions are counted in radians inside a fit;
    the periods (d,), where the turn begins that means are shown in (d,), the circular variances (d,), the floor and the
    rows of the prior."""

    centres: F64
    periods: F64
    first: F64
    gaps: F64
    floor: float
    prior: float

    @property
    def most(self) -> F64:
        """(d,) the largest concentrations."""
        return concentration_of(self.floor * self.gaps)

    def with_prior(self, statistics: TermSums) -> TermSums:
        """The sums with the rows of the prior, which point to the centre of their column."""
        if self.prior == 0:
            return statistics
        # a whole turn stands for the direction 0, and its sine is none to the last digit
        turned = np.where(statistics.reference == TURN, 0.0, statistics.reference)
        short = versine(turned) + self.gaps * np.cos(turned)
        sine = (self.gaps - 1) * np.sin(turned)
        terms = statistics.terms + self.prior * np.stack([short, sine])
        return replace(statistics, seen=statistics.seen + self.prior, terms=terms)


class VonMises(TermsLaw[VonMisesParams, VonMisesConstants]):
    """Independent circular columns; with t the angle of a cell from the centre of its column the terms are 1 - cos t,
    sin t, t and the cell itself, and for a group apart the first two of the angle from its own mean direction."""

    id: ClassVar[str] = "von-mises"
    label: ClassVar[str] = "Von Mises (circular)"
    Settings: ClassVar[type] = VonMisesSettings
    Params: ClassVar[type] = VonMisesParams
    needs: ClassVar[Needs] = Needs(frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}))
    holdable: ClassVar[tuple[str, ...]] = ("mean_directions", "concentrations")
    refusal: ClassVar[tuple[str, str]] = ("von-mises.not_finite", "data.other_law")
    weak_template: ClassVar[str] = TEXTS["von-mises.weak"]
    kept: ClassVar[int] = 4
    summed: ClassVar[int] = 2

    def ascent(self, settings: VonMisesSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: VonMisesSettings) -> Invariance:
        return Invariance(shift=True)

    def fits(self, cells: F64) -> Mask:
        return np.isfinite(cells)

    def first_look(self, rows: Rows, settings: VonMisesSettings) -> VonMisesConstants:
        columns, weights, turn = rows.columns, rows.weights, settings.turn
        least, largest = np.nanmin(columns, axis=1), np.nanmax(columns, axis=1)
        if settings.unit != "own":
            _refuse_turns(rows.names, least, largest, settings)
        # twice, so that columns far from 0 keep their digits
        centres = np.zeros(len(columns))
        for _ in range(2):
            angles = radians(columns, centres[:, None], turn)
            sine, cosine = (observed_averages(f(angles), weights) for f in (np.sin, np.cos))
            centres = centres + np.arctan2(sine, cosine) * (turn / TURN)
        angles = radians(columns, centres[:, None], turn)
        refuse_constant(np.nanmax(angles, axis=1) > np.nanmin(angles, axis=1), rows.names)
        short, sine = (observed_averages(f(angles), weights) for f in (versine, np.sin))
        gaps = np.maximum(length_gap_of(short, sine), _least_gaps(columns, turn))
        first = np.where(least < 0, -0.5 * turn, 0.0)
        turns = np.full(len(columns), turn)
        return VonMisesConstants(centres, turns, first, gaps, settings.floor, settings.prior)

    def terms(self, columns: F64, constants: VonMisesConstants) -> tuple[F64, F64]:
        angles = radians(columns, constants.centres[:, None], constants.periods[:, None])
        base = np.broadcast_to(-np.log(constants.periods)[:, None], columns.shape)
        return np.stack([versine(angles), np.sin(angles), angles, columns]), base

    def cells(self, terms: F64, constants: VonMisesConstants) -> F64:
        return np.asarray(terms[3])

    def places(self, columns: F64, constants: VonMisesConstants) -> F64:
        """Points on a circle for each column, (2 d, m), in units of their spread."""
        angles = radians(columns, constants.centres[:, None], constants.periods[:, None])
        spreads = np.sqrt(constants.gaps * (2 - constants.gaps))[:, None]
        return np.concatenate([versine(angles) / spreads, np.sin(angles) / spreads])

    def coefficients(self, params: VonMisesParams, constants: VonMisesConstants) -> tuple[F64, F64]:
        means, kappa = params.mean_directions, params.concentrations
        plain = np.where(self.apart(params, constants), 0.0, kappa)
        constant = -log_bessel(kappa) - plain * versine(means)
        none = np.zeros_like(kappa)
        return constant, np.stack([-plain * np.cos(means), plain * np.sin(means), none, none])

    def apart(self, params: VonMisesParams, constants: VonMisesConstants) -> Mask:
        return np.asarray(params.concentrations > NARROW)

    def own_log_density(self, terms: F64, params: VonMisesParams, k: int, j: int) -> F64:
        away = terms[2] - params.mean_directions[k, j]
        return np.asarray(-params.concentrations[k, j] * versine(away))

    def own_terms(self, terms: F64, params: VonMisesParams, k: int, j: int) -> tuple[float, F64]:
        mean = float(params.mean_directions[k, j])
        away = terms[2] - mean
        # a whole turn stands for the direction 0, which is that of all
        return mean or TURN, np.stack([versine(away), np.sin(away)])

    def expected(
        self, statistics: TermSums, params: VonMisesParams, constants: VonMisesConstants
    ) -> F64:
        short, sine = statistics.terms
        away = params.mean_directions - statistics.reference
        falls = statistics.seen * versine(away) + short * np.cos(away) - sine * np.sin(away)
        kappa = params.concentrations
        return np.asarray((-statistics.seen * log_bessel(kappa) - kappa * falls).sum(axis=1))

    def log_peak(self, params: VonMisesParams, constants: VonMisesConstants) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        logs = -log_bessel(params.concentrations) - np.log(constants.periods)
        return np.asarray(logs.sum(axis=1))

    def start(self, statistics: TermSums, constants: VonMisesConstants) -> VonMisesParams:
        short, sine = statistics.averages
        rows = statistics.seen
        total = np.maximum(rows.sum(axis=0), np.finfo(float).tiny)
        common = (rows * length_gap_of(short, sine)).sum(axis=0) / total
        least = max(START_FLOOR, constants.floor) * constants.gaps
        kappa = concentration_of(np.maximum(common, least))
        means = np.arctan2(sine, 1 - short)
        return constants.held.onto(
            VonMisesParams(means, np.repeat(kappa[None], len(rows), axis=0), constants.periods)
        )

    def free_maximum(
        self, statistics: TermSums, params: VonMisesParams | None, constants: VonMisesConstants
    ) -> VonMisesParams:
        statistics = constants.with_prior(statistics)
        held, empty = constants.held, statistics.empty
        short, sine = statistics.averages
        best = statistics.reference + np.arctan2(sine, 1 - short)
        if params is not None:
            best = next_to(params.mean_directions, best)
        means = held.put("mean_directions", best)
        # the average of 1 - cos about the mean that is held or the best one
        lengths = np.hypot(1 - short, sine)
        gaps = length_gap_of(short, sine) + lengths * versine(best - means)
        kappa = np.clip(concentration_of(gaps), LEAST, constants.most)
        if empty.any():
            # a component without rows keeps its place, or has that of the data
            means = np.where(empty, 0.0 if params is None else params.mean_directions, means)
            whole = concentration_of(constants.gaps)
            kappa = np.where(empty, whole if params is None else params.concentrations, kappa)
        return held.onto(VonMisesParams(means, kappa, constants.periods))

    def log_prior(self, params: VonMisesParams, constants: VonMisesConstants) -> float:
        """Relative to the law of the whole column, which is the mode."""
        if constants.prior == 0:
            return 0.0
        means, kappa, gaps = params.mean_directions, params.concentrations, constants.gaps
        each = -log_bessel(kappa) - kappa * (versine(means) + gaps * np.cos(means))
        whole = concentration_of(gaps)
        return float(constants.prior * (each + log_bessel(whole) + whole * gaps).sum())

    def in_units(self, params: VonMisesParams, constants: VonMisesConstants) -> VonMisesParams:
        places = constants.centres + params.mean_directions * (constants.periods / TURN)
        shown = in_turn(places, constants.first, constants.periods)
        return VonMisesParams(shown, params.concentrations, constants.periods)

    def standardised(self, params: VonMisesParams, constants: VonMisesConstants) -> VonMisesParams:
        means = radians(params.mean_directions, constants.centres, constants.periods)
        return VonMisesParams(means, params.concentrations, constants.periods)

    def from_units(self, params: VonMisesParams, constants: VonMisesConstants) -> VonMisesParams:
        if not np.allclose(params.periods, constants.periods, rtol=1e-9, atol=0.0):
            found, wanted = (
                ", ".join(f"{value:g}" for value in np.ravel(periods))
                for periods in (params.periods, constants.periods)
            )
            raise SettingProblem(
                say("von-mises.periods", found=found, wanted=wanted),
                setting="start",
                remedy=say("von-mises.mend_unit"),
            )
        return super().from_units(params, constants)

    def held_cells(self, rows: Rows, constants: VonMisesConstants) -> HeldCells:
        shape = (rows.groups, len(rows.names))
        masks: dict[str, Mask] = {}
        given = {"mean_directions": np.zeros(shape), "concentrations": np.ones(shape)}
        for name, values in given.items():
            found = rows.held.of(name, shape)
            if found is not None:
                masks[name] = found[0]
                values[found[0]] = found[1][found[0]]
        if not masks:
            return NO_CELLS
        params = VonMisesParams(**given, periods=constants.periods)
        self.refuse_values(params, "held")
        inner = self.standardised(params, constants)
        return HeldCells(
            masks,
            {
                "mean_directions": inner.mean_directions,
                "concentrations": inner.concentrations,
            },
        )

    def inside(self, params: VonMisesParams, constants: VonMisesConstants) -> VonMisesParams:
        kappa = np.clip(params.concentrations, LEAST, constants.most)
        return VonMisesParams(params.mean_directions, kappa, constants.periods)

    def touching(self, params: VonMisesParams, constants: VonMisesConstants) -> Mask:
        held = constants.held.of("concentrations", params.concentrations)
        return np.asarray((params.concentrations >= constants.most * (1 - 1e-6)) & ~held)

    def free_parameters(self, params: VonMisesParams, constants: VonMisesConstants) -> int:
        return 2 * int(params.concentrations.size) - constants.held.count

    def least_distinct_rows(self, constants: VonMisesConstants) -> int:
        return 2

    def means_at(
        self, means: F64, spread: VonMisesParams, constants: VonMisesConstants
    ) -> VonMisesParams:
        angles = radians(means, constants.centres, constants.periods)
        kappa = np.repeat(spread.concentrations[:1], len(means), axis=0)
        return constants.held.onto(VonMisesParams(angles, kappa, constants.periods))

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: VonMisesParams,
        constants: VonMisesConstants,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        """As of every law, with the mean direction and the circular standard deviation of the mixture."""
        columns, shown = self.columns_of(encoded, constants), self.in_units(params, constants)
        missing, turn = np.isnan(columns), constants.periods[:, None] / TURN
        lengths = 1 - length_gap(params.concentrations)
        vectors = (lengths * np.exp(1j * params.mean_directions)).T @ responsibilities
        spread = turn * np.sqrt(np.maximum(-2 * np.log(np.abs(vectors)), 0.0))
        if rng is None:
            made = constants.centres[:, None] + turn * np.angle(vectors)
        else:
            made = self.simulate(shown, drawn_groups(responsibilities, rng), rng)
        made = in_turn(made, constants.first[:, None], constants.periods[:, None])
        return np.where(missing, made, columns), np.where(missing, spread, 0.0)

    def quantities(self, params: VonMisesParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        _, variances = self.means_and_variances(params)
        axes = COMPONENT_COLUMN
        return (
            Quantity(
                "mean_directions", say("von-mises.direction"), axes, params.mean_directions, True
            ),
            Quantity("circular_sds", say("von-mises.sd"), axes, np.sqrt(variances), True),
            Quantity("concentrations", say("von-mises.concentration"), axes, params.concentrations),
        )

    def means_and_variances(self, params: VonMisesParams) -> tuple[F64, F64]:
        """Mean directions and circular variances -2 log A, in the units of the columns."""
        logs = np.log1p(-length_gap(params.concentrations))
        return params.mean_directions, -2 * logs * (params.periods / TURN) ** 2

    def log_densities(self, params: VonMisesParams, cells: F64, column: int) -> F64:
        period = params.periods[column]
        kappa = params.concentrations[:, column, None]
        away = radians(cells, params.mean_directions[:, column, None], period)
        return np.asarray(-kappa * versine(away) - log_bessel(kappa) - np.log(period))

    def simulate(
        self, params: VonMisesParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        periods, means = params.periods[:, None], params.mean_directions
        drawn = rng.vonmises(0.0, params.concentrations[groups].T) * (periods / TURN)
        # in the turn that the means stand in
        first = np.where(means.min(axis=0)[:, None] < 0, -0.5 * periods, 0.0)
        return in_turn(means[groups].T + drawn, first, periods)


def _least_gaps(columns: F64, turn: float) -> F64:
    """(d,) the circular variance that the rounding of the cells (d, n) makes."""
    step = np.finfo(float).eps * np.minimum(np.nanmax(np.abs(columns), axis=1), turn)
    return np.asarray(np.maximum((step * (TURN / turn)) ** 2, LEAST_GAP))


def _refuse_turns(
    names: tuple[str, ...], least: F64, largest: F64, settings: VonMisesSettings
) -> None:
    """A SettingProblem for the first column that goes round more often than a direction does."""
    for name, low, high in zip(names, least, largest, strict=True):
        if high - low > MOST_TURNS * settings.turn:
            told = say(
                "von-mises.turns",
                name=name,
                low=f"{low:g}",
                high=f"{high:g}",
                unit=say("von-mises." + settings.unit),
            )
            raise SettingProblem(told, setting="unit", remedy=say("von-mises.mend_unit"))
