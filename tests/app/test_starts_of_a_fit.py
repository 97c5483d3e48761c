"""What is said, shown, opened and exported of the starts of a fit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.exporting import GIVEN_UP, export, start_rows
from emdesk.app.model_spec import new_spec
from emdesk.app.observatory import (
    Fate,
    StartCurve,
    curves_of,
    ends,
    live_curves,
    thinned_curves,
    window_of,
)
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.restart_verdict import Trust, details, headline, sameness, trust, verdict_of
from emdesk.app.result_object import result_object
from emdesk.app.samples import sample, sample_dataset, sample_spec
from emdesk.app.session import FitResult, fit
from emdesk.app.shown import Live
from emdesk.app.state import DESK_VIEW, AppState, Page, Phase
from emdesk.em.optima import Optima
from emdesk.model.dataset import from_arrays


def fitted(**settings: object) -> FitResult:
    book = catalogue()
    chosen = sample("iris")
    spec = sample_spec(chosen, book)
    for name, value in settings.items():
        spec = spec.with_setting(name, value)
    return fit(sample_dataset(chosen), spec, book, threads=1)


@pytest.fixture(scope="module")
def result() -> FitResult:
    """Twenty random starts of three full components on iris: several optima, some collapsed."""
    return fitted(components=3, covariance="VVV", start="random-rows", starts=20, finish=20, seed=5)


def test_iris_is_replicated_at_its_published_optimum_and_spurious_ones_come_last(
    result: FitResult,
) -> None:
    optima = result.optima()
    assert optima.best is not None
    assert optima.best.objective == pytest.approx(-180.1854, abs=1e-3)
    assert optima.best.count > 1 and optima.is_replicated
    assert len(optima.sound) > 2 and optima.set_aside
    assert max(o.objective for o in optima.set_aside) > optima.best.objective
    assert [o.is_sound for o in optima.found] == sorted(o.is_sound for o in optima.found)[::-1]
    falling = [o.objective for o in optima.sound]
    assert falling == sorted(falling, reverse=True)
    assert sum(o.count for o in optima.found) == optima.ended == 20


def test_the_optima_are_gathered_once(result: FitResult) -> None:
    assert result.optima() is result.optima()
    assert result.diversity() is result.diversity()


def test_random_rows_begin_in_different_places_and_it_is_measured(result: FitResult) -> None:
    diversity = result.diversity()
    assert diversity is not None
    assert diversity.is_well_spread and not diversity.is_alike
    assert diversity.distinct == diversity.compared == 12


def test_a_single_start_has_no_diversity_and_nothing_to_compare_with() -> None:
    single = fitted(components=2, starts=1)
    assert single.diversity() is None
    assert trust(single.optima()) is Trust.SINGLE
    assert "nothing yet to compare" in headline(single.optima())


# ---------------------------------------------------------------- the sentences


def test_the_headline_says_how_many_starts_reach_what(result: FitResult) -> None:
    optima = result.optima()
    assert optima.best is not None
    assert headline(optima) == (
        f"Replicated: {optima.best.count} of 20 starts reach −180.19, the best sound optimum."
    )
    told = details(optima)
    assert f"{len(optima.sound)} distinct optima, {optima.found_once} found once." in told
    assert "None better since start" in told and "% chance of a new one." in told
    assert "set aside." in told


def test_none_found_once_is_no_chance_of_nothing(result: FitResult) -> None:
    best = result.optima().best
    assert best is not None
    few = replace(best, starts=tuple(range(5)), distinct_starts=5)
    assert "below 20 % chance" in details(Optima((few,), 5, 5, 0.02, 0.1))
    chosen = details(Optima((few,), 10, 5, 0.02, 0.1))
    assert "Another start run to its end: below 20 %" in chosen and "5 starts were given" in chosen


def test_an_optimum_found_once_names_its_start(result: FitResult) -> None:
    best = result.optima().best
    assert best is not None
    alone = Optima((replace(best, starts=(7,), distinct_starts=1),), 10, 5, 0.02, 0.1)
    assert trust(alone) is Trust.FOUND_ONCE
    assert headline(alone).startswith("Found once: start 8 of 10 alone")


def test_starts_from_one_place_are_called_found_once(result: FitResult) -> None:
    best = result.optima().best
    assert best is not None
    twins = Optima((replace(best, starts=(0, 1, 2), distinct_starts=1),), 3, 3, 0.02, 0.1)
    assert trust(twins) is Trust.FOUND_ONCE and "began at the same place" in headline(twins)


def test_the_iteration_limit_is_never_called_replicated() -> None:
    cut_short = fitted(components=3, starts=5, finish=5, max_iterations=4)
    assert trust(cut_short.optima()) is Trust.AT_LIMIT
    assert headline(cut_short.optima()).startswith("Iteration limit")
    first = cut_short.optima().found[0]
    assert verdict_of(cut_short.optima(), first).endswith("at the iteration limit")


def test_a_fit_in_which_everything_collapsed_has_no_best() -> None:
    rows = np.repeat([[0.0, 0.0], [1.0, 1.0], [5.0, 2.0]], 10, axis=0)
    dataset = from_arrays("three places", [("x", rows[:, 0]), ("y", rows[:, 1])])
    spec = replace(new_spec(catalogue()), columns=("x", "y")).with_setting("components", 3)
    nothing = fit(dataset, spec, catalogue(), threads=1)
    assert not nothing.is_sound
    assert trust(nothing.optima()) is Trust.NOTHING_SOUND
    assert nothing.optima().best is None


def test_the_rule_of_sameness_is_stated_with_its_numbers(result: FitResult) -> None:
    assert "at most 0.02" in sameness(result.optima()) and "0.10" in sameness(None)


# ---------------------------------------------------------------- another start


def other_start(result: FitResult) -> int:
    return result.optima().sound[1].starts[0]


def test_another_start_can_be_made_the_result_and_says_so(result: FitResult) -> None:
    other = result.of_start(other_start(result))
    assert other.log_likelihood == pytest.approx(result.optima().sound[1].log_likelihood)
    assert other.is_start_by_hand and not result.is_start_by_hand
    assert "opened by hand" in other.stop_sentence
    assert any("−180.19" in sentence for sentence in other.warnings())
    assert other.optima().best is not None
    assert other.of_start(result.best.index).is_start_by_hand is False


def test_the_groups_of_another_start_are_numbered_like_those_of_the_result(
    result: FitResult,
) -> None:
    other = result.of_start(other_start(result))
    shown = result.family.in_units(result.data, result.params).law.means
    theirs = other.family.in_units(other.data, other.params).law.means
    gaps = ((shown[:, None] - theirs[None]) ** 2).sum(axis=2)
    assert np.trace(gaps) <= gaps[[0, 1, 2], [1, 2, 0]].sum()
    assert np.trace(gaps) <= gaps[[0, 1, 2], [1, 0, 2]].sum()


def test_every_iteration_of_another_start_can_be_looked_at(result: FitResult) -> None:
    other = result.of_start(other_start(result))
    middle = other.trace.last // 2
    again = other.params_at(middle)
    assert np.all(np.isfinite(again.law.means))


def test_a_project_keeps_which_start_was_opened(result: FitResult, tmp_path: Path) -> None:
    other = result.of_start(other_start(result))
    path = tmp_path / "iris.emdesk"
    save_project(path, Project(other.dataset, other.spec, other))
    opened = open_project(path, catalogue()).result
    assert opened is not None and opened.is_start_by_hand
    assert opened.best.index == other.best.index
    assert [o.starts for o in opened.optima().found] == [o.starts for o in other.optima().found]


def test_opening_a_start_leads_to_the_desk(result: FitResult) -> None:
    state = AppState(
        catalogue(), page=Page.DESK, view_name="starts", phase=Phase.DONE, result=result, cursor=3
    )
    opened = commands.open_start(state, other_start(result))
    assert opened.view_name == DESK_VIEW and opened.cursor is None
    assert opened.result is not None and opened.result.best.index == other_start(result)
    running = replace(state, phase=Phase.RUNNING)
    assert commands.open_start(running, other_start(result)) is running


# ---------------------------------------------------------------- export


def test_the_object_lists_the_optima_and_the_doubt(result: FitResult) -> None:
    made = result_object(result)
    assert made["starts"] == 20 and made["replicated"] is True
    assert 0 <= made["unseen_chance"] < 1
    assert made["optima"][0]["objective"] == pytest.approx(-180.1854, abs=1e-3)
    assert made["optima"][0]["sound"] is True and made["optima"][0]["reason"] is None
    assert made["optima"][-1]["sound"] is False and made["optima"][-1]["reason"] == "floor"
    assert set(made["optima"][0]) == {
        "objective", "log_likelihood", "count", "sound", "reason", "iterations", "smallest_group",
    }  # fmt: skip
    assert "start_by_hand" not in made
    other = result_object(result.of_start(other_start(result)))
    assert other["start_by_hand"] is True and other["start"] == other_start(result) + 1


def test_every_start_is_a_row_of_the_export(result: FitResult, tmp_path: Path) -> None:
    header, rows = start_rows(result)
    table = [dict(zip(header, row, strict=True)) for row in rows]
    assert [row["start"] for row in table] == list(range(1, 21))
    best = table[result.best.index]
    assert best["optimum"] == 1 and best["verdict"] == "sound" and best["stop"] == "converged"
    aside = [row for row in table if row["verdict"] == "set aside"]
    assert aside and all(row["reason"] for row in aside)
    export(result, tmp_path)
    assert (tmp_path / "starts.csv").read_text("utf-8").splitlines()[0].startswith("start,method")
    assert json.loads((tmp_path / "parameters.json").read_text("utf-8"))["replicated"] is True


def test_a_start_that_was_given_up_has_no_optimum() -> None:
    header, rows = start_rows(fitted(components=3, starts=10, finish=2))
    table = [dict(zip(header, row, strict=True)) for row in rows]
    given_up = [row for row in table if row["stop"] == GIVEN_UP]
    assert given_up and all(row["optimum"] == "" for row in given_up)


# ---------------------------------------------------------------- the picture


def test_every_start_has_a_curve_and_the_best_are_drawn_last(result: FitResult) -> None:
    curves = curves_of(result)
    assert sorted(c.start for c in curves) == list(range(20))
    assert curves[-1].fate is Fate.BEST
    best = result.optima().best
    assert best is not None and sum(c.fate is Fate.BEST for c in curves) == best.count
    aside = sum(o.count for o in result.optima().set_aside)
    assert len(ends(curves)[Fate.ASIDE]) == aside


def test_the_window_shows_the_sound_ends_and_not_the_collapsed_ones(result: FitResult) -> None:
    curves = curves_of(result)
    right, low, high = window_of(curves)
    sound = [c.end for c in curves if c.fate is not Fate.ASIDE]
    assert high == pytest.approx(max(sound)) and low <= min(sound)
    assert max(c.end for c in curves) > high
    assert right <= max(len(c.objectives) for c in curves)


def test_one_very_long_start_does_not_make_the_others_narrow() -> None:
    short = [StartCurve(i, np.linspace(-9, -1, 20), Fate.SOUND) for i in range(20)]
    long = StartCurve(20, np.linspace(-9, -1, 5000), Fate.SOUND)
    right, _, _ = window_of([*short, long])
    assert right < 60


def test_of_very_many_curves_the_lowest_are_left_out() -> None:
    curves = [StartCurve(i, np.array([-9.0, -float(i)]), Fate.SOUND) for i in range(500)]
    best = StartCurve(500, np.array([-9.0, 0.0]), Fate.BEST)
    drawn = thinned_curves([*curves, best], 100)
    assert len(drawn) == 100 and best in drawn
    assert min(c.end for c in drawn) > -100


def test_a_run_under_way_shows_its_present_start_last() -> None:
    live = Live(
        1, 3, 10, 1, np.array([-5.0, -4.0]), ((np.array([-9.0]), True), (np.array([7.0]), False))
    )
    curves = live_curves(live)
    assert [c.fate for c in curves] == [Fate.SOUND, Fate.ASIDE, Fate.RUNNING]
    assert curves[-1].start == 3
