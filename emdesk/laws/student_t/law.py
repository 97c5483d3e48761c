"""Student t law: each group is a multivariate t distribution, a normal law with heavier tails.

When to use it
    Continuous columns whose groups are roughly elliptical but have stray rows: a row far from the centre of its group
    pulls little on it, where a Gaussian law would widen the group or need a further one.

When not
    Counts, proportions near 0 or 1, and skewed columns. Few rows: then the degrees of freedom are guesses, and common
    or given ones are better. Groups of repeated rows collapse as they do under the Gaussian law.

The degrees of freedom say how heavy the tails are: 1 is Cauchy's law, 4 has clearly heavy tails, beyond 100 the law
is as good as normal. Estimates stay between 0.2 and 100000, which stands for a normal group. The centre is the mean
where there are more than 1 degrees of freedom; the covariance matrix is the scale matrix times df / (df - 2) where
there are more than 2, and infinite otherwise. The covariance structures are those of the Gaussian law, for the
scale matrices.

Each iteration takes the maximum of centres and scale matrices for the hidden scales of the rows, and one Newton
step of the likelihood for the degrees of freedom; a step that falls is halved. With given degrees of freedom
each step is a maximum.

Rows with missing cells stay: the observed cells of a row say how far it is from its group, and what the missing ones
are likely to be. Centres, scale matrices, and where each component has its own, degrees of freedom can be held.

Sources
    Mixtures of t: Peel and McLachlan (2000), Statist. Comput. 10, 339-348.
    Degrees of freedom from the likelihood itself, and missing cells: Liu and Rubin (1995), Statistica Sinica 5, 19-39
    (ECME).
    Scatter divided by the sum of the pulls: Kent, Tyler and Vardi (1994), Commun. Statist. Simul. 23, 441-453; Liu,
    Rubin and Wu (1998), Biometrika 85, 755-770 (parameter-expanded EM).
    Structures: Celeux and Govaert (1995), Pattern Recognition 28, 781-793; for t, Andrews and McNicholas (2012),
    Statist. Comput. 22, 1021-1029.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.laws.student_t import sums
from emdesk.laws.student_t.settings import EACH, FIXED, StudentTSettings
from emdesk.laws.student_t.tails import LEAST_DEGREES, MOST_DEGREES, improved, log_constant
from emdesk.model.dataset import Kind
from emdesk.model.elliptical import (
    EllipticalConstants,
    checked_scaling,
    checked_structure,
    structure_of,
)
from emdesk.model.elliptical_holding import Names, holding_of
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.covariance import Structure
from emdesk.model.numerics.patterns import Pattern, Regressions, patterns_of
from emdesk.model.params import Axes, Domain
from emdesk.model.plain_law import PlainLaw, drawn_groups
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
START_DEGREES = 10.0
WIDEST_FACTOR = 3.0
"""A picture draws the covariance df / (df - 2), but no more than this many times the scale matrix."""
NAMES = Names("scales", "widths")
TEXTS = {
    "student-t.degrees": "the degrees of freedom of component {component} are {value}; they are positive",
    "student-t.tied_degrees": "degrees of freedom can be held where each component has its own",
    "student-t.untie_degrees": "Choose the tails Each, or Given and type the degrees of freedom",
    "student-t.centre": "Centre",
    "student-t.scale": "Scale",
    "student-t.shown_degrees": "Degrees of freedom",
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class StudentTParams:
    """Centres, scale matrices whatever the structure, and degrees of freedom."""

    means: Annotated[F64, Axes("component", "column", label="Centre"), Domain.REAL]
    scales: Annotated[F64, Axes("component", "column", "column", label="Scale"), Domain.SPD]
    degrees: Annotated[F64, Axes("component", label="Degrees of freedom"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class StudentTConstants(EllipticalConstants):
    """What is known before the fit, with the settings, and the degrees of freedom that are held: which (K,), and at
    what."""

    settings: StudentTSettings
    held_degrees: tuple[NDArray[np.bool_], F64] | None

    @property
    def has_free_tails(self) -> bool:
        return self.settings.tails != FIXED

    def degrees(self, wanted: F64) -> F64:
        """The nearest degrees of freedom (K,) that the settings and what is held allow."""
        if not self.has_free_tails:
            return np.full(len(wanted), self.settings.degrees)
        bounded = np.clip(wanted, LEAST_DEGREES, MOST_DEGREES)
        if self.settings.tails == EACH:
            held = self.held_degrees
            is_held = held is not None and len(held[0]) == len(wanted)
            return np.where(held[0], held[1], bounded) if held and is_held else bounded
        if np.ptp(bounded) == 0:
            return bounded
        return np.full(len(wanted), np.exp(np.log(bounded).mean()))


class StudentT(PlainLaw):
    """The multivariate t law with covariance structures."""

    id: ClassVar[str] = "student-t"
    label: ClassVar[str] = "Student t"
    Settings: ClassVar[type] = StudentTSettings
    Params: ClassVar[type] = StudentTParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}), least=1
    )
    leaves_cells_out: ClassVar[bool] = True
    holdable: ClassVar[tuple[str, ...]] = ("means", "widths", "scales", "degrees")

    def ascent(self, settings: StudentTSettings) -> Ascent:
        return Ascent.EXACT if settings.tails == FIXED else Ascent.STEP

    def invariance(self, settings: StudentTSettings) -> Invariance:
        closed = structure_of(settings.covariance).is_closed_under_column_scaling
        return Invariance(shift=True, scale_all=True, scale_each=closed)

    def constants(self, rows: Rows, settings: StudentTSettings) -> StudentTConstants:
        structure = checked_structure(settings.covariance, rows.names, settings.factors)
        scaling = checked_scaling(rows, structure)
        rows.held.refuse_others(self.holdable)
        return StudentTConstants(
            scaling,
            structure,
            settings.floor,
            rows.names,
            bool(rows.missing.any()),
            holding_of(rows.held, rows.groups, scaling, structure, NAMES),
            settings,
            _held_degrees(rows, settings),
        )

    def encode(self, rows: Rows, constants: StudentTConstants) -> F64:
        return constants.scaling.standardised(rows.columns)

    def feature_rows(self, constants: StudentTConstants) -> int:
        # the rows, the same centred and whitened, and what is kept about each for two or three groups
        return 3 * constants.d + 10

    def features(self, encoded: F64, constants: StudentTConstants, work: Workspace) -> sums.Rows:
        return sums.rows_of(encoded, constants.has_gaps)

    def kernel(
        self, params: StudentTParams, offsets: F64, constants: StudentTConstants
    ) -> sums.Kernel:
        return sums.kernel(
            params.means,
            params.scales,
            params.degrees,
            offsets,
            np.log(constants.scaling.scales),
            constants.structure.second,
            constants.has_free_tails,
        )

    def log_peak(self, params: StudentTParams, constants: StudentTConstants) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        _, log_determinants = np.linalg.slogdet(params.scales)
        at_centre = log_constant(params.degrees, constants.d)
        return np.asarray(at_centre - 0.5 * log_determinants - constants.scaling.log_volume)

    def log_density(
        self, features: sums.Rows, kernel: sums.Kernel, out: F64, work: Workspace
    ) -> None:
        sums.log_density(features, kernel, out, work)

    def statistics(
        self,
        features: sums.Rows,
        responsibilities: F64,
        kernel: sums.Kernel | None,
        constants: StudentTConstants,
        work: Workspace,
    ) -> sums.Sums:
        scaling = constants.scaling
        return sums.sums(
            features,
            responsibilities,
            kernel,
            constants.structure.second,
            (scaling.means, (scaling.deviations / scaling.scales) ** 2),
            constants.has_gaps,
            work,
        )

    def start(self, statistics: sums.Sums, constants: StudentTConstants) -> StudentTParams:
        counts = statistics.counts
        shared = constants.shared(counts, statistics.scatter(constants.structure.second))
        means, scales = constants.with_held(statistics.means(None), shared)
        return StudentTParams(means, scales, _first_degrees(len(counts), constants))

    def maximise(
        self,
        statistics: sums.Sums,
        params: StudentTParams | None,
        constants: StudentTConstants,
    ) -> StudentTParams:
        structure, counts = constants.structure, statistics.counts
        near = None if params is None else params.scales
        means = statistics.means(None if params is None else params.means)
        means, more = constants.moved(means, near, statistics.pulls)
        scatter = statistics.scatter(structure.second) + more
        if params is not None:
            mean_pulls = _mean_pulls(statistics, params.degrees, structure)
            scatter = scatter / mean_pulls.reshape((-1,) + (1,) * (scatter.ndim - 1))
        scales = constants.best(counts, scatter, constants.floor, near)
        means, scales = constants.with_held(means, scales)
        if params is None:
            return StudentTParams(means, scales, _first_degrees(len(counts), constants))
        degrees = params.degrees
        if statistics.tails:
            is_common = constants.settings.tails != EACH
            degrees = constants.degrees(improved(degrees, statistics.tails, is_common))
        return StudentTParams(means, scales, degrees)

    def free_parameters(self, params: StudentTParams, constants: StudentTConstants) -> int:
        groups, held = len(params.means), constants.held_degrees
        of_tails = {FIXED: 0, EACH: groups}.get(constants.settings.tails, 1)
        of_held = 0 if held is None else int(held[0].sum())
        return constants.free_parameters(groups) + of_tails - of_held

    def in_units(self, params: StudentTParams, constants: StudentTConstants) -> StudentTParams:
        scale, centre = constants.scaling.scales, constants.scaling.centres
        return StudentTParams(
            params.means * scale + centre,
            params.scales * scale[:, None] * scale[None, :],
            params.degrees,
        )

    def from_units(self, params: StudentTParams, constants: StudentTConstants) -> StudentTParams:
        scaling = constants.scaling
        scales = constants.matrices_from_units(params.scales)
        _refuse_degrees(params.degrees, "start")
        means = (params.means - scaling.centres) / scaling.scales
        return self.retract(StudentTParams(means, scales, params.degrees), constants)

    def retract(self, params: StudentTParams, constants: StudentTConstants) -> StudentTParams:
        means, scales = constants.with_held(params.means, constants.project(params.scales))
        return StudentTParams(means, scales, constants.degrees(params.degrees))

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: StudentTParams,
        constants: StudentTConstants,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        regressions = Regressions(params.means, params.scales)
        values, spread = encoded.copy(), np.zeros_like(encoded)
        drawn = None if rng is None else drawn_groups(responsibilities, rng)
        for pattern in patterns_of(encoded):
            if not pattern.missing.size:
                continue
            cells = np.ix_(pattern.missing, pattern.chosen)
            members = responsibilities[:, pattern.chosen]
            reach, degrees = _conditional(regressions, pattern, params.degrees)
            covariance = reach * _factors(degrees)
            values[cells], spread[cells] = regressions.filled(
                pattern, members, covariance, None, None
            )
            if rng is not None and drawn is not None:
                scale = reach * degrees / rng.chisquare(np.broadcast_to(degrees, reach.shape))
                chosen = drawn[pattern.chosen]
                values[cells], _ = regressions.filled(pattern, members, scale, rng, chosen)
        return constants.scaling.raw(values), spread * constants.scaling.scales[:, None]

    def weaknesses(
        self, params: StudentTParams, constants: StudentTConstants
    ) -> tuple[Weakness, ...]:
        return constants.weaknesses(params.scales)

    def least_distinct_rows(self, constants: StudentTConstants) -> int:
        return constants.structure.least_distinct_rows(constants.d)

    def means_at(
        self, means: F64, spread: StudentTParams, constants: StudentTConstants
    ) -> StudentTParams:
        scaled = (means - constants.scaling.centres) / constants.scaling.scales
        scales = np.repeat(spread.scales[:1], len(means), axis=0)
        return StudentTParams(scaled, scales, np.repeat(spread.degrees[:1], len(means)))

    def quantities(self, params: StudentTParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        widths = np.sqrt(np.diagonal(params.scales, axis1=1, axis2=2))
        axes = ("component", "column")
        shown = [
            Quantity("means", say("student-t.centre"), axes, params.means, True),
            Quantity("widths", say("student-t.scale"), axes, widths, True),
            Quantity("degrees", say("student-t.shown_degrees"), ("component",), params.degrees),
        ]
        if len(names) > 1:
            correlations = params.scales / widths[:, :, None] / widths[:, None, :]
            shown.append(
                Quantity(
                    "correlations", say("quantity.correlation"), (*axes, "column"), correlations
                )
            )
        return tuple(shown)

    def moments(self, params: StudentTParams) -> tuple[F64, F64]:
        return params.means, params.scales * _factors(params.degrees)[:, None, None]

    def is_elliptical(self) -> bool:
        return True

    def is_discrete(self) -> bool:
        return False

    def log_marginal(
        self, params: StudentTParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        # a projection of a t law is a t law with the same degrees of freedom
        q = len(directions)
        means = (params.means - centre) @ directions.T
        factors = np.linalg.cholesky(directions @ params.scales @ directions.T)
        white = np.linalg.solve(factors, points[None] - means[:, :, None])
        constant = log_constant(params.degrees, q)
        constant -= np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        degrees = params.degrees[:, None]
        logs = np.log1p((white**2).sum(axis=1) / degrees)
        return np.asarray(constant[:, None] - 0.5 * (degrees + q) * logs)

    def simulate(
        self, params: StudentTParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        factors = np.linalg.cholesky(params.scales)
        d = params.means.shape[1]
        rows = np.empty((d, len(groups)))
        for k, degrees in enumerate(params.degrees):
            chosen = np.flatnonzero(groups == k)
            noise = rng.standard_normal((d, len(chosen)))
            noise /= np.sqrt(rng.chisquare(degrees, len(chosen)) / degrees)
            rows[:, chosen] = params.means[k][:, None] + factors[k] @ noise
        return rows


def _first_degrees(groups: int, constants: StudentTConstants) -> F64:
    return constants.degrees(np.full(groups, START_DEGREES))


def _mean_pulls(statistics: sums.Sums, degrees: F64, structure: Structure) -> F64:
    """What parameter-expanded EM divides the scatter of each component by, (K,): the mean pull of the rows that
    share its volume, 1 at the maximum."""
    counts, pulls = statistics.counts, statistics.pulls
    if structure.id[0] == "V":
        return np.asarray(np.where(counts > 0, pulls, 1.0) / np.where(counts > 0, counts, 1.0))
    return np.full(len(counts), (degrees @ pulls) / (degrees @ counts))


def _factors(degrees: F64) -> F64:
    """What a scale matrix is multiplied by for the covariance, bounded where that is large or infinite."""
    above = degrees - 2
    factors = np.where(above > 0, degrees / np.where(above > 0, above, 1.0), np.inf)
    return np.minimum(factors, WIDEST_FACTOR)


def _conditional(regressions: Regressions, pattern: Pattern, degrees: F64) -> tuple[F64, F64]:
    """Of the t law of the missing cells given the observed ones: what their residual scale is multiplied by, (K, m),
    and its degrees of freedom (K, 1)."""
    wanted = (degrees + len(pattern.observed))[:, None]
    return (degrees[:, None] + regressions.distances(pattern)) / wanted, wanted


def _held_degrees(rows: Rows, settings: StudentTSettings) -> tuple[NDArray[np.bool_], F64] | None:
    found = rows.held.of("degrees", (rows.groups,))
    if found is None:
        return None
    if settings.tails != EACH:
        raise SettingProblem(
            say("student-t.tied_degrees"),
            setting="held",
            remedy=say("student-t.untie_degrees"),
        )
    _refuse_degrees(np.where(*found, 1.0), "held")
    return found


def _refuse_degrees(degrees: F64, setting: str) -> None:
    """A SettingProblem for the first of the degrees of freedom (K,) that is not above zero."""
    for k in np.flatnonzero(~((degrees > 0) & (degrees < np.inf)))[:1].tolist():
        said = say("student-t.degrees", component=k + 1, value=f"{degrees[k]:g}")
        raise SettingProblem(said, setting=setting)
