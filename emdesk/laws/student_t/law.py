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

A conjugate prior (setting) of centres and scale matrices keeps components from collapsing, and a gamma prior (setting)
of the degrees of freedom keeps few rows from deciding on tails that they say little about; the objective is then the
log posterior.

Rows with missing cells stay: the observed cells of a row say how far it is from its group, and what the missing ones
are likely to be. Centres, scale matrices, and where each component has its own, degrees of freedom can be held.

Skewed groups can be elliptical in a power of the columns (setting Transformation): the power is estimated, one for all
components or one for each, or given. The log-likelihood stays that of the columns as they are. Centres are shown in the
units of the columns, scales are those of the transformed columns, in which a group of typical size keeps its spread:
x = g + g ((y / g)^p - 1) / p, with g, the pivot, the geometric mean of the sizes of the column. Powers lie between 0,
the logarithm, and 3; values below zero keep their sign and need a power of 0.05 or more, and a 0 has no density. Rows
with missing cells are left out then, and parameters cannot be held. A power at 0 or 3 is at the edge: its standard
error is 0 and says nothing.

Sources
    Mixtures of t: Peel and McLachlan (2000), Statist. Comput. 10, 339-348.
    Degrees of freedom from the likelihood itself, and missing cells: Liu and Rubin (1995), Statistica Sinica 5, 19-39
    (ECME).
    Scatter divided by the sum of the pulls: Kent, Tyler and Vardi (1994), Commun. Statist. Simul. 23, 441-453; Liu,
    Rubin and Wu (1998), Biometrika 85, 755-770 (parameter-expanded EM).
    Priors: Fraley and Raftery (2007), J. Classif. 24, 155-181; of the degrees of freedom, Juarez and Steel (2010), J.
    Appl. Econometrics 25, 1128-1154.
    Powers: Box and Cox (1964), J. R. Statist. Soc. B 26, 211-252; mixtures of t with them, Lo, Brinkman and Gottardo
    (2008), Cytometry A 73, 321-332, and Lo and Gottardo (2012), Statist. Comput. 22, 33-52.
    Structures: Celeux and Govaert (1995), Pattern Recognition 28, 781-793; for t, Andrews and McNicholas (2012),
    Statist. Comput. 22, 1021-1029.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.student_t import sums
from emdesk.laws.student_t.constants import StudentTConstants, refuse_degrees, with_degrees
from emdesk.laws.student_t.settings import EACH, FIXED, StudentTParams, StudentTSettings
from emdesk.laws.student_t.tails import (
    TailSums,
    climb,
    improved,
    log_constant,
)
from emdesk.model.elliptical import constants_of
from emdesk.model.elliptical_holding import Names
from emdesk.model.elliptical_law import EllipticalLaw
from emdesk.model.elliptical_sums import Moments, block_of, log_roots_and_traces
from emdesk.model.law import Ascent, Quantity, Workspace
from emdesk.model.numerics.covariance import Structure
from emdesk.model.numerics.patterns import Pattern, Regressions
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
START_DEGREES = 10.0
WIDEST_FACTOR = 3.0
"""A picture draws the covariance df / (df - 2), but no more than this many times the scale matrix."""
NAMES = Names("scales", "widths")
TEXTS = {
    "student-t.centre": "Centre",
    "student-t.scale": "Scale",
    "student-t.shown_degrees": "Degrees of freedom",
}
declare(TEXTS)


class StudentT(EllipticalLaw):
    """The multivariate t law with covariance structures."""

    id: ClassVar[str] = "student-t"
    label: ClassVar[str] = "Student t"
    Settings: ClassVar[type] = StudentTSettings
    Params: ClassVar[type] = StudentTParams
    holdable: ClassVar[tuple[str, ...]] = ("means", "widths", "scales", "degrees")
    tieable: ClassVar[tuple[str, ...]] = ("means",)
    names: ClassVar[Names] = NAMES
    centre_label: ClassVar[str] = "student-t.centre"
    width_label: ClassVar[str] = "student-t.scale"

    def matrices_of(self, params: StudentTParams) -> F64:
        return params.scales

    def placed(self, params: StudentTParams, means: F64, matrices: F64) -> StudentTParams:
        degrees = params.degrees
        if len(degrees) != len(means):
            degrees = np.repeat(degrees[:1], len(means))
        return StudentTParams(means, matrices, degrees, params.carried)

    def log_height(self, params: StudentTParams, columns: int) -> F64:
        return log_constant(params.degrees, columns)

    def log_fall(self, params: StudentTParams, squares: F64, columns: int) -> F64:
        degrees = params.degrees[:, None]
        return np.asarray(0.5 * (degrees + columns) * np.log1p(squares / degrees))

    def sums_of(
        self,
        moments: Moments,
        counts: F64,
        params: StudentTParams | None,
        tails: tuple[TailSums, ...],
    ) -> sums.Sums:
        degrees = None if params is None else params.degrees
        return sums.sums_of(moments, counts, degrees, tails)

    def pulled(self, params: StudentTParams, squares: F64, members: F64, columns: int) -> F64:
        return members * sums.pulls_at(squares, params.degrees, columns)

    def tails_of(
        self,
        params: StudentTParams,
        squares: F64,
        members: F64,
        constants: StudentTConstants,
        work: Workspace,
    ) -> tuple[TailSums, ...]:
        if not constants.has_free_tails:
            return ()
        return (sums.tail_at(squares, params.degrees, members, constants.d, work),)

    def residual_factor(
        self, regressions: Regressions, pattern: Pattern, params: StudentTParams
    ) -> F64:
        reach, degrees = _conditional(regressions, pattern, params.degrees)
        return np.asarray(reach * _factors(degrees))

    def drawn_factor(
        self,
        regressions: Regressions,
        pattern: Pattern,
        params: StudentTParams,
        rng: np.random.Generator,
    ) -> F64:
        reach, degrees = _conditional(regressions, pattern, params.degrees)
        return np.asarray(reach * degrees / rng.chisquare(np.broadcast_to(degrees, reach.shape)))

    def stretches(
        self, params: StudentTParams, group: int, rows: int, rng: np.random.Generator
    ) -> F64:
        degrees = params.degrees[group]
        return np.asarray(1 / np.sqrt(rng.chisquare(degrees, rows) / degrees))

    def other_quantities(self, params: StudentTParams) -> tuple[Quantity, ...]:
        told = say("student-t.shown_degrees")
        return (Quantity("degrees", told, ("component",), params.degrees),)

    def ascent(self, settings: StudentTSettings) -> Ascent:
        return Ascent.EXACT if settings.tails == FIXED else Ascent.STEP

    def constants(self, rows: Rows, settings: StudentTSettings) -> StudentTConstants:
        made = constants_of(rows, settings, NAMES, self.holdable)
        return with_degrees(made, rows, settings)

    def feature_rows(self, constants: StudentTConstants) -> int:
        # the rows, the same centred and whitened, and what is kept about each for two or three groups
        return 3 * constants.d + 10

    def features(self, encoded: F64, constants: StudentTConstants, work: Workspace) -> sums.Rows:
        return sums.Rows(block_of(encoded, constants.has_gaps))

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
        return sums.sums(
            features,
            responsibilities,
            kernel,
            constants.structure.second,
            self.unknown(constants),
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
        second = constants.structure.second
        expands = constants.prior is None and params is not None
        means, scales = constants.maximum(
            statistics.counts,
            statistics.mass,
            statistics.means(None if params is None else params.means),
            statistics.scatter(second),
            None if params is None else params.scales,
            _mean_pulls(statistics, constants.structure) if expands else None,
        )
        if params is None:
            return StudentTParams(means, scales, _first_degrees(len(means), constants))
        degrees = params.degrees
        if statistics.tails:
            is_common, belief = constants.has_common_tails, constants.belief
            wanted = improved(degrees, statistics.tails, is_common, belief)
            degrees = constants.degrees(wanted)
        return StudentTParams(means, scales, degrees)

    def expected(
        self, statistics: sums.Sums, params: StudentTParams, constants: StudentTConstants
    ) -> F64:
        """What each M-step climbs: of the hidden scales, expanded where there is no prior, and of the likelihood itself
        in the degrees of freedom, to second order."""
        second = constants.structure.second
        scatter = statistics.about(params.means, second)
        log_roots, traces = log_roots_and_traces(params.scales, scatter, second)
        counts, degrees = statistics.counts, statistics.degrees
        made = -counts * log_roots
        if degrees is None or constants.prior is not None:
            made = made - 0.5 * traces
        else:
            made = made - _expanded_fall(statistics, traces, constants.structure)
        if degrees is not None and statistics.tails:
            made = made + climb(degrees, params.degrees, statistics.tails)
        return np.asarray(made)

    def log_prior(self, params: StudentTParams, constants: StudentTConstants) -> float:
        made = constants.log_prior(params.means, params.scales)
        if constants.belief is None:
            return made
        of_tails = constants.belief.log_density(params.degrees)
        return made + float(of_tails[0] if constants.has_common_tails else of_tails.sum())

    def free_parameters(self, params: StudentTParams, constants: StudentTConstants) -> int:
        groups, held = len(params.means), constants.held_degrees
        of_tails = {FIXED: 0, EACH: groups}.get(constants.settings.tails, 1)
        of_held = 0 if held is None else int(held[0].sum())
        return constants.free_parameters(groups) + of_tails - of_held

    def from_units(self, params: StudentTParams, constants: StudentTConstants) -> StudentTParams:
        refuse_degrees(params.degrees, "start")
        made: StudentTParams = super().from_units(params, constants)
        return made

    def retract(self, params: StudentTParams, constants: StudentTConstants) -> StudentTParams:
        made: StudentTParams = super().retract(params, constants)
        return StudentTParams(made.means, made.scales, constants.degrees(made.degrees))

    def moments(self, params: StudentTParams) -> tuple[F64, F64]:
        return params.means, params.scales * _factors(params.degrees)[:, None, None]


def _first_degrees(groups: int, constants: StudentTConstants) -> F64:
    return constants.degrees(np.full(groups, START_DEGREES))


def _mean_pulls(statistics: sums.Sums, structure: Structure) -> F64:
    """What parameter-expanded EM divides the scatter of each component by, (K,): the mean pull of the rows that
    share its volume, 1 at the maximum."""
    counts, pulls, degrees = statistics.counts, statistics.mass, statistics.degrees
    if structure.id[0] == "V" or degrees is None:
        return np.asarray(np.where(counts > 0, pulls, 1.0) / np.where(counts > 0, counts, 1.0))
    return np.full(len(counts), (degrees @ pulls) / (degrees @ counts))


def _expanded_fall(statistics: sums.Sums, traces: F64, structure: Structure) -> F64:
    """(K,) what the squared distances, with `traces` (K,) of their sums, cost at the best mean of the hidden scales:
    one for the rows that share a volume (Liu, Rubin and Wu 1998)."""
    assert statistics.degrees is not None
    d = statistics.first.shape[1]
    counts, degrees = statistics.counts, statistics.degrees
    numbers = counts * (d + degrees)
    # less than that many at the sums' own params: many degrees of freedom take digits from the whole
    excess = traces - d * counts + degrees * (statistics.mass - counts)
    if structure.id[0] != "V":
        return np.asarray(0.5 * numbers * np.log1p(excess.sum() / numbers.sum()))
    return np.asarray(0.5 * numbers * np.log1p(excess / np.where(numbers > 0, numbers, 1.0)))


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
