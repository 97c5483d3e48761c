"""Work in a child process comes back whole, or its end is explained."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emdesk.errors import Cancelled, FileProblem
from emdesk.io.child import ChildFailure, read_in_child, run_in_child
from emdesk.io.dialect import ImportOptions
from emdesk.io.readers import read
from tests.io.conftest import Put

Report = Callable[[float], None]


def die(report: Report) -> None:
    os._exit(7)


def wait_for_ever(report: Report) -> None:
    report(0.5)
    threading.Event().wait()


def take_memory(size: int, report: Report) -> int:
    return int(np.ones(size, dtype=np.uint8).sum())


def stumble(report: Report) -> None:
    raise ZeroDivisionError("by nought")


def test_a_file_read_in_a_child_is_the_same_file(put: Put) -> None:
    path = put("x,name\n" + "1.5,ann\nNA,bob\noops,ann\n" * 10 + "2,bob\n" * 500)
    seen: list[float] = []
    there = read_in_child(path, progress=seen.append)
    here = read(path)
    assert seen[-1] == 1.0
    assert there.refused == here.refused and there.notes == here.notes
    assert there.dialect == here.dialect and there.lines == here.lines
    for one, other in zip(there.dataset.columns, here.dataset.columns, strict=True):
        assert np.array_equal(one.values, other.values, equal_nan=True)
        assert (one.name, one.kind, one.categories) == (other.name, other.kind, other.categories)
        assert one.as_read == other.as_read


def test_a_refusal_crosses_the_border_with_all_its_parts(put: Put) -> None:
    path = put("a,b\n1,2\n3\n")
    with pytest.raises(FileProblem) as there:
        read_in_child(path, ImportOptions(delimiter=","))
    with pytest.raises(FileProblem) as here:
        read(path, ImportOptions(delimiter=","))
    assert there.value.sentence == here.value.sentence


def test_a_child_that_dies_is_a_problem_of_its_file() -> None:
    with pytest.raises(FileProblem, match="exit code 7") as caught:
        run_in_child(die, where="a.csv")
    assert caught.value.where == "a.csv"


def test_a_child_ends_when_it_is_cancelled() -> None:
    begun = threading.Event()
    asked: list[float] = []

    def cancelled() -> bool:
        if begun.is_set() and not asked:
            asked.append(time.monotonic())
        return begun.is_set()

    with pytest.raises(Cancelled):
        run_in_child(wait_for_ever, cancelled=cancelled, progress=lambda _: begun.set())
    assert time.monotonic() - asked[0] < 5


def test_a_child_ends_when_its_time_is_over() -> None:
    with pytest.raises(FileProblem, match=r"0\.5 s"):
        run_in_child(wait_for_ever, seconds=0.5)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no memory limit here")
def test_a_child_that_needs_too_much_memory_says_so() -> None:
    with pytest.raises(FileProblem, match="100 MB"):
        run_in_child(take_memory, (1 << 30,), memory=100 << 20)


def test_what_nobody_foresaw_comes_back_with_its_traceback() -> None:
    with pytest.raises(ChildFailure, match="by nought"):
        run_in_child(stumble)
