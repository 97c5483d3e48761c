"""One sum over blocks: the same bits for any number of threads, and never in the way of a stop."""

from __future__ import annotations

import threading

import pytest

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.errors import Cancelled
from emdesk.model.family import Block

BLOCKS = [Block(i, i, i + 1) for i in range(40)]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_answers_come_in_block_order(threads: int) -> None:
    with Sweeper(threads) as sweeper:
        assert sweeper.each(lambda b: b.index, BLOCKS, RunControl()) == list(range(40))


def test_several_threads_work_at_once() -> None:
    together = threading.Barrier(3, timeout=10)
    with Sweeper(3) as sweeper:
        sweeper.each(lambda b: together.wait(), BLOCKS[:3], RunControl())


@pytest.mark.parametrize("threads", [1, 3])
def test_a_failure_in_one_block_is_raised_and_no_thread_is_left_behind(threads: int) -> None:
    def work(block: Block) -> int:
        if block.index == 11:
            raise ArithmeticError("eleven")
        return block.index

    with Sweeper(threads) as sweeper, pytest.raises(ArithmeticError, match="eleven"):
        sweeper.each(work, BLOCKS, RunControl())
    assert not [t for t in threading.enumerate() if t.name.startswith("emdesk-sweep")]


@pytest.mark.parametrize("threads", [1, 3])
def test_a_stop_is_noticed_between_blocks(threads: int) -> None:
    control = RunControl()
    done: list[int] = []

    def work(block: Block) -> None:
        done.append(block.index)
        control.stop()

    with Sweeper(threads) as sweeper, pytest.raises(Cancelled):
        sweeper.each(work, BLOCKS, control)
    assert len(done) <= threads


def test_each_thread_has_buffers_of_its_own() -> None:
    seen: set[int] = set()
    together = threading.Barrier(2, timeout=10)
    with Sweeper(2) as sweeper:

        def work(block: Block) -> None:
            seen.add(id(sweeper.workspace()))
            together.wait()

        sweeper.each(work, BLOCKS[:2], RunControl())
    assert len(seen) == 2
