"""Hidden Markov: every row belongs to a hidden state, and the state of the next row depends on it.

When to use it
    Rows in an order, such as years or answers, that stay in one regime for a while and then move to another.

When not
    Rows in no order: a mixture says the same with fewer parameters.

A row of a series is drawn by the law of its state; series are independent of each other. Rows with missing values
are steps about which nothing is known: the chain moves on through them.

Sources
    Baum, Petrie, Soules and Weiss (1970), Ann. Math. Statist. 41, 164-171; Rabiner (1989), Proc. IEEE 77, 257-286.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import Block, Cut, Draw, Request, RowOutput, Start
from emdesk.model.law import Ascent, Invariance, Law, Quantity, Weakness, Workspace
from emdesk.model.marks import Picture, View
from emdesk.model.needs import Role
from emdesk.model.plain_family import PlainFamily
from emdesk.texts import declare, say
from tests.families import hidden_markov_pictures as pictures
from tests.families import hidden_markov_starts as starts
from tests.families.chains import Smoothed, padded, smooth
from tests.families.hidden_markov_data import (
    HiddenMarkovParams,
    HiddenMarkovSettings,
    Series,
    prepare,
)

F64 = NDArray[np.float64]
BLOCK_STEPS = 4096
SHARE = 0.05
"""A state rests on the rows whose probability is at least this share of its largest."""
TEXTS = {
    "markov.thin": "state {group} rests on {distinct} distinct rows; a state needs {least}",
    "markov.next": "Next is {state}",
    "markov.stay": "Mean stay",
    "markov.first": "First",
    "markov.rows": "Rows",
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class HiddenMarkovStatistics:
    """Expected first states (K,), moves (K, K), the law's sums, and what the params that made them reach."""

    first: F64
    moves: F64
    law: Any
    log_likelihood: float

    @property
    def fit(self) -> float:
        return self.log_likelihood

    def __add__(self, other: Self) -> HiddenMarkovStatistics:
        return HiddenMarkovStatistics(
            self.first + other.first,
            self.moves + other.moves,
            self.law + other.law,
            self.log_likelihood + other.log_likelihood,
        )

    def scaled(self, factor: float) -> HiddenMarkovStatistics:
        """All sums times a factor."""
        return HiddenMarkovStatistics(
            factor * self.first,
            factor * self.moves,
            self.law.scaled(factor),
            factor * self.log_likelihood,
        )


@dataclass(frozen=True, eq=False)
class Ready:
    """What the blocks share: the params and the law's kernel."""

    params: HiddenMarkovParams
    kernel: Any


class HiddenMarkov(PlainFamily):
    """A hidden Markov chain over one law."""

    id: ClassVar[str] = "hidden-markov"
    label: ClassVar[str] = "Hidden Markov"
    Settings: ClassVar[type] = HiddenMarkovSettings
    cut: ClassVar[Cut] = Cut.SEQUENCES
    takes_law: ClassVar[bool] = True
    roles: ClassVar[tuple[Role, ...]] = (Role.SEQUENCE, Role.TIME)
    labels_rows: ClassVar[bool] = True
    group_axis: ClassVar[str] = "state"

    def __init__(self, law: Law | None = None) -> None:
        self.law = law

    @property
    def _law(self) -> Law:
        assert self.law is not None, "the catalogue hands the law in"
        return self.law

    def with_law(self, law: Law) -> HiddenMarkov:
        """The hidden Markov model of another law."""
        return HiddenMarkov(law)

    def ascent(self, data: Series) -> Ascent:
        return self._law.ascent(data.law_settings)

    def invariance(self, data: Series) -> Invariance:
        return replace(self._law.invariance(data.law_settings), row_order=data.has_time)

    def start_methods(self) -> tuple[str, ...]:
        return starts.METHODS

    def prepare(self, dataset: Dataset, request: Request) -> Series:
        return prepare(dataset, request, self._law)

    def blocks(self, data: Series) -> Sequence[Block]:
        """Whole series, put together until a block has some thousand steps."""
        edges = [0]
        for series in range(len(data.lengths)):
            if (
                data.firsts[series + 1] - data.firsts[edges[-1]] > BLOCK_STEPS
                and series > edges[-1]
            ):
                edges.append(series)
        edges.append(len(data.lengths))
        return [Block(i, a, b) for i, (a, b) in enumerate(itertools.pairwise(edges))]

    def schedule(self, data: Series) -> Sequence[Sequence[int]]:
        return [range(len(self.blocks(data)))]

    def start(self, data: Series, how: Start, rng: np.random.Generator) -> HiddenMarkovParams:
        return starts.start(data, self._law, how, rng)

    def ready(self, data: Series, params: HiddenMarkovParams, draw: Draw | None = None) -> Ready:
        groups = len(params.initial)
        return Ready(params, self._law.kernel(params.law, np.zeros(groups), data.constants))

    def expect(
        self, data: Series, block: Block, ready: Ready, work: Workspace
    ) -> HiddenMarkovStatistics:
        features, smoothed, members = self._smoothed(data, block, ready, work)
        sums = self._law.statistics(features, members, ready.kernel, data.constants, work)
        return HiddenMarkovStatistics(
            smoothed.states[0].sum(axis=0), smoothed.moves, sums, smoothed.log_likelihood
        )

    def _smoothed(
        self, data: Series, block: Block, ready: Ready, work: Workspace
    ) -> tuple[Any, Smoothed, F64]:
        """The law's features, the chains of a block, and the probabilities (K, m) of the rows that are seen."""
        steps = data.steps(block)
        seen, groups = data.seen[steps], len(ready.params.initial)
        features = self._law.features(data.encoded[:, steps], data.constants, work)
        logs = np.empty((groups, len(seen)))
        self._law.log_density(features, ready.kernel, logs, work)
        logs[:, ~seen] = 0.0
        place, real = padded(data.lengths[block.start : block.stop])
        laid_out = logs.T[place]
        laid_out[~real] = 0.0
        smoothed = smooth(ready.params.initial, ready.params.transitions, laid_out, real)
        members = np.empty_like(logs)
        members.T[place[real]] = smoothed.states[real]
        return features, smoothed, np.where(seen, members, 0.0)

    def maximise(
        self, data: Series, statistics: HiddenMarkovStatistics, params: HiddenMarkovParams
    ) -> HiddenMarkovParams:
        left = statistics.moves.sum(axis=1, keepdims=True)
        # a state that is never left keeps its row: nothing is known about it
        transitions = np.where(
            left > 0, statistics.moves / np.where(left > 0, left, 1.0), params.transitions
        )
        return HiddenMarkovParams(
            statistics.first / statistics.first.sum(),
            transitions,
            self._law.maximise(statistics.law, params.law, data.constants),
        )

    def expected(
        self, data: Series, statistics: HiddenMarkovStatistics, params: HiddenMarkovParams
    ) -> float | None:
        of_law = self._law.expected(statistics.law, params.law, data.constants)
        if of_law is None:
            return None
        first = statistics.first @ np.log(np.maximum(params.initial, 1e-300))
        moves = (statistics.moves * np.log(np.maximum(params.transitions, 1e-300))).sum()
        return float(first + moves + of_law.sum())

    def log_prior(self, data: Series, params: HiddenMarkovParams) -> float:
        return self._law.log_prior(params.law, data.constants)

    def free_parameters(self, data: Series, params: HiddenMarkovParams) -> int:
        groups = len(params.initial)
        return (groups + 1) * (groups - 1) + self._law.free_parameters(params.law, data.constants)

    def weaknesses(self, data: Series, params: HiddenMarkovParams) -> tuple[Weakness, ...]:
        return self._law.weaknesses(params.law, data.constants)

    def thin_groups(self, data: Series, params: HiddenMarkovParams) -> tuple[Weakness, ...]:
        least = self._law.least_distinct_rows(data.constants)
        probabilities = self._probabilities(data, params)
        rows = data.encoded[:, data.seen]
        weak = []
        for k, of_state in enumerate(probabilities):
            chosen = rows[:, of_state >= SHARE * max(of_state.max(), 1e-300)]
            distinct = np.unique(chosen, axis=1).shape[1]
            if distinct < least:
                values = {"distinct": distinct, "least": least}
                weak.append(Weakness(k, "few-rows", TEXTS["markov.thin"], values))
        return tuple(weak)

    def order(self, data: Series, params: HiddenMarkovParams) -> NDArray[np.intp]:
        means, _ = self._law.moments(self._law.in_units(params.law, data.constants))
        return np.argsort(means[:, 0], kind="stable")

    def in_units(self, data: Series, params: HiddenMarkovParams) -> HiddenMarkovParams:
        return replace(params, law=self._law.in_units(params.law, data.constants))

    def retract(self, data: Series, params: HiddenMarkovParams) -> HiddenMarkovParams:
        return replace(params, law=self._law.retract(params.law, data.constants))

    def quantities(self, data: Series, params: HiddenMarkovParams) -> tuple[Quantity, ...]:
        shown = self.in_units(data, params)
        stay = 1 / np.maximum(1 - np.diagonal(params.transitions), 1e-300)
        rows = self._probabilities(data, params).sum(axis=1)
        of_law = (
            replace(q, axes=tuple("state" if a == "component" else a for a in q.axes))
            for q in self._law.quantities(shown.law, data.columns)
        )
        following = (
            Quantity(f"next {j + 1}", say("markov.next", state=j + 1), ("state",), shares)
            for j, shares in enumerate(params.transitions.T)
        )
        return (
            *of_law,
            Quantity("rows", say("markov.rows"), ("state",), rows),
            Quantity("initial", say("markov.first"), ("state",), params.initial),
            *following,
            Quantity("stay", say("markov.stay"), ("state",), stay),
        )

    def rows(
        self, data: Series, block: Block, params: HiddenMarkovParams, work: Workspace
    ) -> RowOutput:
        _, _, members = self._smoothed(data, block, self.ready(data, params), work)
        probabilities = members[:, data.seen[data.steps(block)]]
        return RowOutput(probabilities, np.argmax(probabilities, axis=0))

    def _probabilities(self, data: Series, params: HiddenMarkovParams) -> F64:
        """(K, n) of all rows, in the order of the blocks."""
        work = Workspace()
        parts = [self.rows(data, b, params, work).probabilities for b in self.blocks(data)]
        return np.concatenate(parts, axis=1)

    def picture(self, data: Series, params: HiddenMarkovParams | None, view: View) -> Picture:
        shown = None if params is None else self.in_units(data, params)
        probabilities = None if params is None else self._probabilities(data, params)
        return pictures.picture(data, self._law, shown, probabilities, view)

    def simulate(
        self, data: Series, params: HiddenMarkovParams, rng: np.random.Generator
    ) -> Dataset:
        """Series of the same lengths and times; rows that were missing are there."""
        shown = self.in_units(data, params)
        states = np.empty(len(data.seen), dtype=np.intp)
        moves, first = np.cumsum(shown.transitions, axis=1), np.cumsum(shown.initial)
        draws = rng.random(len(states))
        begins = set(data.firsts[:-1].tolist())
        most = len(first) - 1
        for t, draw in enumerate(draws):
            row = first if t in begins else moves[states[t - 1]]
            states[t] = min(int(np.searchsorted(row, draw, side="right")), most)
        rows = self._law.simulate(shown.law, states, rng)
        kind = Kind.COUNT if self._law.is_discrete() else Kind.CONTINUOUS
        made = [Column(n, kind, r) for n, r in zip(data.columns, rows, strict=True)]
        for names in data.roles.values():
            for name in names:
                column = data.dataset.column(name)
                made.append(replace(column, values=column.values[data.rows_of_file], as_read={}))
        return Dataset(tuple(made), say("data.simulated"))


FAMILY = HiddenMarkov()
