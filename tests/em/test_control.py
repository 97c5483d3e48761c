"""Pause, step and stop answer at once, from any thread."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from emdesk.em.control import RunControl
from emdesk.errors import Cancelled
from tests.em.fakes import Hill, search

SOON = 10.0
"""Far more seconds than any wait of these tests takes."""


class Runner:
    """A worker that does iterations under a control and tells of each; nothing here waits by the clock."""

    def __init__(self, control: RunControl, pause_at: int | None) -> None:
        self.control, self.pause_at = control, pause_at
        self.done: queue.Queue[int] = queue.Queue()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        try:
            for count in range(1_000_000):
                self.control.checkpoint()
                if count == self.pause_at:
                    self.control.pause()
                self.done.put(count)
                self.control.iteration_done()
        except Cancelled:
            pass
        finally:
            self.ended.set()


@contextmanager
def running(control: RunControl, pause_at: int | None = None) -> Iterator[Runner]:
    runner = Runner(control, pause_at)
    runner.thread.start()
    try:
        yield runner
    finally:
        control.stop()
        runner.thread.join(SOON)
        assert not runner.thread.is_alive()


def test_a_paused_run_does_nothing_until_it_goes_on() -> None:
    control = RunControl()
    control.pause()
    with running(control) as runner:
        assert runner.done.empty()
        control.resume()
        assert runner.done.get(timeout=SOON) == 0


def test_a_step_lets_exactly_one_iteration_through() -> None:
    control = RunControl()
    control.pause()
    with running(control) as runner:
        for expected in range(3):
            control.step()
            assert runner.done.get(timeout=SOON) == expected
            assert runner.done.empty()


def test_steps_asked_for_in_a_row_are_all_done() -> None:
    control = RunControl()
    for _ in range(4):
        control.step()
    with running(control) as runner:
        assert [runner.done.get(timeout=SOON) for _ in range(4)] == [0, 1, 2, 3]
        assert runner.done.empty()


def test_a_pause_in_the_middle_of_a_run_holds_it_after_that_iteration() -> None:
    control = RunControl()
    with running(control, pause_at=2) as runner:
        assert [runner.done.get(timeout=SOON) for _ in range(3)] == [0, 1, 2]
        assert runner.done.empty()
        control.step()
        assert runner.done.get(timeout=SOON) == 3
        assert runner.done.empty()
        control.resume()
        assert runner.done.get(timeout=SOON) == 4


def test_stop_ends_a_paused_run() -> None:
    control = RunControl()
    control.pause()
    with running(control) as runner:
        control.stop()
        assert runner.ended.wait(SOON)
        assert control.is_stopped


def test_stop_ends_a_run_that_waits_for_its_pace() -> None:
    control = RunControl(seconds_per_iteration=3600.0)
    with running(control) as runner:
        runner.done.get(timeout=SOON)
        runner.done.get(timeout=SOON)
        control.stop()
        assert runner.ended.wait(SOON)


def test_a_changed_pace_takes_effect_at_once() -> None:
    control = RunControl(seconds_per_iteration=3600.0)
    with running(control) as runner:
        first = [runner.done.get(timeout=SOON) for _ in range(2)]
        control.set_pace(0.0)
        assert runner.done.get(timeout=SOON) == first[-1] + 1


def test_a_checkpoint_of_a_stopped_run_says_so_every_time() -> None:
    control = RunControl()
    control.checkpoint()
    control.stop()
    for _ in range(2):
        with pytest.raises(Cancelled):
            control.checkpoint()


def test_a_fit_stopped_in_the_middle_of_an_iteration_drops_it_and_keeps_the_last_whole_one() -> (
    None
):
    control = RunControl()
    count = itertools.count()

    def stop_in_the_fifth_sweep() -> None:
        if next(count) == 4 * 3 + 1:
            control.stop()

    hill = Hill(pieces=3, on_expect=stop_in_the_fifth_sweep)
    outcome = search(hill, control, tolerance=0.0)
    assert outcome.best.stop is not None and outcome.best.stop.value == "stopped"
    assert outcome.best.trace.last == 3
    assert outcome.best.trace.last_params.value == 1.0
    assert outcome.best.kept == 3
    assert "3" in outcome.best.sentence


def test_a_fit_stopped_before_its_first_iteration_has_no_result() -> None:
    control = RunControl()
    control.stop()
    with pytest.raises(Cancelled):
        search(Hill(), control)


def test_a_fit_stopped_from_another_thread_keeps_what_it_has() -> None:
    control = RunControl()
    reached = threading.Event()
    count = itertools.count()

    def tell() -> None:
        if next(count) == 10:
            reached.set()

    hill = Hill(move=lambda x: x, on_expect=tell)

    def stop_when_reached() -> None:
        reached.wait(SOON)
        control.stop()

    person = threading.Thread(target=stop_when_reached)
    person.start()
    outcome = search(hill, control, tolerance=0.0, max_iterations=10_000_000)
    person.join(SOON)
    assert outcome.best.stop is not None and outcome.best.stop.value == "stopped"
    assert outcome.best.trace.last >= 9
