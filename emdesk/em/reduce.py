"""One sum over blocks, by threads: the same bits for any number of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from emdesk.em.control import RunControl
from emdesk.model.family import Block, Draw, Family
from emdesk.model.law import Workspace


def processors() -> int:
    """The processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _SingleBlas:
    """BLAS at one thread while anyone sweeps. The limit belongs to the process, so the first sweeper sets it and only
    the last one lifts it: one that ends must not give the others' threads a BLAS of several threads each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._limits: Any = None

    def take(self) -> None:
        from threadpoolctl import threadpool_limits

        with self._lock:
            self._users += 1
            if self._users == 1:
                self._limits = threadpool_limits(1, user_api="blas")

    def give_back(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._limits.restore_original_limits()
                self._limits = None


_single_blas = _SingleBlas()


class Sweeper:
    """Worker threads with their buffers. As a context manager it keeps BLAS at one thread for each of them.

    Partial sums are added in block order, and the blocks never depend on the number of threads.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or min(8, processors())
        self._own = threading.local()
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        _single_blas.take()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None
        _single_blas.give_back()

    def workspace(self) -> Workspace:
        """The buffers of the calling thread."""
        if not hasattr(self._own, "work"):
            self._own.work = Workspace()
        work: Workspace = self._own.work
        return work

    def sweep(
        self,
        family: Family,
        data: Any,
        params: Any,
        blocks: Sequence[Block],
        control: RunControl,
        draw: Draw | None = None,
    ) -> Any:
        """The Statistics of all `blocks` under `params`; `control` is asked between blocks."""
        ready = family.ready(data, params, draw)

        def expect(block: Block) -> Any:
            return family.expect(data, block, ready, self.workspace())

        parts = self.each(expect, blocks, control)
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def each(
        self, work: Callable[[Block], Any], blocks: Sequence[Block], control: RunControl
    ) -> list[Any]:
        """`work` of every block, in block order."""
        control.checkpoint()
        if self.threads == 1 or len(blocks) == 1:
            answers = []
            for block in blocks:
                control.checkpoint()
                answers.append(work(block))
            return answers
        return self._shared(work, blocks, control)

    def _shared(
        self, work: Callable[[Block], Any], blocks: Sequence[Block], control: RunControl
    ) -> list[Any]:
        answers: list[Any] = [None] * len(blocks)
        waiting = iter(range(len(blocks)))
        lock = threading.Lock()

        def drain() -> None:
            while True:
                with lock:
                    position = next(waiting, None)
                if position is None:
                    return
                control.checkpoint()
                answers[position] = work(blocks[position])

        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads - 1, thread_name_prefix="emdesk-sweep")
        helpers = [self._pool.submit(drain) for _ in range(min(self.threads, len(blocks)) - 1)]
        try:
            drain()
        finally:
            for helper in helpers:
                helper.exception()
        for helper in helpers:
            helper.result()
        return answers
