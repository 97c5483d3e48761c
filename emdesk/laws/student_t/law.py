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

Sources
    Mixtures of t: Peel and McLachlan (2000), Statist. Comput. 10, 339-348.
    Degrees of freedom from the likelihood itself: Liu and Rubin (1995), Statistica Sinica 5, 19-39 (ECME).
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

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.student_t import sums
from emdesk.laws.student_t.settings import ALIASES, EACH, FIXED, StudentTSettings
from emdesk.laws.student_t.tails import LEAST_DEGREES, MOST_DEGREES, improved, log_constant
from emdesk.model.dataset import Kind
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.covariance import STRUCTURES, Structure
from emdesk.model.params import Axes, Domain
from emdesk.model.plain_law import PlainLaw
from emdesk.model.rows import Rows
from emdesk.model.scaling import Scaling, scaling_of
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
START_FLOOR = 1e-6
"""Starts are cautious: their common scale is at least this share of the data's variance."""
START_DEGREES = 10.0
LEAST_DEVIATION, MOST_DEVIATION = 1e-153, 1e153
"""Beyond these a variance is no number that a computer holds with all its digits."""
WIDEST_FACTOR = 3.0
"""A picture draws the covariance df / (df - 2), but no more than this many times the scale matrix."""
TEXTS = {
    "student-t.out_of_range": "the spread of column {name} is {deviation}, and its square cannot be held",
    "student-t.change_unit": "Write the column in another unit, or leave it out",
    "student-t.one_column_only": "Covariance {word} is for one column; {count} are used",
    "student-t.use_instead": "Choose {word} instead",
    "student-t.constant_column": "every used row has the same value of {name}, so it has no spread",
    "student-t.leave_out": "Leave this column out",
    "student-t.not_positive": (
        "the scale matrix of component {component} is not symmetric and positive definite"
    ),
    "student-t.give_positive": "Give matrices of positive scale in every direction",
    "student-t.degrees": "the degrees of freedom of component {component} are {value}; they are positive",
    "student-t.weak_floor": (
        "component {group} has shrunk to the variance floor in some direction: its rows repeat or lie "
        "on a line"
    ),
    "student-t.weak_stretched": (
        "component {group} is flat: to keep the common volume it stretches far beyond the data"
    ),
    "student-t.weak_common": (
        "the common scale matrix has shrunk to the variance floor in some direction: rows repeat or lie "
        "on a line"
    ),
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
class StudentTConstants:
    """What is known before the fit: the scaling, the structure, the settings."""

    scaling: Scaling
    structure: Structure
    settings: StudentTSettings
    names: tuple[str, ...]

    @property
    def d(self) -> int:
        return len(self.names)

    @property
    def floor(self) -> float:
        return self.settings.floor

    @property
    def has_free_tails(self) -> bool:
        return self.settings.tails != FIXED


class StudentT(PlainLaw):
    """The multivariate t law with covariance structures."""

    id: ClassVar[str] = "student-t"
    label: ClassVar[str] = "Student t"
    Settings: ClassVar[type] = StudentTSettings
    Params: ClassVar[type] = StudentTParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}), least=1
    )

    def ascent(self, settings: StudentTSettings) -> Ascent:
        return Ascent.EXACT if settings.tails == FIXED else Ascent.STEP

    def invariance(self, settings: StudentTSettings) -> Invariance:
        structure = STRUCTURES[ALIASES.get(settings.covariance, settings.covariance)]
        closed = structure.is_closed_under_column_scaling
        return Invariance(shift=True, scale_all=True, scale_each=closed)

    def constants(self, rows: Rows, settings: StudentTSettings) -> StudentTConstants:
        columns, weights, names = rows.columns, rows.weights, rows.names
        word = settings.covariance
        if word in ALIASES and len(names) > 1:
            raise SettingProblem(
                say("student-t.one_column_only", word=word, count=len(names)),
                setting="covariance",
                remedy=say("student-t.use_instead", word=ALIASES[word]),
            )
        structure = STRUCTURES[ALIASES.get(word, word)]
        scaling = scaling_of(columns, weights, structure.is_closed_under_column_scaling)
        for name, deviation in zip(names, scaling.deviations, strict=True):
            if not deviation > 0:
                raise DataProblem(
                    say("student-t.constant_column", name=name),
                    columns=(name,),
                    remedy=say("student-t.leave_out"),
                )
            if not LEAST_DEVIATION < deviation < MOST_DEVIATION:
                raise DataProblem(
                    say("student-t.out_of_range", name=name, deviation=f"{deviation:.3g}"),
                    columns=(name,),
                    remedy=say("student-t.change_unit"),
                )
        return StudentTConstants(scaling, structure, settings, names)

    def encode(self, rows: Rows, constants: StudentTConstants) -> F64:
        columns = rows.columns
        return constants.scaling.standardised(columns)

    def coordinates(self, encoded: F64, constants: StudentTConstants) -> F64:
        return encoded

    def feature_rows(self, constants: StudentTConstants) -> int:
        # the rows, the same centred and whitened, and what is kept about each for two or three groups
        return 3 * constants.d + 10

    def features(self, encoded: F64, constants: StudentTConstants, work: Workspace) -> sums.Rows:
        return sums.Rows(encoded)

    def kernel(
        self, params: StudentTParams, offsets: F64, constants: StudentTConstants
    ) -> sums.Kernel:
        return sums.kernel(
            params.means,
            params.scales,
            params.degrees,
            offsets,
            constants.scaling.log_volume,
            constants.structure.second,
            constants.has_free_tails,
        )

    def log_peak(self, params: StudentTParams, constants: StudentTConstants) -> F64 | None:
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
        return sums.sums(features, responsibilities, kernel, constants.structure.second, work)

    def start(self, statistics: sums.Sums, constants: StudentTConstants) -> StudentTParams:
        scatter = statistics.scatter(constants.structure.second).sum(axis=0, keepdims=True)
        count = np.array([statistics.counts.sum()])
        floor = max(START_FLOOR, constants.floor)
        shared = constants.structure.maximise(count, scatter, constants.d, floor)
        groups = len(statistics.counts)
        return StudentTParams(
            statistics.means(None),
            np.repeat(shared, groups, axis=0),
            self._first_degrees(groups, constants),
        )

    def _first_degrees(self, groups: int, constants: StudentTConstants) -> F64:
        settings = constants.settings
        return np.full(groups, settings.degrees if settings.tails == FIXED else START_DEGREES)

    def maximise(
        self,
        statistics: sums.Sums,
        params: StudentTParams | None,
        constants: StudentTConstants,
    ) -> StudentTParams:
        structure = constants.structure
        counts = statistics.counts
        scatter = statistics.scatter(structure.second)
        if params is not None:
            mean_pulls = self._mean_pulls(statistics, params.degrees, structure)
            scatter = scatter / mean_pulls.reshape((-1,) + (1,) * (scatter.ndim - 1))
        near = None if params is None else params.scales
        scales = structure.maximise(counts, scatter, constants.d, constants.floor, near=near)
        means = statistics.means(None if params is None else params.means)
        if params is None:
            return StudentTParams(means, scales, self._first_degrees(len(counts), constants))
        degrees = params.degrees
        if statistics.tails is not None:
            is_common = constants.settings.tails != EACH
            degrees = improved(degrees, counts, statistics.tails, constants.d, is_common)
        return StudentTParams(means, scales, degrees)

    def _mean_pulls(self, statistics: sums.Sums, degrees: F64, structure: Structure) -> F64:
        """What parameter-expanded EM divides the scatter of each component by, (K,): the mean pull of the rows that
        share its volume, 1 at the maximum."""
        counts, pulls = statistics.counts, statistics.pulls
        if structure.id[0] == "V":
            return np.asarray(np.where(counts > 0, pulls, 1.0) / np.where(counts > 0, counts, 1.0))
        return np.full(len(counts), (degrees @ pulls) / (degrees @ counts))

    def log_prior(self, params: StudentTParams, constants: StudentTConstants) -> float:
        return 0.0

    def free_parameters(self, params: StudentTParams, constants: StudentTConstants) -> int:
        groups = len(params.means)
        of_tails = {FIXED: 0, EACH: groups}.get(constants.settings.tails, 1)
        of_scales = constants.structure.free_parameters(groups, constants.d)
        return groups * constants.d + of_scales + of_tails

    def in_units(self, params: StudentTParams, constants: StudentTConstants) -> StudentTParams:
        scale, centre = constants.scaling.scales, constants.scaling.centres
        return StudentTParams(
            params.means * scale + centre,
            params.scales * scale[:, None] * scale[None, :],
            params.degrees,
        )

    def from_units(self, params: StudentTParams, constants: StudentTConstants) -> StudentTParams:
        scale, centre = constants.scaling.scales, constants.scaling.centres
        means = (params.means - centre) / scale
        scales = params.scales / scale[:, None] / scale[None, :]
        for k, (matrix, degrees) in enumerate(zip(scales, params.degrees, strict=True)):
            symmetric = np.allclose(matrix, matrix.T, rtol=1e-9, atol=0)
            if not symmetric or np.linalg.eigvalsh(matrix)[0] <= 0:
                raise SettingProblem(
                    say("student-t.not_positive", component=k + 1),
                    setting="start",
                    remedy=say("student-t.give_positive"),
                )
            if not degrees > 0:
                raise SettingProblem(
                    say("student-t.degrees", component=k + 1, value=f"{degrees:g}"),
                    setting="start",
                )
        weights = np.full(len(means), 1.0 / len(means))
        scales = constants.structure.project(scales, weights, constants.floor)
        return StudentTParams(means, scales, self._allowed(params.degrees, constants))

    def _allowed(self, degrees: F64, constants: StudentTConstants) -> F64:
        """The nearest degrees of freedom (K,) that the settings allow."""
        if not constants.has_free_tails:
            return np.full(len(degrees), constants.settings.degrees)
        bounded = np.clip(degrees, LEAST_DEGREES, MOST_DEGREES)
        if constants.settings.tails == EACH or np.ptp(bounded) == 0:
            return bounded
        return np.full(len(degrees), np.exp(np.log(bounded).mean()))

    def weaknesses(
        self, params: StudentTParams, constants: StudentTConstants
    ) -> tuple[Weakness, ...]:
        structure, matrices = constants.structure, params.scales
        touching = np.flatnonzero(structure.on_floor(matrices, constants.floor))
        if touching.size and structure.is_equal:
            return (Weakness(0, "floor", TEXTS["student-t.weak_common"]),)
        stretched = np.flatnonzero(structure.on_ceiling(matrices, constants.floor))
        return (
            *(Weakness(int(k), "floor", TEXTS["student-t.weak_floor"]) for k in touching),
            *(
                Weakness(int(k), "ceiling", TEXTS["student-t.weak_stretched"])
                for k in np.setdiff1d(stretched, touching)
            ),
        )

    def least_distinct_rows(self, constants: StudentTConstants) -> int:
        return constants.structure.least_distinct_rows(constants.d)

    def means_at(
        self, means: F64, spread: StudentTParams, constants: StudentTConstants
    ) -> StudentTParams:
        scaled = (means - constants.scaling.centres) / constants.scaling.scales
        groups = len(means)
        return StudentTParams(
            scaled, np.repeat(spread.scales[:1], groups, axis=0), np.repeat(spread.degrees, groups)
        )

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
        above = params.degrees - 2
        factors = np.where(above > 0, params.degrees / np.where(above > 0, above, 1.0), np.inf)
        return params.means, params.scales * np.minimum(factors, WIDEST_FACTOR)[:, None, None]

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
