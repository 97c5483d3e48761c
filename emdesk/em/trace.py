"""What a run leaves behind: every objective, and the params of its iterations within a budget."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.acceleration import scheme_of
from emdesk.em.control import RunControl
from emdesk.em.engine import Iteration, iterate
from emdesk.em.reduce import Sweeper
from emdesk.model.family import Family
from emdesk.model.params import nbytes, permuted

BUDGET = 256 * 2**20


class Trace:
    """The iterations of one run, grown by one thread and read by others.

    Objectives and times are all kept. Params are kept until they pass the budget, then thinned to a log-spaced set
    (early iterations move most); any other one is replayed from the nearest kept before it at which a run can be
    taken up again: each one of plain EM, those where memory begins anew for an accelerated run.
    """

    def __init__(
        self,
        budget: int = BUDGET,
        accelerate: str = "none",
        seeds: tuple[int, int] | None = None,
    ) -> None:
        self.accelerate = accelerate
        self.seeds = seeds
        self._is_finished = False
        self.objectives: list[float] = []
        self.log_likelihoods: list[float] = []
        self.seconds: list[float] = []
        self.evaluations: list[float] = []
        self._params: dict[int, Any] = {}
        self._pinned: set[int] = {0}
        self._budget = budget
        self._each = 0
        self._density = 0

    def record(self, iteration: Iteration) -> None:
        self._params[iteration.index] = iteration.params
        self.log_likelihoods.append(iteration.log_likelihood)
        self.seconds.append(iteration.seconds)
        self.evaluations.append(iteration.evaluations)
        self.objectives.append(
            iteration.objective
        )  # last: a reader's length counts whole iterations
        if not self._each:
            self._each = max(1, nbytes(iteration.params))
        if len(self._params) * self._each > self._budget:
            self._thin()

    @classmethod
    def restored(
        cls,
        objectives: Sequence[float],
        log_likelihoods: Sequence[float],
        seconds: Sequence[float],
        evaluations: Sequence[float],
        params: Mapping[int, Any],
        accelerate: str = "none",
        is_finished: bool = False,
        seeds: tuple[int, int] | None = None,
    ) -> Trace:
        """A trace as it was saved; `params` holds those of some iterations, the first and the last among them."""
        made = cls(accelerate=accelerate, seeds=seeds)
        made._is_finished = is_finished
        made.log_likelihoods = list(log_likelihoods)
        made.seconds = list(seconds)
        made.evaluations = list(evaluations)
        made._params = dict(params)
        made._pinned |= set(params)
        made.objectives = list(objectives)
        return made

    def __len__(self) -> int:
        return len(self.objectives)

    @property
    def last(self) -> int:
        """The index of the newest iteration."""
        return len(self.objectives) - 1

    @property
    def last_params(self) -> Any:
        return self._params[self.last]

    @property
    def is_plain(self) -> bool:
        """Whether every iteration is one EM step, as Aitken's estimate of the limit supposes."""
        return self.accelerate == "none" and not self._is_finished

    def finish_with(self, iteration: Iteration) -> None:
        """Record a last iteration that is no step of EM."""
        self.record(iteration)
        self.pin(iteration.index)
        self._is_finished = True

    def pin(self, index: int) -> None:
        """Never thin this iteration away."""
        self._pinned.add(index)

    def kept(self) -> Iterator[int]:
        """The iterations whose params are in memory."""
        return iter(sorted(self._params))

    def params_at(
        self,
        index: int,
        family: Family,
        data: Any,
        sweeper: Sweeper,
        control: RunControl | None = None,
    ) -> Any:
        """The params of one iteration, replayed from the nearest kept one before it if it was thinned away."""
        found = self._params.get(index)
        if found is not None:
            return found
        scheme = scheme_of(self.accelerate)
        indices = sorted(i for i in self._params if i % scheme.period == 0)
        nearest = indices[bisect.bisect_right(indices, index) - 1]
        run = iterate(
            family,
            data,
            self._params[nearest],
            control or RunControl(),
            sweeper,
            first=nearest,
            scheme=scheme,
            seeds=self.seeds,
        )
        for iteration in run:
            if iteration.index == index:
                return iteration.params
        raise AssertionError("iterate ended by itself")

    def params_if_kept(self, index: int) -> Any | None:
        return self._params.get(index)

    def drop_all_but_ends(self) -> None:
        """Keep the first and the last params only: a start that was not chosen."""
        self._params = {i: self._params[i] for i in {0, self.last}}

    def permute(self, axis: str, order: NDArray[np.intp]) -> None:
        """Number the groups of every iteration in another order."""
        self._params = {i: permuted(p, axis, order) for i, p in self._params.items()}

    def _thin(self) -> None:
        """Halve the kept set: iteration i is kept if it is a multiple of the power of two below i / density, so that
        gaps grow with i and what an earlier thinning dropped is never asked for by a later one."""
        if not self._density:
            self._density = 1 << self.last.bit_length()
        while 2 * len(self._params) * self._each > self._budget and self._density > 1:
            self._density //= 2
            self._keep_spaced()
        self._keep_spaced()

    def _keep_spaced(self) -> None:
        keep = self._pinned | {self.last}
        self._params = {i: p for i, p in self._params.items() if i in keep or self._is_spaced(i)}

    def _is_spaced(self, index: int) -> bool:
        octave = max(0, (index // self._density).bit_length() - 1)
        return index % (1 << octave) == 0
