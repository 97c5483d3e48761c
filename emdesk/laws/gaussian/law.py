"""Gaussian law: each group is a multivariate normal distribution.

When to use it
    Continuous columns whose groups are roughly elliptical, and densities of any smooth shape, which a sum of
    Gaussians can follow.

When not
    Counts, proportions near 0 or 1, and strongly skewed or heavy-tailed columns: a logarithm of the column, or
    another law, describes those with fewer components. A group of identical rows has no Gaussian density: its
    variance goes to zero and the likelihood has no limit, which EMDesk reports as a collapse.

The covariance structure says how size, shape and direction of the groups may differ: E is equal, V is varying, I is
the identity; the letters stand for volume, shape and orientation.

    Round groups
        EII   of one size                         VII   of different sizes
    Ellipses along the columns
        EEI   one ellipse for all                 VEI   one shape, different sizes
        EVI   one size, different shapes          VVI   different sizes and shapes
    Ellipses in any direction
        EEE   one full matrix for all             VEE   one shape and direction, different sizes
        EVE   one size and direction              VVE   one direction, different sizes and shapes
        EEV   one size and shape                  VEV   one shape, different sizes and directions
        EVV   one size                            VVV   a full matrix for each

In one column all structures that begin with E are E (one variance), the others V (a variance for each group). Each
M-step is the maximum: by a formula, by a convex problem that has one solution (VEI, EVI, VEE, VEV, EVV), or, for the
common directions of EVE and VVE, by Newton steps to the best minimum found from several directions.

Sources
    Density and maximum likelihood: Mardia, Kent and Bibby (1979), Multivariate Analysis, sections 2.5 and 4.2.
    Structures: Banfield and Raftery (1993); Celeux and Govaert (1995).
    Common directions: Flury (1984), J. Amer. Statist. Assoc. 79, 892-898; Browne and McNicholas (2014), Adv. Data
    Anal. Classif. 8, 217-226.
    The eigenvalue floor as a constrained maximum: Hathaway (1985), Ann. Statist. 13, 795-800; Garcia-Escudero et
    al. (2008), Ann. Statist. 36, 1324-1345.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.gaussian import sums
from emdesk.model.dataset import Kind
from emdesk.model.fields import Choice, Field
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.covariance import STRUCTURES, Structure
from emdesk.model.params import Axes, Domain
from emdesk.model.scaling import Scaling, scaling_of
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
START_FLOOR = 1e-6
"""Starts are cautious: their common variance is at least this share of the data's."""
LEAST_DEVIATION, MOST_DEVIATION = 1e-153, 1e153
"""Beyond these a variance is no number that a computer holds with all its digits."""
TEXTS = {
    "gaussian.out_of_range": "the spread of column {name} is {deviation}, and its square cannot be held",
    "gaussian.change_unit": "Write the column in another unit, or leave it out",
    "gaussian.one_column_only": "Covariance {word} is for one column; {count} are used",
    "gaussian.use_instead": "Choose {word} instead",
    "gaussian.constant_column": "every used row has the same value of {name}, so it has no variance",
    "gaussian.leave_out": "Leave this column out",
    "gaussian.not_positive": (
        "the covariance matrix of component {component} is not symmetric and positive definite"
    ),
    "gaussian.give_positive": "Give matrices of positive variance in every direction",
    "gaussian.weak_floor": (
        "component {group} has shrunk to the variance floor in some direction: its rows repeat or lie "
        "on a line"
    ),
    "gaussian.weak_stretched": (
        "component {group} is flat: to keep the common volume it stretches far beyond the data"
    ),
    "gaussian.weak_common": (
        "the common covariance has shrunk to the variance floor in some direction: rows repeat or lie "
        "on a line"
    ),
}
declare(TEXTS)
ALIASES = {"E": "EEE", "V": "VVV"}


@dataclass(frozen=True)
class GaussianSettings:
    """Settings of the Gaussian law."""

    covariance: Annotated[
        str,
        Field(
            "Covariance",
            "How the size, shape and direction of the groups may differ. Fewer letters V: fewer "
            "parameters, simpler borders between groups.",
            choices=(
                Choice("EII", "EII", "Round groups of one size."),
                Choice("VII", "VII", "Round groups, each of its own size."),
                Choice("EEI", "EEI", "All components share one ellipse along the axes."),
                Choice("VEI", "VEI", "Ellipses along the axes: one shape, each its own size."),
                Choice("EVI", "EVI", "Ellipses along the axes: one size, each its own shape."),
                Choice("VVI", "VVI", "Every component has its own ellipse along the axes."),
                Choice("EEE", "EEE", "All components share one full matrix."),
                Choice("VEE", "VEE", "One shape and direction, each its own size."),
                Choice("EVE", "EVE", "One size and direction, each its own shape."),
                Choice("VVE", "VVE", "One direction, each its own size and shape."),
                Choice("EEV", "EEV", "One size and shape, each its own direction."),
                Choice("VEV", "VEV", "One shape, each its own size and direction."),
                Choice("EVV", "EVV", "One size, each its own shape and direction."),
                Choice("VVV", "VVV", "Every component has its own full matrix."),
                Choice("E", "E", "One column: all components share one variance."),
                Choice("V", "V", "One column: every component has its own variance."),
            ),
        ),
    ] = "VVV"
    floor: Annotated[
        float,
        Field(
            "Variance floor",
            "The least variance in any direction, as a share of the data's variance. A component that "
            "touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8


@dataclass(frozen=True, eq=False)
class GaussianParams:
    """Means and covariance matrices, whatever the structure."""

    means: Annotated[F64, Axes("component", "column", label="Mean"), Domain.REAL]
    covariances: Annotated[
        F64, Axes("component", "column", "column", label="Covariance"), Domain.SPD
    ]


@dataclass(frozen=True, eq=False)
class GaussianConstants:
    """What is known before the fit: the scaling, the structure, the floor."""

    scaling: Scaling
    structure: Structure
    floor: float
    names: tuple[str, ...]

    @property
    def d(self) -> int:
        return len(self.names)


class Gaussian:
    """The Gaussian law with its covariance structures."""

    id: ClassVar[str] = "gaussian"
    label: ClassVar[str] = "Gaussian"
    Settings: ClassVar[type] = GaussianSettings
    Params: ClassVar[type] = GaussianParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}), least=1
    )

    def ascent(self, settings: GaussianSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: GaussianSettings) -> Invariance:
        structure = STRUCTURES[ALIASES.get(settings.covariance, settings.covariance)]
        closed = structure.is_closed_under_column_scaling
        return Invariance(shift=True, scale_all=True, scale_each=closed)

    def constants(
        self,
        columns: F64,
        weights: F64 | None,
        names: tuple[str, ...],
        settings: GaussianSettings,
        row_numbers: NDArray[np.intp],
    ) -> GaussianConstants:
        word = settings.covariance
        if word in ALIASES and len(names) > 1:
            raise SettingProblem(
                say("gaussian.one_column_only", word=word, count=len(names)),
                setting="covariance",
                remedy=say("gaussian.use_instead", word=ALIASES[word]),
            )
        structure = STRUCTURES[ALIASES.get(word, word)]
        scaling = scaling_of(columns, weights, structure.is_closed_under_column_scaling)
        for name, deviation in zip(names, scaling.deviations, strict=True):
            if not deviation > 0:
                raise DataProblem(
                    say("gaussian.constant_column", name=name),
                    columns=(name,),
                    remedy=say("gaussian.leave_out"),
                )
            if not LEAST_DEVIATION < deviation < MOST_DEVIATION:
                raise DataProblem(
                    say("gaussian.out_of_range", name=name, deviation=f"{deviation:.3g}"),
                    columns=(name,),
                    remedy=say("gaussian.change_unit"),
                )
        return GaussianConstants(scaling, structure, settings.floor, names)

    def encode(self, columns: F64, constants: GaussianConstants) -> F64:
        return constants.scaling.standardised(columns)

    def coordinates(self, encoded: F64, constants: GaussianConstants) -> F64:
        return encoded

    def feature_rows(self, constants: GaussianConstants) -> int:
        return 1 + constants.d + constants.structure.second.count(constants.d)

    def features(self, encoded: F64, constants: GaussianConstants, work: Workspace) -> F64:
        return sums.features(encoded, constants.structure.second, work)

    def kernel(
        self, params: GaussianParams, offsets: F64, constants: GaussianConstants
    ) -> sums.Kernel:
        return sums.kernel(
            params.means,
            params.covariances,
            offsets,
            constants.scaling.log_volume,
            constants.structure.second,
        )

    def log_peak(self, params: GaussianParams, constants: GaussianConstants) -> F64 | None:
        _, log_determinants = np.linalg.slogdet(params.covariances)
        return np.asarray(
            -0.5 * (log_determinants + constants.d * sums.LOG_2_PI) - constants.scaling.log_volume
        )

    def log_density(self, features: F64, kernel: sums.Kernel, out: F64, work: Workspace) -> None:
        sums.log_density(features, kernel, out, work)

    def statistics(
        self,
        features: F64,
        responsibilities: F64,
        kernel: sums.Kernel | None,
        constants: GaussianConstants,
        work: Workspace,
    ) -> sums.Sums:
        return sums.sums(features, responsibilities, kernel, constants.structure.second, work)

    def start(self, statistics: sums.Sums, constants: GaussianConstants) -> GaussianParams:
        second = constants.structure.second
        scatter = statistics.scatter(second).sum(axis=0, keepdims=True)
        count = np.array([statistics.counts.sum()])
        floor = max(START_FLOOR, constants.floor)
        shared = constants.structure.maximise(count, scatter, constants.d, floor)
        return GaussianParams(
            statistics.means(None), np.repeat(shared, len(statistics.counts), axis=0)
        )

    def maximise(
        self,
        statistics: sums.Sums,
        params: GaussianParams | None,
        constants: GaussianConstants,
    ) -> GaussianParams:
        structure = constants.structure
        covariances = structure.maximise(
            statistics.counts,
            statistics.scatter(structure.second),
            constants.d,
            constants.floor,
            near=None if params is None else params.covariances,
        )
        means = statistics.means(None if params is None else params.means)
        return GaussianParams(means, covariances)

    def log_prior(self, params: GaussianParams, constants: GaussianConstants) -> float:
        return 0.0

    def free_parameters(self, params: GaussianParams, constants: GaussianConstants) -> int:
        groups = len(params.means)
        return groups * constants.d + constants.structure.free_parameters(groups, constants.d)

    def in_units(self, params: GaussianParams, constants: GaussianConstants) -> GaussianParams:
        scale, centre = constants.scaling.scales, constants.scaling.centres
        return GaussianParams(
            params.means * scale + centre, params.covariances * scale[:, None] * scale[None, :]
        )

    def from_units(self, params: GaussianParams, constants: GaussianConstants) -> GaussianParams:
        scale, centre = constants.scaling.scales, constants.scaling.centres
        means = (params.means - centre) / scale
        covariances = params.covariances / scale[:, None] / scale[None, :]
        for k, matrix in enumerate(covariances):
            symmetric = np.allclose(matrix, matrix.T, rtol=1e-9, atol=0)
            if not symmetric or np.linalg.eigvalsh(matrix)[0] <= 0:
                raise SettingProblem(
                    say("gaussian.not_positive", component=k + 1),
                    setting="start",
                    remedy=say("gaussian.give_positive"),
                )
        weights = np.full(len(means), 1.0 / len(means))
        return GaussianParams(
            means, constants.structure.project(covariances, weights, constants.floor)
        )

    def weaknesses(
        self, params: GaussianParams, constants: GaussianConstants
    ) -> tuple[Weakness, ...]:
        structure, matrices = constants.structure, params.covariances
        touching = np.flatnonzero(structure.on_floor(matrices, constants.floor))
        if touching.size and structure.is_equal:
            return (Weakness(0, "floor", TEXTS["gaussian.weak_common"]),)
        stretched = np.flatnonzero(structure.on_ceiling(matrices, constants.floor))
        return (
            *(Weakness(int(k), "floor", TEXTS["gaussian.weak_floor"]) for k in touching),
            *(
                Weakness(int(k), "ceiling", TEXTS["gaussian.weak_stretched"])
                for k in np.setdiff1d(stretched, touching)
            ),
        )

    def least_distinct_rows(self, constants: GaussianConstants) -> int:
        return constants.structure.least_distinct_rows(constants.d)

    def means_at(
        self, means: F64, spread: GaussianParams, constants: GaussianConstants
    ) -> GaussianParams:
        scaled = (means - constants.scaling.centres) / constants.scaling.scales
        shared = spread.covariances[:1]
        return GaussianParams(scaled, np.repeat(shared, len(means), axis=0))

    def quantities(self, params: GaussianParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        deviations = np.sqrt(np.diagonal(params.covariances, axis1=1, axis2=2))
        shown = [
            Quantity("means", say("quantity.mean"), ("component", "column"), params.means, True),
            Quantity("sds", say("quantity.sd"), ("component", "column"), deviations, True),
        ]
        if len(names) > 1:
            correlations = params.covariances / deviations[:, :, None] / deviations[:, None, :]
            axes = ("component", "column", "column")
            shown.append(Quantity("correlations", say("quantity.correlation"), axes, correlations))
        return tuple(shown)

    def moments(self, params: GaussianParams) -> tuple[F64, F64]:
        return params.means, params.covariances

    def is_elliptical(self) -> bool:
        return True

    def is_discrete(self) -> bool:
        return False

    def log_marginal(
        self, params: GaussianParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        means = (params.means - centre) @ directions.T
        covariances = directions @ params.covariances @ directions.T
        factors = np.linalg.cholesky(covariances)
        centred = points[None] - means[:, :, None]
        white = np.linalg.solve(factors, centred)
        log_root = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        return np.asarray(
            -0.5 * (white**2).sum(axis=1)
            - log_root[:, None]
            - 0.5 * len(directions) * sums.LOG_2_PI
        )

    def simulate(
        self, params: GaussianParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        factors = np.linalg.cholesky(params.covariances)
        d = params.means.shape[1]
        rows = np.empty((d, len(groups)))
        for k in range(len(params.means)):
            chosen = np.flatnonzero(groups == k)
            noise = rng.standard_normal((d, len(chosen)))
            rows[:, chosen] = params.means[k][:, None] + factors[k] @ noise
        return rows
