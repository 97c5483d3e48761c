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
        FA    a few factors for each, and what a column has of its own: a mixture of factor analysers; the table shows
              the loadings of the standardised columns and their uniquenesses

In one column all structures that begin with E are E (one variance), the others V (a variance for each group). Each
M-step is the maximum: by a formula, by a convex problem that has one solution (VEI, EVI, VEE, VEV, EVV), or, for the
common directions of EVE and VVE, by Newton steps to the best minimum found from several directions.

Rows with missing cells stay: the E-step fills in what the observed cells of a row say of the missing ones, means and
covariances both, which is right where the reason that a cell is missing does not depend on its value. One component
gives the classical estimate of a normal distribution from incomplete data.

The variance floor, below which a component has collapsed, is a share of the variance of each column. A few far rows, at
most one in twenty, do not raise it: beside them the others keep their maximum as long as numbers hold it.

A conjugate prior (setting) makes the objective the log posterior, which is bounded: no component can collapse.

Skewed groups can be elliptical in a power of the columns (setting Transformation): the power is estimated, one for all
components or one for each, or given. The log-likelihood stays that of the columns as they are. Centres are shown in the
units of the columns, standard deviations are those of the transformed columns, in which a group of typical size keeps
its spread: x = g + g ((y / g)^p - 1) / p, with g, the pivot, the geometric mean of the sizes of the column. Powers lie
between 0, the logarithm, and 3; values below zero keep their sign and need a power of 0.05 or more, and a 0 has no
density. Rows with missing cells are left out then, and parameters cannot be held. A power at 0 or 3 is at the edge: its
standard error is 0 and says nothing.

Sources
    Density and maximum likelihood: Mardia, Kent and Bibby (1979), Multivariate Analysis, sections 2.5 and 4.2.
    Structures: Banfield and Raftery (1993); Celeux and Govaert (1995).
    Common directions: Flury (1984), J. Amer. Statist. Assoc. 79, 892-898; Browne and McNicholas (2014), Adv. Data
    Anal. Classif. 8, 217-226.
    Missing cells: Dempster, Laird and Rubin (1977), section 4.1.3; Little and Rubin (2002), section 11.2.
    Powers: Box and Cox (1964), J. R. Statist. Soc. B 26, 211-252; in mixtures, Lo, Brinkman and Gottardo (2008),
    Cytometry A 73, 321-332.
    Prior: Fraley and Raftery (2007), J. Classif. 24, 155-181.
    The eigenvalue floor as a constrained maximum: Hathaway (1985), Ann. Statist. 13, 795-800; Garcia-Escudero et
    al. (2008), Ann. Statist. 36, 1324-1345.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.gaussian import sums
from emdesk.laws.gaussian.settings import GaussianParams, GaussianSettings
from emdesk.model.elliptical import EllipticalConstants, constants_of
from emdesk.model.elliptical_holding import Names
from emdesk.model.elliptical_law import EllipticalLaw
from emdesk.model.elliptical_sums import Moments, log_roots_and_traces
from emdesk.model.law import Ascent, Workspace
from emdesk.model.rows import Rows

F64 = NDArray[np.float64]
NAMES = Names("covariances", "sds")


class Gaussian(EllipticalLaw):
    """The Gaussian law with its covariance structures."""

    id: ClassVar[str] = "gaussian"
    label: ClassVar[str] = "Gaussian"
    Settings: ClassVar[type] = GaussianSettings
    Params: ClassVar[type] = GaussianParams
    holdable: ClassVar[tuple[str, ...]] = ("means", "sds", "covariances")
    tieable: ClassVar[tuple[str, ...]] = ("means", "sds", "covariances")
    names: ClassVar[Names] = NAMES
    centre_label: ClassVar[str] = "quantity.mean"
    width_label: ClassVar[str] = "quantity.sd"

    def matrices_of(self, params: GaussianParams) -> F64:
        return params.covariances

    def placed(self, params: GaussianParams, means: F64, matrices: F64) -> GaussianParams:
        return GaussianParams(means, matrices, params.carried)

    def log_height(self, params: GaussianParams, columns: int) -> F64:
        return np.full(len(params.means), -0.5 * columns * sums.LOG_2_PI)

    def log_fall(self, params: GaussianParams, squares: F64, columns: int) -> F64:
        return 0.5 * squares

    def sums_of(
        self, moments: Moments, counts: F64, params: GaussianParams | None, tails: Any
    ) -> sums.Sums:
        return sums.Sums(moments.mass, moments.first, moments.second, moments.reference)

    def ascent(self, settings: GaussianSettings) -> Ascent:
        return Ascent.EXACT

    def constants(self, rows: Rows, settings: GaussianSettings) -> EllipticalConstants:
        return constants_of(rows, settings, NAMES, self.holdable)

    def feature_rows(self, constants: EllipticalConstants) -> int:
        return sums.feature_rows(constants.d, constants.structure.second)

    def features(
        self, encoded: F64, constants: EllipticalConstants, work: Workspace
    ) -> sums.Features:
        return sums.features(encoded, constants.structure.second, work, constants.has_gaps)

    def kernel(
        self, params: GaussianParams, offsets: F64, constants: EllipticalConstants
    ) -> sums.Kernel:
        structure = constants.structure
        return sums.kernel(
            params.means,
            params.covariances,
            offsets,
            np.log(constants.scaling.scales),
            structure.second,
            structure.widest,
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
        constants: EllipticalConstants,
        work: Workspace,
    ) -> sums.Sums:
        second, unknown = constants.structure.second, self.unknown(constants)
        return sums.sums(features, responsibilities, kernel, second, unknown, work)

    def start(self, statistics: sums.Sums, constants: EllipticalConstants) -> GaussianParams:
        scatter = statistics.scatter(constants.structure.second)
        shared = constants.shared(statistics.counts, scatter)
        return GaussianParams(*constants.with_held(statistics.means(None), shared))

    def maximise(
        self,
        statistics: sums.Sums,
        params: GaussianParams | None,
        constants: EllipticalConstants,
    ) -> GaussianParams:
        return GaussianParams(
            *constants.maximum(
                statistics.counts,
                statistics.mass,
                statistics.means(None if params is None else params.means),
                statistics.scatter(constants.structure.second),
                None if params is None else params.covariances,
            )
        )

    def expected(
        self, statistics: sums.Sums, params: GaussianParams, constants: EllipticalConstants
    ) -> F64:
        second = constants.structure.second
        log_roots, traces = log_roots_and_traces(
            params.covariances, statistics.about(params.means, second), second
        )
        return np.asarray(-statistics.counts * log_roots - 0.5 * traces)

    def log_prior(self, params: GaussianParams, constants: EllipticalConstants) -> float:
        return constants.log_prior(params.means, params.covariances)

    def free_parameters(self, params: GaussianParams, constants: EllipticalConstants) -> int:
        return constants.free_parameters(len(params.means))

    def moments(self, params: GaussianParams) -> tuple[F64, F64]:
        return params.means, params.covariances
