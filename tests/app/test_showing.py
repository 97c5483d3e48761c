"""What the panels are given: pictures, summaries, findings, the course of a fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emdesk.app import commands, showing
from emdesk.app.catalogue import catalogue
from emdesk.app.column_summary import summarise
from emdesk.app.course import Standing, course_of, verdict
from emdesk.app.doctor import Act, examine, rows_behind
from emdesk.app.model_spec import new_spec
from emdesk.app.showing import Moment, Prepared, ShowRequest
from emdesk.app.state import AppState
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.marks import Place, View
from tests.app.test_commands import done, some_data


def opened() -> AppState:
    return commands.open_dataset(AppState(catalogue()), some_data(), Path("some.csv"))


def test_everything_shown_of_an_iteration_belongs_to_the_same_params() -> None:
    result = done(opened()).result
    assert result is not None
    request = ShowRequest(
        run=1,
        number=1,
        prepared=Prepared(result.family, result.data),
        moment=Moment(result.best, 1),
        picture=View(Place.PICTURE),
        law=View(Place.LAW),
        wants_rows=True,
    )
    shown = showing.show(request)
    assert shown.log_likelihood == result.trace.log_likelihoods[1]
    assert shown.criteria is not None and shown.free_parameters == 11
    assert np.isclose(shown.criteria.aic, -2 * shown.log_likelihood + 2 * 11)
    assert shown.rows is not None and shown.rows.probabilities.shape == (2, 60)
    assert len(shown.picture.groups) == 2


def test_the_parameters_of_a_model_are_counted_before_it_is_run() -> None:
    state = opened()
    prepared = showing.prepare(state.setup, state.catalogue)
    outline = showing.count_parameters(state.setup, state.catalogue, prepared)
    assert state.spec is not None
    groups = int(state.spec.values()["components"])
    assert outline.free_parameters == groups * 6 - 1
    assert outline.rows_used == 60


def test_a_summary_has_the_statistics_of_the_cells_that_are_there() -> None:
    values = np.array([1.0, 2.0, 2.0, np.nan, 10.0])
    summary = summarise(Column("x", Kind.CONTINUOUS, values))
    seen = values[~np.isnan(values)]
    assert summary.missing == 1 and summary.distinct == 3
    assert summary.mean == seen.mean()
    assert np.isclose(summary.spread, seen.std(ddof=1))
    assert summary.median == np.median(seen)
    q1, q3 = np.quantile(seen, [0.25, 0.75])
    assert np.isclose(summary.quartile_range, q3 - q1)
    assert summary.bins.sum() == summary.thumb.sum() == 4
    assert summary.commonest == 2.0


def test_a_summary_of_text_counts_its_words() -> None:
    summary = summarise(Column("x", Kind.NOMINAL, np.array([0.0, 1.0, 1.0]), ("no", "yes")))
    assert summary.most_common == ("yes", 2)
    assert ("Commonest", "yes") in summary.entries()


def test_an_empty_column_has_a_summary() -> None:
    summary = summarise(Column("x", Kind.CONTINUOUS, np.array([np.nan, np.nan])))
    assert summary.missing == 2 and summary.distinct == 0


def test_the_doctor_tells_at_most_three_findings_worst_first() -> None:
    n = 100
    columns = (
        Column("same", Kind.CONTINUOUS, np.ones(n)),
        Column("holes", Kind.CONTINUOUS, np.where(np.arange(n) < 5, np.nan, np.linspace(0, 1, n))),
        Column("coarse", Kind.CONTINUOUS, np.floor(np.linspace(0, 4.99, n))),
        Column("rounded", Kind.CONTINUOUS, np.concatenate([np.arange(20.0)] * 5)),
    )
    data = Dataset(columns, "some")
    spec = commands.open_dataset(AppState(catalogue()), data).spec
    assert spec is not None
    summaries = {c.name: summarise(c) for c in columns}
    found = examine(data, spec, summaries)
    assert [f.column for f in found] == ["same", "holes", "coarse"]
    assert found[0].act is Act.LEAVE_OUT
    assert rows_behind(data, summaries["holes"]) == (0, 1, 2, 3, 4)
    assert len(rows_behind(data, summaries["coarse"])) == 20


def test_the_verdict_of_a_converged_fit_is_the_sentence_of_its_result() -> None:
    state = done(opened())
    course = course_of(state)
    assert course is not None and state.result is not None
    assert len(course.objectives) == state.result.trace.last + 1
    assert np.isnan(course.gains[0]) and np.all(course.gains[1:] > -1e-9)
    standing, sentence = verdict(state, course)
    assert standing is Standing.CONVERGED
    assert sentence == state.result.stop_sentence


def test_nothing_is_said_before_the_first_iteration() -> None:
    state = opened()
    assert course_of(state) is None
    assert verdict(state, None) == (Standing.NOTHING, "")


def test_a_default_model_is_not_stale() -> None:
    assert new_spec(catalogue()).columns == ()
    assert not opened().is_stale
