"""Mixture: every row belongs to one of several hidden groups, independently of the other rows.

When to use it
    Finding groups in rows (clustering with probabilities), and describing a density that no single law fits.

When not
    Rows in an order that matters, such as years: a hidden Markov model remembers the group of the row before.

The weights say how large the groups are, the law says what a row of a group looks like. Soft assignment is EM: it
climbs the log-likelihood, sum of log sum_k w_k f_k(x). Hard assignment is classification EM: it climbs sum of
max_k log w_k f_k(x), is quicker and biased towards well separated groups. Hard, spherical, equal covariances with
equal weights are k-means.

Noise adds one component that is uniform over a box around the data, for rows that belong to no group: without it they
widen the components. Its volume is that of the box along the columns or along the principal axes, whichever is smaller,
and it is no parameter. Not for counts, categories and intervals.

Columns with the role covariates make the weights differ from row to row: the log odds of each component against the
first are linear in them. The weights shown are then the average shares. Noise has log odds of its own there.

Of rows of another file a mixture of regressions says what it expects of the response: the mean over the components by
their shares, or by those at the row's covariates, with its standard deviation. A row whose response is not known has
its probabilities from these shares alone.

In one column of continuous values a row may be an interval: columns with the roles lower and upper hold its ends.
Equal ends are a value, an empty cell is an open end (a censored value), and a column with the role weight counts the
rows of a bin. A histogram needs one column of ends: with the role upper alone, a bin begins where the next smaller one
ends, and with lower alone it ends where the next larger one begins; the outermost bin is open. A row adds the log of
the probability of its interval, and the sums of an M-step are expected values given the intervals. Truncated below or
above says that rows beyond were never recorded: parameters are then those of all rows, weights the shares among those
in the window. This holds for the laws Gaussian, Student t, skew-normal, log-normal, exponential, gamma, Weibull and
inverse Gaussian; Poisson counts can be truncated too. Bins that are wide against a component tell little about it, and
EM is slow there: accelerate it.

EM finds the nearest optimum. Several starts are tried, and a start that ends in a degenerate group is never the
best, however high its likelihood.

Sources
    Dempster, Laird and Rubin (1977), J. R. Statist. Soc. B 39, 1-38, section 4.3.
    McLachlan and Peel (2000), Finite Mixture Models, sections 2.8 and 3.2.
    Celeux and Govaert (1992), Comput. Statist. Data Anal. 14, 315-332 (classification EM).
    Dayton and Macready (1988), J. Amer. Statist. Assoc. 83, 173-178 (covariates).
    McLachlan and Jones (1988), Biometrics 44, 571-578 (intervals and truncation).
    Fraley and Raftery (1998), The Computer Journal 41, 578-588, section 4 (noise).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.families.mixture import pictures, starts
from emdesk.families.mixture.data import MixtureData, prepare
from emdesk.families.mixture.densities import (
    log_densities_at,
    log_joint,
    posteriors_at,
    ready_for,
)
from emdesk.families.mixture.drawing import drawn_rows
from emdesk.families.mixture.expectation import expected
from emdesk.families.mixture.gating import (
    GatedMixtureParams,
    gate_sums,
    gate_weaknesses,
    gating_in_units,
    odds_quantities,
    settled,
    stepped,
)
from emdesk.families.mixture.members import draw_members
from emdesk.families.mixture.noise import (
    NoisyMixtureParams,
    blended,
    noise_quantities,
    shares,
)
from emdesk.families.mixture.settings import MixtureParams, MixtureSettings
from emdesk.families.mixture.sums import MixtureStatistics, Ready
from emdesk.families.mixture.thin import thin_groups
from emdesk.families.mixture.weights import (
    best_weights,
    free_weights,
    log_weight_prior,
    tied_weights,
    whole_weights,
)
from emdesk.model.category_names import in_words
from emdesk.model.dataset import Dataset
from emdesk.model.family import (
    Block,
    ByLabels,
    ByMeans,
    ByMethod,
    ByParams,
    Cut,
    Draw,
    Request,
    RowOutput,
    Start,
)
from emdesk.model.interval_ends import EDGES
from emdesk.model.intervals import takes_intervals
from emdesk.model.law import Ascent, Invariance, Law, Quantity, Weakness, Workspace
from emdesk.model.marks import Picture, View
from emdesk.model.needs import Role
from emdesk.model.numerics.softmax import classify, posterior
from emdesk.texts import say

F64 = NDArray[np.float64]
BLOCK_BYTES = 6 * 2**20
LEAST_BLOCK, MOST_BLOCK = 2048, 65_536
"""Small blocks lose the second thread to the interpreter lock, large ones fall out of the cache: measured."""


class Mixture:
    """A finite mixture of one law."""

    id: ClassVar[str] = "mixture"
    label: ClassVar[str] = "Mixture"
    Settings: ClassVar[type] = MixtureSettings
    cut: ClassVar[Cut] = Cut.ROWS
    takes_law: ClassVar[bool] = True
    labels_rows: ClassVar[bool] = True
    group_axis: ClassVar[str] = "component"

    def __init__(self, law: Law | None = None) -> None:
        self.law = law

    @property
    def _law(self) -> Law:
        assert self.law is not None, "the catalogue hands the law in"
        return self.law

    @property
    def roles(self) -> tuple[Role, ...]:
        """Weights, known labels and labels to compare with, covariates, and what the law asks for or can take."""
        law = self.law
        own = () if law is None else law.roles or (EDGES if takes_intervals(law) else ())
        return (Role.WEIGHT, Role.LABEL, Role.TRUTH, Role.COVARIATES, *own)

    @property
    def holdable(self) -> tuple[str, ...]:
        """The weights, and what the law can hold."""
        return ("weights", *(() if self.law is None else self.law.holdable))

    @property
    def tieable(self) -> tuple[str, ...]:
        """The weights, and what the law can tie."""
        return ("weights", *(() if self.law is None else self.law.tieable))

    def with_law(self, law: Law) -> Mixture:
        """The mixture of another law."""
        return Mixture(law)

    def ascent(self, data: MixtureData) -> Ascent:
        if data.settings.assignment == "stochastic":
            return Ascent.NONE
        of_law = self._law.ascent(data.law_settings)
        return Ascent.STEP if data.gate is not None and of_law is Ascent.EXACT else of_law

    def invariance(self, data: MixtureData) -> Invariance:
        own = self._law.invariance(data.law_settings)
        # the draws of stochastic EM fall on rows by their order
        is_drawn = data.settings.assignment == "stochastic"
        return replace(own, row_order=False) if is_drawn else own

    def start_methods(self) -> tuple[str, ...]:
        return starts.METHODS

    def prepare(self, dataset: Dataset, request: Request) -> MixtureData:
        return prepare(dataset, request, self._law)

    def blocks(self, data: MixtureData) -> Sequence[Block]:
        numbers = self._law.feature_rows(data.constants) + 2 * data.settings.components
        wanted = BLOCK_BYTES // (8 * numbers)
        size = int(np.clip(1 << int(np.log2(max(wanted, 1))), LEAST_BLOCK, MOST_BLOCK))
        edges = [*range(0, data.rows, size), data.rows]
        return [Block(i, a, b) for i, (a, b) in enumerate(pairwise(edges))]

    def schedule(self, data: MixtureData) -> Sequence[Sequence[int]]:
        return [range(len(self.blocks(data)))]

    def start(self, data: MixtureData, how: Start, rng: np.random.Generator) -> MixtureParams:
        blocks = self.blocks(data)
        if (
            data.gate is not None
            and data.gate.problem is not None
            and not isinstance(how, ByParams)
        ):
            raise data.gate.problem
        match how:
            case ByMethod():
                return starts.by_method(data, self._law, blocks, how.method, rng)
            case ByLabels():
                return starts.by_labels(data, self._law, blocks, how)
            case ByMeans():
                return starts.by_means(data, self._law, blocks, how)
            case ByParams():
                return starts.by_params(data, self._law, blocks, how)

    def ready(self, data: MixtureData, params: MixtureParams, draw: Draw | None = None) -> Ready:
        return ready_for(self._law, data, params, draw, data.settings.assignment == "soft")

    def expect(
        self, data: MixtureData, block: Block, ready: Ready, work: Workspace
    ) -> MixtureStatistics:
        law, constants = self._law, data.constants
        rows = slice(block.start, block.stop)
        features = law.features(data.encoded[:, rows], constants, work)
        groups, has_noise = data.settings.components, ready.noisy is not None
        logs = work.array("mixture.logs", groups + has_noise, block.size)
        odds = log_joint(law, data, rows, ready, features, logs, work)
        weights = data.weights_of(block)
        if data.settings.assignment == "hard":
            log_likelihood, fit = classify(logs, weights, work)
            members = logs
        elif data.settings.assignment == "stochastic" and ready.draw is not None:
            members, log_likelihood = posterior(logs, weights, None, work)
            members = draw_members(members, weights, ready.draw.numbers(block.index))
            fit = log_likelihood
        else:
            members, log_likelihood = posterior(logs, weights, ready.bound, work)
            fit = log_likelihood
        sums = law.statistics(features, members[:groups], ready.kernel, constants, work)
        noise = float(members[groups].sum()) if has_noise else 0.0
        gate = None
        if odds is not None and ready.gating is not None and data.gate is not None:
            gate = gate_sums(ready.gating, members, odds, data.gate.terms[:, rows], weights, work)
        return MixtureStatistics(sums, log_likelihood, fit, noise, gate)

    def maximise(
        self, data: MixtureData, statistics: MixtureStatistics, params: MixtureParams
    ) -> MixtureParams:
        counts = statistics.law.counts
        law = self._law.maximise(statistics.law, params.law, data.constants)
        if isinstance(params, GatedMixtureParams):
            assert data.gate is not None and statistics.gate is not None
            return stepped(replace(params, law=law), statistics.gate, data.gate, data.weights)
        weights = best_weights(data, counts, params.weights)
        if not isinstance(params, NoisyMixtureParams):
            return MixtureParams(weights, law)
        share = np.array(statistics.noise / (statistics.noise + counts.sum()))
        return replace(params, weights=weights, law=law, noise=share)

    def expected(
        self, data: MixtureData, statistics: MixtureStatistics, params: MixtureParams
    ) -> float | None:
        return expected(self._law, data, statistics, params)

    def log_prior(self, data: MixtureData, params: MixtureParams) -> float:
        return log_weight_prior(data, params.weights) + self._law.log_prior(
            params.law, data.constants
        )

    def free_parameters(self, data: MixtureData, params: MixtureParams) -> int:
        own = free_weights(data) + (data.noise is not None)
        if data.gate is not None:
            classes = data.settings.components + (data.noise is not None)
            own = (classes - 1) * data.gate.design.size
        return own + self._law.free_parameters(params.law, data.constants)

    def weaknesses(self, data: MixtureData, params: MixtureParams) -> tuple[Weakness, ...]:
        return (*self._law.weaknesses(params.law, data.constants), *gate_weaknesses(params))

    def thin_groups(self, data: MixtureData, params: MixtureParams) -> tuple[Weakness, ...]:
        return thin_groups(self, data, params, self._law.least_distinct_rows(data.constants))

    def order(self, data: MixtureData, params: MixtureParams) -> NDArray[np.intp] | None:
        if data.names_its_groups or data.settings.assignment == "stochastic":
            return None  # drawn groups are replayed under the numbers they were drawn with
        means, _ = self._law.moments(self._law.in_units(params.law, data.constants))
        # falling weight; equal weights by the first column's mean, so that the numbering is never a matter of chance
        return np.lexsort((means[:, 0], -params.weights))

    def group_names(self, data: MixtureData) -> tuple[str, ...]:
        numbers = range(len(data.known_names) + 1, data.settings.components + 1)
        return (*data.known_names, *map(str, numbers)) if data.known_names else ()

    def in_units(self, data: MixtureData, params: MixtureParams) -> MixtureParams:
        made = replace(params, law=self._law.in_units(params.law, data.constants))
        if isinstance(made, GatedMixtureParams) and data.gate is not None:
            return gating_in_units(made, data.gate)
        return made

    def retract(self, data: MixtureData, params: MixtureParams) -> MixtureParams:
        made = replace(params, law=self._law.retract(params.law, data.constants))
        if isinstance(made, NoisyMixtureParams) and data.noise is not None:
            made = replace(made, noise_low=data.noise.low, noise_sides=data.noise.sides)
        if isinstance(made, GatedMixtureParams) and data.gate is not None:
            return settled(made, data.gate, data.weights)
        return replace(made, weights=tied_weights(data, params.weights))

    def quantities(self, data: MixtureData, params: MixtureParams) -> tuple[Quantity, ...]:
        shown = self.in_units(data, params)
        weights = Quantity("weights", say("quantity.weight"), ("component",), shown.weights)
        rows = Quantity("rows", say("quantity.rows"), ("component",), shares(shown) * data.size)
        own = self._law.quantities(shown.law, data.columns)
        own = (*own, *whole_weights(shown.weights, own))
        if isinstance(shown, NoisyMixtureParams):
            own = (*noise_quantities(shown, data.size), *own)
        if isinstance(shown, GatedMixtureParams):
            own = (*own, *odds_quantities(shown))
        return (weights, rows, *(in_words(quantity, data.dataset) for quantity in own))

    def rows(
        self, data: MixtureData, block: Block, params: MixtureParams, work: Workspace
    ) -> RowOutput:
        return self.rows_at(data, slice(block.start, block.stop), params, work)

    def rows_at(
        self,
        data: MixtureData,
        chosen: slice | NDArray[np.intp],
        params: MixtureParams,
        work: Workspace,
    ) -> RowOutput:
        """What is known of any used rows."""
        return posteriors_at(self._law, data, chosen, params, work)

    def log_densities(
        self, data: MixtureData, block: Block, params: MixtureParams, work: Workspace
    ) -> F64:
        return log_densities_at(self._law, data, slice(block.start, block.stop), params, work)

    def complete(
        self,
        data: MixtureData,
        block: Block,
        params: MixtureParams,
        work: Workspace,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64] | None:
        if not data.missing.any():
            return None
        rows = slice(block.start, block.stop)
        found = self.rows_at(data, rows, params, work)
        values, spread = self._law.complete(
            data.encoded[:, rows], found.among_groups, params.law, data.constants, rng
        )
        if found.has_noise:
            values, spread = blended(params, (values, spread), found.probabilities[-1], rng)
        gaps = data.missing[:, rows]
        seen = np.stack([data.values(j)[rows] for j in range(len(data.columns))])
        return np.where(gaps, values, seen), np.where(gaps, spread, 0.0)

    def picture(self, data: MixtureData, params: MixtureParams | None, view: View) -> Picture:
        return pictures.picture(self, data, params, view)

    def simulate(
        self, data: MixtureData, params: MixtureParams, rng: np.random.Generator
    ) -> Dataset:
        # in the order of the file, so that what rows are given beside stays with them
        return self.drawn(data, params, np.argsort(data.row_numbers), rng)[0]

    def drawn(
        self,
        data: MixtureData,
        params: MixtureParams,
        places: NDArray[np.intp],
        rng: np.random.Generator,
    ) -> tuple[Dataset, NDArray[np.intp]]:
        return drawn_rows(self._law, data, params, places, rng)
