"""What a run tells, and looking through its iterations."""

from __future__ import annotations

from dataclasses import replace

from emdesk.app.column_summary import ColumnSummary
from emdesk.app.commands.looking import add_message
from emdesk.app.discriminant import Discriminant
from emdesk.app.identity import continued
from emdesk.app.session import FitResult
from emdesk.app.shown import Live, Outline, Shown
from emdesk.app.state import DESK_VIEW, AppState, Message, Page, Phase, Weight
from emdesk.texts import say
from emdesk.texts.numbers import whole

QUICK_SECONDS = 1.0
"""A fit that took less than this is over before it can be watched."""


def run_started(state: AppState) -> AppState:
    """A new run, with a new number, of what the form says now."""
    return replace(
        _afresh(state, Phase.RUNNING),
        run=state.run + 1,
        ran=state.setup,
        former=state.result or state.former,
        setup_problem=None,
    )


def result_opened(state: AppState, result: FitResult) -> AppState:
    """A fit that was made elsewhere stands on the desk, as if the form had just been run."""
    return replace(
        _afresh(state, Phase.DONE), run=state.run + 1, ran=state.setup, shown=None, result=result
    )


def without_fit(state: AppState) -> AppState:
    """Nothing was run yet."""
    return replace(_afresh(state, Phase.IDLE), ran=None, shown=None, former=None)


def _afresh(state: AppState, phase: Phase) -> AppState:
    """Nothing of the last fit is left, nor of what was looked at in it; its pictures stay until there are others."""
    return replace(
        state,
        phase=phase,
        live=None,
        result=None,
        failure=None,
        cursor=None,
        is_playing=False,
        is_quick_replay=False,
        went_on_from=0,
        chosen_group=None,
        audited=None,
        measuring=None,
    )


def went_on(state: AppState, before: int, clock: str = "") -> AppState:
    """The run that has begun goes on from a result after so many iterations; it says so in Messages."""
    what = say("message.went_on", iteration=whole(before))
    state = replace(state, went_on_from=before)
    return add_message(state, Message(say("message.fit"), what, clock=clock))


def set_phase(state: AppState, phase: Phase) -> AppState:
    """Paused, running on, or about to stop."""
    return replace(state, phase=phase) if state.is_busy else state


def run_advanced(state: AppState, live: Live) -> AppState:
    """The run has come to a newer iteration."""
    changed_start = state.live is not None and state.live.attempt != live.attempt
    cursor = None if changed_start or _beyond(state.cursor, live.iteration) else state.cursor
    return replace(state, live=live, cursor=cursor)


def _beyond(cursor: int | None, last: int) -> bool:
    return cursor is not None and cursor > last


def run_finished(state: AppState, result: FitResult, live: Live | None) -> AppState:
    """The run has ended with a result; what was looked at stays if it still exists."""
    same = state.live is not None and state.live.attempt == result.best.index
    cursor = state.cursor if same and not _beyond(state.cursor, result.trace.last) else None
    quick = (
        state.replays_quick_fits
        and not state.watch_pace
        and state.phase is Phase.RUNNING
        and state.page is Page.DESK
        and live is not None
        and live.seconds < QUICK_SECONDS
        and result.trace.last > 1
        and cursor is None
    )
    return replace(
        state,
        phase=Phase.DONE,
        result=continued(state.former, result),
        live=live or state.live,
        cursor=0 if quick else cursor,
        is_playing=quick,
        is_quick_replay=quick,
    )


def run_failed(state: AppState, message: Message) -> AppState:
    """The run could not begin, or ended in a named failure without a result."""
    state = replace(state, phase=Phase.FAILED, failure=message, live=state.live, cursor=None)
    return add_message(state, message)


def run_dropped(state: AppState) -> AppState:
    """The run was stopped before its first iteration, or its data were put away."""
    return replace(without_fit(state), shown=state.shown)


def keep_iteration(state: AppState) -> AppState:
    """Make the iteration that is looked at the result."""
    if state.result is None or state.is_busy or state.position is None:
        return state
    kept = state.result.keep(state.position)
    return replace(state, result=kept, cursor=state.position)


def open_start(state: AppState, start: int) -> AppState:
    """Make another start of the same fit the result, and look at it on the desk."""
    if state.result is None or state.is_busy:
        return state
    return replace(
        state,
        result=state.result.of_start(start),
        cursor=None,
        is_playing=False,
        is_quick_replay=False,
        chosen_group=None,
        view_name=DESK_VIEW,
    )


def scrub(state: AppState, iteration: int | None) -> AppState:
    """Look at an iteration; None, or the newest one while a run goes on, follows the run."""
    last = state.last_iteration
    if last is None:
        return state
    if iteration is not None:
        iteration = max(0, min(iteration, last))
        if state.is_busy and iteration == last:
            iteration = None
    return replace(state, cursor=iteration)


def play(state: AppState, playing: bool) -> AppState:
    """Begin or halt the replay; at the end it begins at the start."""
    if playing and state.position == state.last_iteration:
        state = replace(state, cursor=0)
    playing = playing and state.last_iteration is not None
    return replace(state, is_playing=playing, is_quick_replay=False)


def look_at(state: AppState, iteration: int | None) -> AppState:
    """Halt the replay and look at an iteration, or at the result or the live run."""
    return scrub(play(state, False), iteration)


def end_quick_replay(state: AppState) -> AppState:
    """Back from a replay that began by itself to the result."""
    return look_at(state, None) if state.is_quick_replay else state


def replay_quick_fits(state: AppState, on: bool) -> AppState:
    """Replay fits that were too quick to watch, once each."""
    return replace(state, replays_quick_fits=on)


def show(state: AppState, shown: Shown) -> AppState:
    """The pictures of an iteration are ready."""
    return replace(state, shown=shown)


def outlined(state: AppState, outline: Outline | None, problem: Message | None) -> AppState:
    """The model in the form was counted, or does not fit the data."""
    return replace(state, outline=outline, setup_problem=problem)


def summarised(state: AppState, summary: ColumnSummary) -> AppState:
    """The numbers about a column are ready."""
    return replace(state, summaries={**state.summaries, summary.name: summary})


def warn_of_result(state: AppState, clock: str = "") -> AppState:
    """Put what an analyst must know of the result into Messages."""
    if state.result is None:
        return state
    for sentence in state.result.warnings():
        state = add_message(
            state, Message(say("message.fit"), sentence, weight=Weight.WARN, clock=clock)
        )
    return state


def set_watch_pace(state: AppState, on: bool) -> AppState:
    """Run slowly enough to watch."""
    return replace(state, watch_pace=on)


def set_speed(state: AppState, speed: float) -> AppState:
    """How fast the replay goes."""
    return replace(state, speed=speed)


def judged(state: AppState, run: int, errors: Discriminant) -> AppState:
    """The errors of discriminant analysis of a run are known."""
    return replace(state, judged=(run, errors)) if run == state.run else state
