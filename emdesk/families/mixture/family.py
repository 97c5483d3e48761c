"""Mixture: every row belongs to one of several hidden groups, independently of the other rows.

When to use it
    Finding groups in rows (clustering with probabilities), and describing a density that no single law fits.

When not
    Rows in an order that matters, such as years: a hidden Markov model remembers the group of the row before.

The weights say how large the groups are, the law says what a row of a group looks like. Soft assignment is EM: it
climbs the log-likelihood, sum of log sum_k w_k f_k(x). Hard assignment is classification EM: it climbs sum of
max_k log w_k f_k(x), is quicker and biased towards well separated groups. Hard, spherical, equal covariances with
equal weights are k-means.

EM finds the nearest optimum. Several starts are tried, and a start that ends in a degenerate group is never the
best, however high its likelihood.

Sources
    Dempster, Laird and Rubin (1977), J. R. Statist. Soc. B 39, 1-38, section 4.3.
    McLachlan and Peel (2000), Finite Mixture Models, sections 2.8 and 3.2.
    Celeux and Govaert (1992), Comput. Statist. Data Anal. 14, 315-332 (classification EM).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.families.mixture import pictures, starts
from emdesk.families.mixture.data import MixtureData, prepare
from emdesk.families.mixture.members import draw_members, keep_known
from emdesk.families.mixture.noise import (
    NoisyMixtureParams,
    blended,
    log_noise,
    noise_rows,
    noise_share,
    shares,
)
from emdesk.families.mixture.settings import MixtureParams, MixtureSettings
from emdesk.families.mixture.thin import thin_groups
from emdesk.families.mixture.weights import (
    best_weights,
    free_weights,
    log_weight_prior,
    tied_weights,
)
from emdesk.model.category_names import in_words
from emdesk.model.dataset import Dataset, Kind, from_arrays
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
from emdesk.model.law import Ascent, Invariance, Law, Quantity, Weakness, Workspace
from emdesk.model.marks import Picture, View
from emdesk.model.needs import Role
from emdesk.model.numerics.softmax import classify, posterior
from emdesk.texts import say

F64 = NDArray[np.float64]
BLOCK_BYTES = 6 * 2**20
LEAST_BLOCK, MOST_BLOCK = 2048, 65_536
"""Small blocks lose the second thread to the interpreter lock, large ones fall out of the cache: measured."""


@dataclass(frozen=True, eq=False)
class MixtureStatistics:
    """The law's sums, and what the params that made them reach."""

    law: Any
    log_likelihood: float
    fit: float
    noise: float = 0.0
    """The effective rows of the noise component."""

    def __add__(self, other: Self) -> MixtureStatistics:
        return MixtureStatistics(
            self.law + other.law,
            self.log_likelihood + other.log_likelihood,
            self.fit + other.fit,
            self.noise + other.noise,
        )

    def scaled(self, factor: float) -> MixtureStatistics:
        """All sums times a factor."""
        return MixtureStatistics(
            self.law.scaled(factor),
            factor * self.log_likelihood,
            factor * self.fit,
            factor * self.noise,
        )


@dataclass(frozen=True, eq=False)
class Ready:
    """What the blocks share: the law's kernel with log weights, and the bound taken off (None: each row's maximum).
    `noisy` are the params where one more component is noise."""

    kernel: Any
    bound: float | None
    draw: Draw | None = None
    noisy: NoisyMixtureParams | None = None


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
        """Weights, known labels and labels to compare with, and what the law asks for."""
        own = () if self.law is None else self.law.roles
        return (Role.WEIGHT, Role.LABEL, Role.TRUTH, *own)

    @property
    def holdable(self) -> tuple[str, ...]:
        """The weights, and what the law can hold."""
        return ("weights", *(() if self.law is None else self.law.holdable))

    def with_law(self, law: Law) -> Mixture:
        """The mixture of another law."""
        return Mixture(law)

    def ascent(self, data: MixtureData) -> Ascent:
        if data.settings.assignment == "stochastic":
            return Ascent.NONE
        return self._law.ascent(data.law_settings)

    def invariance(self, data: MixtureData) -> Invariance:
        return self._law.invariance(data.law_settings)

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
        with np.errstate(divide="ignore"):
            log_weights = np.log(shares(params))
        noisy = params if isinstance(params, NoisyMixtureParams) else None
        peaks = self._law.log_peak(params.law, data.constants)
        if peaks is None or noisy is not None or data.settings.assignment != "soft":
            kernel = self._law.kernel(params.law, log_weights, data.constants)
            return Ready(kernel, None, draw, noisy)
        bound = float((peaks + log_weights).max())
        kernel = self._law.kernel(params.law, log_weights - bound, data.constants)
        return Ready(kernel, bound, draw)

    def expect(
        self, data: MixtureData, block: Block, ready: Ready, work: Workspace
    ) -> MixtureStatistics:
        law, constants = self._law, data.constants
        rows = slice(block.start, block.stop)
        features = law.features(data.encoded[:, rows], constants, work)
        groups, noisy = data.settings.components, ready.noisy
        logs = work.array("mixture.logs", groups + (noisy is not None), block.size)
        law.log_density(features, ready.kernel, logs[:groups], work)
        if noisy is not None:
            logs[groups] = log_noise(noisy, data.missing_of(rows))
        keep_known(logs, data.known_of(rows))
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
        noise = 0.0 if noisy is None else float(members[groups].sum())
        return MixtureStatistics(sums, log_likelihood, fit, noise)

    def maximise(
        self, data: MixtureData, statistics: MixtureStatistics, params: MixtureParams
    ) -> MixtureParams:
        counts = statistics.law.counts
        weights = best_weights(data, counts, params.weights)
        law = self._law.maximise(statistics.law, params.law, data.constants)
        if not isinstance(params, NoisyMixtureParams):
            return MixtureParams(weights, law)
        share = np.array(statistics.noise / (statistics.noise + counts.sum()))
        return replace(params, weights=weights, law=law, noise=share)

    def log_prior(self, data: MixtureData, params: MixtureParams) -> float:
        return log_weight_prior(data, params.weights) + self._law.log_prior(
            params.law, data.constants
        )

    def free_parameters(self, data: MixtureData, params: MixtureParams) -> int:
        own = free_weights(data) + (data.noise is not None)
        return own + self._law.free_parameters(params.law, data.constants)

    def weaknesses(self, data: MixtureData, params: MixtureParams) -> tuple[Weakness, ...]:
        return self._law.weaknesses(params.law, data.constants)

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
        return replace(params, law=self._law.in_units(params.law, data.constants))

    def retract(self, data: MixtureData, params: MixtureParams) -> MixtureParams:
        weights = tied_weights(data, params.weights)
        law = self._law.retract(params.law, data.constants)
        made = replace(params, weights=weights, law=law)
        if not isinstance(made, NoisyMixtureParams) or data.noise is None:
            return made
        return replace(made, noise_low=data.noise.low, noise_sides=data.noise.sides)

    def quantities(self, data: MixtureData, params: MixtureParams) -> tuple[Quantity, ...]:
        shown = self.in_units(data, params)
        weights = Quantity("weights", say("quantity.weight"), ("component",), shown.weights)
        rows = Quantity("rows", say("quantity.rows"), ("component",), shares(shown) * data.size)
        own = self._law.quantities(shown.law, data.columns)
        if isinstance(shown, NoisyMixtureParams):
            found = np.array(float(shown.noise) * data.size)
            own = (*own, Quantity("noise_rows", say("quantity.noise_rows"), (), found))
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
        """Posterior probabilities of any used rows, whatever the assignment was while fitting."""
        law, constants = self._law, data.constants
        encoded = data.encoded[:, chosen]
        with np.errstate(divide="ignore"):
            kernel = law.kernel(params.law, np.log(shares(params)), constants)
        groups, has_noise = len(params.weights), isinstance(params, NoisyMixtureParams)
        logs = np.empty((groups + has_noise, encoded.shape[1]))
        law.log_density(law.features(encoded, constants, work), kernel, logs[:groups], work)
        if has_noise:
            logs[groups] = log_noise(params, data.missing_of(chosen))
        keep_known(logs, data.known_of(chosen))
        posterior(logs, None, None, work)
        return RowOutput(logs, np.argmax(logs, axis=0), has_noise)

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
        shown, count = self.in_units(data, params), len(places)
        groups = rng.choice(len(shown.weights), size=count, p=shown.weights)
        rows = self._law.simulate_at(
            data.encoded[:, places], params.law, data.constants, groups, rng
        )
        if isinstance(shown, NoisyMixtureParams):
            is_noise = rng.random(count) < noise_share(shown)
            rows = np.where(is_noise, noise_rows(shown, count, rng), rows)
            groups = np.where(is_noise, -1, groups)
        kind = Kind.COUNT if self._law.is_discrete() else Kind.CONTINUOUS
        pairs = list(zip(data.columns, rows, strict=True))
        drawn = _in_words_of(data.dataset, from_arrays(say("data.simulated"), pairs, kind))
        numbers = data.row_numbers[places]
        beside = [data.dataset.column(name) for name in data.given_names]
        kept = [replace(c, values=c.values[numbers], as_read={}) for c in beside]
        return replace(drawn, columns=(*drawn.columns, *kept)), groups + 1


def _in_words_of(dataset: Dataset, drawn: Dataset) -> Dataset:
    """Drawn rows whose text columns have the words that their codes stand for."""
    columns = []
    for column in drawn.columns:
        own = dataset.column(column.name)
        if own.categories:
            column = replace(column, kind=own.kind, categories=own.categories)
        columns.append(column)
    return replace(drawn, columns=tuple(columns))
