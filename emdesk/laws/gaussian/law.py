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
    Many columns
        FA    a few factors for each, and what a column has of its own: a mixture of factor analysers

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
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.laws.gaussian import sums
from emdesk.laws.gaussian.prior import Conjugate
from emdesk.laws.gaussian.settings import GaussianParams, GaussianSettings
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
from emdesk.model.numerics.covariance import Second, Structure
from emdesk.model.numerics.patterns import Regressions, patterns_of
from emdesk.model.plain_law import PlainLaw, drawn_groups
from emdesk.model.rows import Rows
from emdesk.model.scaling import Scaling
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
NAMES = Names("covariances", "sds")
LEAST_BELIEVED, TAKING_PART = 1e-13, 1e-3
"""The least eigenvalue of the correlations that a prior can be about, and the share with which a column is in it."""
TEXTS = {
    "gaussian.flat_prior": (
        "the columns {names} go together exactly, and the prior has no density for matrices as flat as the data"
    ),
    "gaussian.no_prior": "Leave one of them out, or choose no prior",
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class GaussianConstants(EllipticalConstants):
    """What is known before the fit, with the prior."""

    prior: Conjugate | None


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
        structure = structure_of(settings.covariance)
        closed = structure.is_closed_under_column_scaling
        if settings.prior != "none" and structure.second is Second.DIAGONAL:
            closed = False  # the prior believes in one variance for all columns
        return Invariance(shift=True, scale_all=True, scale_each=closed)

    def constants(self, rows: Rows, settings: GaussianSettings) -> GaussianConstants:
        structure = checked_structure(settings.covariance, rows.names, settings.factors)
        scaling = checked_scaling(rows, structure)
        rows.held.refuse_others(self.holdable)
        return GaussianConstants(
            scaling,
            structure,
            settings.floor,
            rows.names,
            bool(rows.missing.any()),
            holding_of(rows.held, rows.groups, scaling, structure, NAMES),
            _prior(scaling, structure, rows, settings),
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
        scatter = statistics.scatter(constants.structure.second)
        shared = constants.shared(statistics.counts, scatter)
        return GaussianParams(*constants.with_held(statistics.means(None), shared))

    def maximise(
        self,
        statistics: sums.Sums,
        params: GaussianParams | None,
        constants: GaussianConstants,
    ) -> GaussianParams:
        near = None if params is None else params.covariances
        counts, scatter = statistics.counts, statistics.scatter(constants.structure.second)
        means = statistics.means(None if params is None else params.means)
        rows = counts
        if constants.prior is not None:
            rows, means, scatter = constants.prior.shrunk(counts, means, scatter)
            counts = counts + constants.prior.shrinkage
        means, more = constants.moved(means, near, counts)
        covariances = constants.best(rows, scatter + more, constants.floor, near)
        return GaussianParams(*constants.with_held(means, covariances))

    def log_prior(self, params: GaussianParams, constants: GaussianConstants) -> float:
        if constants.prior is None:
            return 0.0
        return constants.prior.log_density(params.means, params.covariances)

    def free_parameters(self, params: GaussianParams, constants: GaussianConstants) -> int:
        return constants.free_parameters(len(params.means))

    def in_units(self, params: GaussianParams, constants: GaussianConstants) -> GaussianParams:
        scale, centre = constants.scaling.scales, constants.scaling.centres
        return GaussianParams(
            params.means * scale + centre, params.covariances * scale[:, None] * scale[None, :]
        )

    def from_units(self, params: GaussianParams, constants: GaussianConstants) -> GaussianParams:
        scaling = constants.scaling
        means = (params.means - scaling.centres) / scaling.scales
        covariances = constants.matrices_from_units(params.covariances)
        return self.retract(GaussianParams(means, covariances), constants)

    def retract(self, params: GaussianParams, constants: GaussianConstants) -> GaussianParams:
        kept = constants.project(params.covariances)
        return GaussianParams(*constants.with_held(params.means, kept))

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
        return constants.weaknesses(params.covariances)

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


def _refuse_flat(spread: F64, names: tuple[str, ...]) -> None:
    """A DataProblem that names the columns that go together exactly in the variances (d, d) that a prior is about."""
    deviations = np.sqrt(np.diagonal(spread))
    values, vectors = np.linalg.eigh(spread / deviations[:, None] / deviations[None, :])
    if values[0] > LEAST_BELIEVED:
        return
    taking_part = np.flatnonzero(np.abs(vectors[:, 0]) > TAKING_PART)
    found = tuple(names[j] for j in taking_part)
    raise DataProblem(
        say("gaussian.flat_prior", names=", ".join(found)),
        columns=found,
        remedy=say("gaussian.no_prior"),
    )


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
    if structure.second is Second.FULL:
        _refuse_flat(spread, rows.names)
    return Conjugate(
        scaling.means,
        settings.prior_shrinkage,
        d + settings.prior_degrees,
        spread * settings.prior_scale,
        scaling.scales,
        structure,
    )
