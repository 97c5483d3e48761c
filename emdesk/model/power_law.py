"""A law of elliptical groups in powers of its columns (Box and Cox 1964, J. R. Statist. Soc. B 26, 211-252).

Mixtures of t after this transformation: Lo, Brinkman and Gottardo (2008), Cytometry A 73, 321-332; Lo and Gottardo
(2012), Statist. Comput. 22, 33-52. The log density is that of the columns as they are: the derivative of the
transformation is part of it, so that log-likelihoods can be compared with other laws.

The M-step moves power, centre and matrix together: the sums have the transformed rows and their first two derivatives
by the power, from which follow the moments of the rows at another power to second order; the power takes one Newton
step of what the best centres and matrices reach there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, cast

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.model.elliptical import EllipticalConstants
from emdesk.model.elliptical_law import EllipticalLaw
from emdesk.model.elliptical_sums import references
from emdesk.model.law import Ascent, Invariance, Law, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.box_cox import powered
from emdesk.model.numerics.whitening import whitening
from emdesk.model.params import Axes, Domain, between, from_arrays
from emdesk.model.plain_law import PlainLaw
from emdesk.model.positive import chosen_columns, log_ratios, refuse_values
from emdesk.model.power_columns import PowerColumns, back, normalised, power_columns
from emdesk.model.power_settings import MOST_POWER, PLAIN
from emdesk.model.power_step import best_steps, own_sums
from emdesk.model.power_sums import Kernel, Rows, Sums, Units, references_of, sums_about
from emdesk.model.rows import Rows as GivenRows
from emdesk.texts import say

F64 = NDArray[np.float64]

FIRST_STEP = 2.0**-10
ROUNDING = 1e-13
SHORTENED = 20
"""A step of the powers is shortened so often, then it is none."""


@dataclass(frozen=True, eq=False)
class PoweredParams:
    """The params of the law itself in the transformed columns, the powers, and the pivots of the columns, which are not
    estimated."""

    own: Any
    powers: Annotated[F64, Axes("component", label="Power"), Domain.REAL]
    pivots: Annotated[F64, Axes("column", label="Pivot"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class PoweredConstants:
    """The constants of the law itself for the columns at the first power, and what is known of powers."""

    own: EllipticalConstants
    columns: PowerColumns

    @property
    def units(self) -> Units:
        scaling, pivots = self.own.scaling, self.columns.pivots
        shift = (pivots - scaling.centres) / scaling.scales
        return Units(pivots / scaling.scales, shift, scaling.log_volume)


class Powered(PlainLaw):
    """A law of elliptical groups in powers of its columns."""

    def __init__(self, law: Law) -> None:
        self.law: Any = law
        self.id: str = self.law.id
        self.label: str = self.law.label
        self.Settings: type = self.law.Settings
        self.Params: type = PoweredParams
        self.needs: Needs = law.needs

    def params_of(self, values: Mapping[str, F64]) -> PoweredParams:
        """Params in units from their arrays by name."""
        own = from_arrays(self.law.Params, values)
        return PoweredParams(own, values["powers"], values["pivots"])

    def ascent(self, settings: Any) -> Ascent:
        return Ascent.STEP

    def invariance(self, settings: Any) -> Invariance:
        own: Invariance = self.law.invariance(settings)
        return replace(own, shift=False)

    def constants(self, rows: GivenRows, settings: Any) -> PoweredConstants:
        columns = power_columns(rows, settings)
        moved = replace(rows, columns=normalised(rows.columns, columns.first, columns.pivots))
        return PoweredConstants(self.law.constants(moved, settings), columns)

    def encode(self, rows: GivenRows, constants: PoweredConstants) -> F64:
        return constants.columns.encoded(rows.columns)

    def coordinates(self, encoded: F64, constants: PoweredConstants) -> F64:
        logs, signs = constants.columns.parted(encoded)
        return constants.units.of(powered(logs, signs, constants.columns.first))

    def feature_rows(self, constants: PoweredConstants) -> int:
        # logarithms, transformed rows and their derivatives, the same centred and weighted
        return 12 * constants.own.d + 6

    def features(self, encoded: F64, constants: PoweredConstants, work: Workspace) -> Rows:
        return Rows(*constants.columns.parted(encoded))

    def kernel(self, params: PoweredParams, offsets: F64, constants: PoweredConstants) -> Kernel:
        own, units, d = params.own, constants.units, constants.own.d
        matrices = self.law.matrices_of(own)
        found = whitening(matrices)
        height = self.law.log_height(own, d) - found.log_root - units.log_volume
        at = references_of(
            references(own.means, matrices), params.powers, units, constants.columns.is_free
        )
        return Kernel(own, params.powers, own.means, at, found, offsets + height, units)

    def log_peak(self, params: PoweredParams, constants: PoweredConstants) -> None:
        return None

    def log_density(self, features: Rows, kernel: Kernel, out: F64, work: Workspace) -> None:
        squares = features.look(kernel)
        fall = self.law.log_fall(kernel.own, squares, len(features.logs))
        np.multiply(kernel.powers[:, None] - 1, features.logs.sum(axis=0), out=out)
        out -= fall
        out += kernel.constant[:, None]

    def statistics(
        self,
        features: Rows,
        responsibilities: F64,
        kernel: Kernel | None,
        constants: PoweredConstants,
        work: Workspace,
    ) -> Sums:
        logs = responsibilities @ features.logs.sum(axis=0)
        counts = responsibilities.sum(axis=1)
        if kernel is None:
            return self._of_partition(features, responsibilities, counts, logs, constants)
        law, own, d = self.law, kernel.own, constants.own.d
        squares = features.look(kernel)
        pulls = law.pulled(own, squares, responsibilities, d)
        tails = law.tails_of(own, squares, responsibilities, constants.own, work)
        has_slopes = constants.columns.is_free
        rows = features.with_slopes(kernel) if has_slopes else features.transformed
        first, second = sums_about(rows, pulls, kernel.references)
        mass, at = pulls.sum(axis=1), kernel.references
        return Sums(counts, logs, mass, first, second, at, kernel.powers, own, tails, has_slopes)

    def _of_partition(
        self,
        features: Rows,
        responsibilities: F64,
        counts: F64,
        logs: F64,
        constants: PoweredConstants,
    ) -> Sums:
        groups, power = len(responsibilities), constants.columns.first
        rows = constants.units.of(powered(features.logs, features.signs, power))
        at = np.zeros((groups, len(rows)))
        first, second = sums_about([rows] * groups, responsibilities, at)
        powers = np.full(groups, power)
        return Sums(counts, logs, counts, first, second, at, powers, None, (), False)

    def start(self, statistics: Sums, constants: PoweredConstants) -> PoweredParams:
        sums = own_sums(self.law, statistics, None, constants.own)
        return self._with_powers(self.law.start(sums, constants.own), statistics.powers, constants)

    def maximise(
        self, statistics: Sums, params: PoweredParams | None, constants: PoweredConstants
    ) -> PoweredParams:
        columns = constants.columns
        if params is None or not columns.is_free:
            own = None if params is None else params.own
            sums = own_sums(self.law, statistics, None, constants.own)
            made = self.law.maximise(sums, own, constants.own)
            return self._with_powers(made, statistics.powers, constants)
        steps = best_steps(self.law, statistics, params.own, constants.own, columns)
        for _ in range(SHORTENED):
            reached = self._reached(statistics, params, steps, constants)
            if self._climbs(statistics, params, reached, constants):
                return reached
            steps = 0.5 * steps
        return self._reached(statistics, params, np.zeros_like(steps), constants)

    def _reached(
        self, statistics: Sums, params: PoweredParams, steps: F64, constants: PoweredConstants
    ) -> PoweredParams:
        """The best of the law itself at powers that are (K,) more."""
        sums = own_sums(self.law, statistics, steps, constants.own)
        made = self.law.maximise(sums, params.own, constants.own)
        return self._with_powers(made, statistics.powers + steps, constants)

    def _climbs(
        self,
        statistics: Sums,
        params: PoweredParams,
        reached: PoweredParams,
        constants: PoweredConstants,
    ) -> bool:
        """Whether the straight way leads uphill from its first step, so that a shorter one is there for the engine."""

        def height(at: PoweredParams) -> float:
            found = self.expected(statistics, at, constants)
            return float(found.sum()) + self.log_prior(at, constants)

        here = height(params)
        ahead = height(between(params, reached, FIRST_STEP))
        return ahead >= here - ROUNDING * max(1.0, abs(here))

    def _with_powers(self, own: Any, powers: F64, constants: PoweredConstants) -> PoweredParams:
        return PoweredParams(own, constants.columns.allowed(powers), constants.columns.pivots)

    def expected(self, statistics: Sums, params: PoweredParams, constants: PoweredConstants) -> F64:
        steps = params.powers - statistics.powers
        sums = own_sums(self.law, statistics, steps, constants.own)
        of_own: F64 = self.law.expected(sums, params.own, constants.own)
        return of_own + steps * statistics.logs

    def log_prior(self, params: PoweredParams, constants: PoweredConstants) -> float:
        return float(self.law.log_prior(params.own, constants.own))

    def free_parameters(self, params: PoweredParams, constants: PoweredConstants) -> int:
        own = int(self.law.free_parameters(params.own, constants.own))
        return own + constants.columns.free_parameters(len(params.powers))

    def in_units(self, params: PoweredParams, constants: PoweredConstants) -> PoweredParams:
        return replace(params, own=self.law.in_units(params.own, constants.own))

    def from_units(self, params: PoweredParams, constants: PoweredConstants) -> PoweredParams:
        _refuse_powers(params)
        here = constants.columns.pivots
        own = params.own
        if np.any(params.pivots != here):
            own = self._about(params, here)
        made = self.law.from_units(own, constants.own)
        return self._with_powers(made, params.powers, constants)

    def _about(self, params: PoweredParams, pivots: F64) -> Any:
        """The law's own params in units about other pivots: the same groups."""
        own, powers = params.own, params.powers
        stretch = (pivots / params.pivots) ** (1 - powers[:, None])
        at_old = np.stack([normalised(params.pivots[:, None], p, pivots)[:, 0] for p in powers])
        means = stretch * (own.means - params.pivots) + at_old
        # the product of both first: a matrix that has lost its symmetry has lost more than a rounding
        matrices = self.law.matrices_of(own) * (stretch[:, :, None] * stretch[:, None, :])
        return self.law.placed(own, means, matrices)

    def retract(self, params: PoweredParams, constants: PoweredConstants) -> PoweredParams:
        own = self.law.retract(params.own, constants.own)
        return self._with_powers(own, params.powers, constants)

    def weaknesses(
        self, params: PoweredParams, constants: PoweredConstants
    ) -> tuple[Weakness, ...]:
        found: tuple[Weakness, ...] = self.law.weaknesses(params.own, constants.own)
        return found

    def least_distinct_rows(self, constants: PoweredConstants) -> int:
        return int(self.law.least_distinct_rows(constants.own))

    def means_at(
        self, means: F64, spread: PoweredParams, constants: PoweredConstants
    ) -> PoweredParams:
        if not constants.columns.is_signed:
            refuse_values(say("power.centre"), means)
        power = float(spread.powers[0])
        moved = normalised(means.T, power, constants.columns.pivots).T
        own = self.law.means_at(moved, spread.own, constants.own)
        return self._with_powers(own, np.full(len(means), power), constants)

    def quantities(self, params: PoweredParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        centres = back(params.own.means, params.powers, params.pivots)
        _, *others = self.law.quantities(params.own, names)
        axes = ("component", "column")
        return (
            Quantity("centres", say("power.centre"), axes, centres, True),
            Quantity("powers", say("power.shown"), ("component",), params.powers),
            *others,
        )

    def moments(self, params: PoweredParams) -> tuple[F64, F64]:
        """The centres, and covariances whose deviations are half the way between the values one deviation of the
        transformed columns to both sides."""
        means, covariances = self.law.moments(params.own)
        deviations = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
        correlations = covariances / deviations[:, :, None] / deviations[:, None, :]
        low, high = (
            back(means + side * deviations, params.powers, params.pivots) for side in (-1, 1)
        )
        widths = 0.5 * (high - low)
        made = correlations * (widths[:, :, None] * widths[:, None, :])
        return back(means, params.powers, params.pivots), made

    def log_marginal(
        self, params: PoweredParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        chosen = chosen_columns(directions, centre)
        if chosen is None:
            return None
        pivots = params.pivots[chosen]
        logs = log_ratios(np.abs(points), pivots).sum(axis=0)
        rows = []
        with np.errstate(invalid="ignore"):
            for k, power in enumerate(params.powers.tolist()):
                moved = normalised(points, power, pivots)
                made = self.law.log_marginal(params.own, directions, centre, moved)[k]
                rows.append(made + (power - 1) * logs if power != 1 else made)
        made = np.stack(rows)
        has_none = np.any(points == 0, axis=0) | ~np.isfinite(made)
        return np.asarray(np.where(has_none, -np.inf, made))

    def level_line(
        self, params: PoweredParams, group: int, directions: F64, centre: F64, around: F64
    ) -> F64 | None:
        """(2, m) the line in two columns that holds as much of a group as points `around` (2, m) the centre of the
        standard normal law; None for other directions than columns."""
        chosen = chosen_columns(directions, centre)
        if chosen is None:
            return None
        means, covariances = self.law.moments(params.own)
        values, vectors = np.linalg.eigh(covariances[group][np.ix_(chosen, chosen)])
        shape = vectors * np.sqrt(np.maximum(values, 0.0))
        moved = (means[group, chosen][:, None] + shape @ around).T
        return back(moved, params.powers[[group]], params.pivots[chosen]).T

    def simulate(
        self, params: PoweredParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        drawn = self.law.simulate(params.own, groups, rng)
        return back(drawn.T, params.powers[groups], params.pivots).T

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: PoweredParams,
        constants: PoweredConstants,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        columns = constants.columns.raw(encoded)
        return columns, np.zeros_like(columns)


def with_powers(law: Law, settings: Any) -> Law:
    """The law as its settings want it: in powers of its columns, or itself."""
    if getattr(settings, "transformation", PLAIN) == PLAIN or not isinstance(law, EllipticalLaw):
        return law
    return cast(Law, Powered(cast(Law, law)))


def with_first_powers(values: dict[str, Any], like: Any) -> dict[str, Any]:
    """Given params by name for params `like` these: those of the columns as they are, are those of their first
    powers."""
    if not isinstance(like, PoweredParams) or "powers" in values:
        return values
    return {**values, "powers": np.ones_like(like.powers), "pivots": like.pivots}


def _refuse_powers(params: PoweredParams) -> None:
    """A SettingProblem for a power of a start that is no power, and for a pivot that is not above zero."""
    for k, power in enumerate(params.powers.tolist()):
        if not 0 <= power <= MOST_POWER:
            said = say(
                "power.given_value",
                component=k + 1,
                value=f"{power:g}",
                low=0,
                high=f"{MOST_POWER:g}",
            )
            raise SettingProblem(said, setting="start")
    for j, pivot in enumerate(params.pivots.tolist()):
        if not 0 < pivot < np.inf:
            said = say("power.given_pivot", column=j + 1, value=f"{pivot:g}")
            raise SettingProblem(said, setting="start")
