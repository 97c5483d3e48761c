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

Rows with missing cells stay: the E-step fills in what the observed cells of a row say of the missing ones, means and
covariances both, which is right where the reason that a cell is missing does not depend on its value. One component
gives the classical estimate of a normal distribution from incomplete data.

A conjugate prior (setting) makes the objective the log posterior, which is bounded: no component can collapse.

Sources
    Density and maximum likelihood: Mardia, Kent and Bibby (1979), Multivariate Analysis, sections 2.5 and 4.2.
    Structures: Banfield and Raftery (1993); Celeux and Govaert (1995).
    Common directions: Flury (1984), J. Amer. Statist. Assoc. 79, 892-898; Browne and McNicholas (2014), Adv. Data
    Anal. Classif. 8, 217-226.
    Missing cells: Dempster, Laird and Rubin (1977), section 4.1.3; Little and Rubin (2002), section 11.2.
    Prior: Fraley and Raftery (2007), J. Classif. 24, 155-181.
    The eigenvalue floor as a constrained maximum: Hathaway (1985), Ann. Statist. 13, 795-800; Garcia-Escudero et
    al. (2008), Ann. Statist. 36, 1324-1345.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.gaussian import sums
from emdesk.laws.gaussian.holding import UNTIED, Holding, holding_of
from emdesk.laws.gaussian.prior import Conjugate, outer
from emdesk.laws.gaussian.settings import ALIASES, TEXTS, GaussianParams, GaussianSettings
from emdesk.model.dataset import Kind
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.covariance import STRUCTURES, Second, Structure
from emdesk.model.numerics.patterns import Regressions, patterns_of
from emdesk.model.plain_law import PlainLaw, drawn_groups
from emdesk.model.rows import Rows
from emdesk.model.scaling import Scaling, scaling_of
from emdesk.texts import say

F64 = NDArray[np.float64]
START_FLOOR = 1e-6
"""Starts are cautious: their common variance is at least this share of the data's."""
LEAST_DEVIATION, MOST_DEVIATION = 1e-153, 1e153
"""Beyond these a variance is no number that a computer holds with all its digits."""


@dataclass(frozen=True, eq=False)
class GaussianConstants:
    """What is known before the fit: the scaling, the structure, the floor, whether cells are missing, the prior and
    what is held."""

    scaling: Scaling
    structure: Structure
    floor: float
    names: tuple[str, ...]
    has_gaps: bool = False
    prior: Conjugate | None = None
    holding: Holding | None = None

    @property
    def d(self) -> int:
        return len(self.names)

    @cached_property
    def _metric(self) -> F64:
        """(d, d) what one unit of the structure's metric is in standardised units: there the data have variance one."""
        ratios = self.scaling.ratios
        return np.asarray(ratios[:, None] * ratios[None, :])

    def measured(self, matrices: F64) -> F64:
        """Matrices (K, d, d) in the metric in which the structure and its floor hold."""
        return np.asarray(matrices / self._metric)

    def best(self, rows: F64, scatter: F64, floor: float, near: F64 | None = None) -> F64:
        """(K, d, d) the structure's maximum for effective rows (K,) and scatter as it needs it."""
        d, second = self.d, self.structure.second
        metric = second.of(self._metric[None])[0] / (d if second is Second.SPHERE else 1)
        here = None if near is None else self.measured(near)
        made = self.structure.maximise(rows, scatter / metric, d, floor, near=here)
        return np.asarray(made * self._metric)

    def project(self, covariances: F64, weights: F64) -> F64:
        """The nearest matrices of the structure; those that have it already stay."""
        measured = self.measured(covariances)
        made = self.structure.project(measured, weights, self.floor)
        return covariances if made is measured else np.asarray(made * self._metric)


class Gaussian(PlainLaw):
    """The Gaussian law with its covariance structures."""

    id: ClassVar[str] = "gaussian"
    label: ClassVar[str] = "Gaussian"
    Settings: ClassVar[type] = GaussianSettings
    Params: ClassVar[type] = GaussianParams
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}), least=1
    )
    leaves_cells_out: ClassVar[bool] = True
    holdable: ClassVar[tuple[str, ...]] = ("means", "sds", "covariances")

    def ascent(self, settings: GaussianSettings) -> Ascent:
        return Ascent.EXACT

    def invariance(self, settings: GaussianSettings) -> Invariance:
        structure = STRUCTURES[ALIASES.get(settings.covariance, settings.covariance)]
        closed = structure.is_closed_under_column_scaling
        if settings.prior != "none" and structure.second is Second.DIAGONAL:
            closed = False  # the prior believes in one variance for all columns
        return Invariance(shift=True, scale_all=True, scale_each=closed)

    def constants(self, rows: Rows, settings: GaussianSettings) -> GaussianConstants:
        columns, weights, names = rows.columns, rows.weights, rows.names
        word = settings.covariance
        if word in ALIASES and len(names) > 1:
            raise SettingProblem(
                say("gaussian.one_column_only", word=word, count=len(names)),
                setting="covariance",
                remedy=say("gaussian.use_instead", word=ALIASES[word]),
            )
        structure = STRUCTURES[ALIASES.get(word, word)]
        scaling = scaling_of(columns, weights, structure.is_closed_under_column_scaling, exact=True)
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
        rows.held.refuse_others(self.holdable)
        return GaussianConstants(
            scaling,
            structure,
            settings.floor,
            names,
            bool(np.isnan(columns).any()),
            _prior(scaling, structure, rows, settings),
            holding_of(rows.held, rows.groups, scaling, structure),
        )

    def encode(self, rows: Rows, constants: GaussianConstants) -> F64:
        return constants.scaling.standardised(rows.columns)

    def feature_rows(self, constants: GaussianConstants) -> int:
        return 1 + constants.d + constants.structure.second.count(constants.d)

    def features(
        self, encoded: F64, constants: GaussianConstants, work: Workspace
    ) -> sums.Features:
        return sums.features(encoded, constants.structure.second, work, constants.has_gaps)

    def kernel(
        self, params: GaussianParams, offsets: F64, constants: GaussianConstants
    ) -> sums.Kernel:
        return sums.kernel(
            params.means,
            params.covariances,
            offsets,
            np.log(constants.scaling.scales),
            constants.structure.second,
        )

    def log_peak(self, params: GaussianParams, constants: GaussianConstants) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        _, log_determinants = np.linalg.slogdet(params.covariances)
        return np.asarray(
            -0.5 * (log_determinants + constants.d * sums.LOG_2_PI) - constants.scaling.log_volume
        )

    def log_density(
        self, features: sums.Features, kernel: sums.Kernel, out: F64, work: Workspace
    ) -> None:
        sums.log_density(features, kernel, out, work)

    def statistics(
        self,
        features: sums.Features,
        responsibilities: F64,
        kernel: sums.Kernel | None,
        constants: GaussianConstants,
        work: Workspace,
    ) -> sums.Sums:
        scaling = constants.scaling
        return sums.sums(
            features,
            responsibilities,
            kernel,
            constants.structure.second,
            (scaling.means, (scaling.deviations / scaling.scales) ** 2),
            work,
        )

    def start(self, statistics: sums.Sums, constants: GaussianConstants) -> GaussianParams:
        second = constants.structure.second
        scatter = statistics.scatter(second).sum(axis=0, keepdims=True)
        count = np.array([statistics.counts.sum()])
        floor = max(START_FLOOR, constants.floor)
        shared = constants.best(count, scatter, floor)
        made = GaussianParams(
            statistics.means(None), np.repeat(shared, len(statistics.counts), axis=0)
        )
        return _with_held(made, constants)

    def maximise(
        self,
        statistics: sums.Sums,
        params: GaussianParams | None,
        constants: GaussianConstants,
    ) -> GaussianParams:
        structure, holding = constants.structure, constants.holding
        near = None if params is None else params.covariances
        counts, scatter = statistics.counts, statistics.scatter(structure.second)
        means = statistics.means(None if params is None else params.means)
        rows = counts
        if constants.prior is not None:
            rows, means, scatter = constants.prior.shrunk(counts, means, scatter)
            counts = counts + constants.prior.shrinkage
        if holding is not None:
            matrices = near
            if matrices is None:
                matrices = np.repeat(np.eye(constants.d)[None], len(means), axis=0)
            shifts = holding.shifts(means, matrices)
            means = holding.put_means(means + shifts)
            scatter = scatter + outer(np.sqrt(counts)[:, None] * shifts, structure.second)
        covariances = constants.best(rows, scatter, constants.floor, near)
        if holding is not None:
            covariances = holding.put_matrices(covariances)
        return GaussianParams(means, covariances)

    def log_prior(self, params: GaussianParams, constants: GaussianConstants) -> float:
        if constants.prior is None:
            return 0.0
        return constants.prior.log_density(params.means, params.covariances)

    def free_parameters(self, params: GaussianParams, constants: GaussianConstants) -> int:
        groups, d = len(params.means), constants.d
        structure, holding = constants.structure, constants.holding
        free = groups
        means = groups * d
        if holding is not None:
            means -= holding.count
            free -= int(holding.matrices.sum())
        if free == 0:
            return means
        # a structure that can hold single matrices leaves the others as they would be alone
        return means + structure.free_parameters(free if structure.id in UNTIED else groups, d)

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
        return self.retract(GaussianParams(means, covariances), constants)

    def retract(self, params: GaussianParams, constants: GaussianConstants) -> GaussianParams:
        weights = np.full(len(params.means), 1.0 / len(params.means))
        kept = constants.project(params.covariances, weights)
        return _with_held(GaussianParams(params.means, kept), constants)

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: GaussianParams,
        constants: GaussianConstants,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        regressions = Regressions(params.means, params.covariances)
        values, spread = encoded.copy(), np.zeros_like(encoded)
        drawn = None if rng is None else drawn_groups(responsibilities, rng)
        for pattern in patterns_of(encoded):
            if not pattern.missing.size:
                continue
            cells = np.ix_(pattern.missing, pattern.chosen)
            values[cells], spread[cells] = regressions.filled(
                pattern,
                responsibilities[:, pattern.chosen],
                None,
                rng,
                None if drawn is None else drawn[pattern.chosen],
            )
        return constants.scaling.raw(values), spread * constants.scaling.scales[:, None]

    def weaknesses(
        self, params: GaussianParams, constants: GaussianConstants
    ) -> tuple[Weakness, ...]:
        structure, matrices = constants.structure, constants.measured(params.covariances)
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


def _with_held(params: GaussianParams, constants: GaussianConstants) -> GaussianParams:
    holding = constants.holding
    if holding is None:
        return params
    return GaussianParams(holding.put_means(params.means), holding.put_matrices(params.covariances))


def _prior(
    scaling: Scaling, structure: Structure, rows: Rows, settings: GaussianSettings
) -> Conjugate | None:
    """The prior of the settings about the mean and variance of the data (over n - 1, as in the source)."""
    if settings.prior == "none":
        return None
    d = len(scaling.scales)
    complete = ~rows.missing.any(axis=0)
    made = scaling.standardised(rows.columns[:, complete])
    weights = None if rows.weights is None else rows.weights[complete]
    variances = (scaling.deviations / scaling.scales) ** 2
    spread = np.diag(variances)
    if made.shape[1] > d:  # else the complete rows say nothing of the correlations
        spread = np.atleast_2d(np.cov(made, aweights=weights, ddof=1))
    return Conjugate(
        scaling.means,
        settings.prior_shrinkage,
        d + settings.prior_degrees,
        spread * settings.prior_scale,
        scaling.scales,
        structure,
    )
