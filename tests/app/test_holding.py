"""Numbers held at values: as they are typed, pointed at, saved, and when the model changes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.holding import place_behind, pointed_at
from emdesk.app.model_spec import ModelSpec, changed_model, new_spec
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.result_object import result_object
from emdesk.app.saved_model import spec_document, spec_from
from emdesk.app.session import FitResult, fit
from emdesk.app.showing import Moment, Prepared, ShowRequest, show
from emdesk.app.state import AppState
from emdesk.app.typed_holding import typed_values
from emdesk.errors import EMDeskError, SettingProblem
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.held import HeldValue
from emdesk.model.marks import Place, View

GIVEN = {
    "means": [[1.0, 2.0], [3.0, 4.0]],
    "covariances": [[[4.0, 1.0], [1.0, 9.0]], [[1.0, 0.0], [0.0, 1.0]]],
}


def spec() -> ModelSpec:
    return replace(new_spec(catalogue()), columns=("a, b", "c"))


def rows(seed: int = 2) -> Dataset:
    rng = np.random.default_rng(seed)
    made = np.concatenate([rng.normal(0, 1, (60, 2)), rng.normal(6, 1, (40, 2))]).T
    return from_arrays("rows", [("a, b", made[0]), ("c", made[1])])


def values_of(*texts: str, model: ModelSpec | None = None) -> dict[tuple[object, ...], float]:
    found = typed_values(texts, model or spec(), catalogue(), GIVEN)
    return {(one.name, *one.place): one.value for one in found}


def test_a_name_alone_holds_the_whole_parameter_at_the_given_values() -> None:
    assert values_of("means") == {
        ("means", 0, 0): 1.0, ("means", 0, 1): 2.0, ("means", 1, 0): 3.0, ("means", 1, 1): 4.0,
    }  # fmt: skip


def test_a_component_and_a_column_narrow_it_down_also_where_a_name_holds_a_comma() -> None:
    assert values_of("means[2]") == {("means", 1, 0): 3.0, ("means", 1, 1): 4.0}
    assert values_of("means[2,a, b]") == {("means", 1, 0): 3.0}
    assert values_of("means[2, 2]") == {("means", 1, 1): 4.0}
    assert values_of("covariances[1,a, b,c]") == {("covariances", 0, 0, 1): 1.0}


def test_sds_are_taken_from_given_covariances() -> None:
    assert values_of("sds[1]") == {("sds", 0, 0): 2.0, ("sds", 0, 1): 3.0}


def test_a_written_value_needs_no_file() -> None:
    made = typed_values(["weights[1]=0.25", "means[1,c]=-3e1"], spec(), catalogue(), {})
    assert made == (HeldValue("weights", (0,), 0.25), HeldValue("means", (0, 1), -30.0))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mean[1]", "mean cannot be held at a value. What can be held: weights, means"),
        ("means[3]", r"means has no place \[3\]"),
        ("means[1,d]", "Components go from 1 to 2; the columns are a, b, c"),
        ("means[1,c]=wide", "“wide” is no number to hold means at"),
        ("means[1", "does not say what is to be held"),
        ("weights[1]", "the given parameters have no weights"),
    ],
)
def test_what_cannot_be_held_is_said_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(EMDeskError) as caught:
        values_of(text)
    assert caught.value.where == f"--hold {text}"
    assert re.search(said, caught.value.sentence)


def test_one_place_has_one_value() -> None:
    with pytest.raises(EMDeskError, match="is held at 1 and at 2"):
        values_of("means[1,c]=1", "means[1,c]=2")


def held_fit(*held: HeldValue, covariance: str = "VVV") -> FitResult:
    model = replace(spec().with_setting("covariance", covariance).with_setting("starts", 2))
    return fit(rows(), replace(model, held=held), catalogue(), threads=1)


def test_a_held_mean_stays_and_the_result_says_so() -> None:
    result = held_fit(HeldValue("means", (0, 1), 0.25))
    made = result_object(result)
    assert made["params"]["means"][0][1] == pytest.approx(0.25, abs=1e-12)
    assert made["held"] == [{"name": "means", "place": [0, 1], "value": 0.25}]
    assert made["free_parameters"] == 10
    assert "held" not in result_object(fit(rows(), spec(), catalogue(), threads=1))


def test_a_project_keeps_what_is_held_and_one_without_the_key_holds_nothing(
    tmp_path: Path,
) -> None:
    result = held_fit(HeldValue("weights", (1,), 0.5))
    save_project(tmp_path / "a.emdesk", Project(result.dataset, result.spec, result))
    opened = open_project(tmp_path / "a.emdesk", catalogue())
    assert opened.spec.held == result.spec.held
    assert opened.result is not None and opened.result.data.has_held
    older = {k: v for k, v in spec_document(result.spec).items() if k != "held"}
    assert spec_from(older, catalogue()).held == ()


def test_another_law_keeps_only_what_it_can_hold() -> None:
    held = (HeldValue("weights", (0,), 0.5), HeldValue("means", (0, 0), 1.0))
    made = changed_model(replace(spec(), held=held), catalogue(), "mixture", "poisson")
    assert [one.name for one in made.held] == ["weights"]
    with pytest.raises(SettingProblem, match="means cannot be held"):
        made.family_in(catalogue()).prepare(rows(), replace(made, held=held).request())


# ------------------------------------------------------------------ in the window's state


@pytest.fixture
def opened() -> AppState:
    return commands.open_dataset(AppState(catalogue()), rows())


def shown(state: AppState, covariance: str) -> AppState:
    """The state after a fit, with its table."""
    state = commands.set_setting(state, "covariance", covariance)
    assert state.spec is not None and state.dataset is not None
    result = fit(state.dataset, state.spec.with_setting("starts", 1), catalogue(), threads=1)
    moment = Moment(result.best, result.chosen)
    views = View(Place.PICTURE), View(Place.LAW)
    request = ShowRequest(1, 1, Prepared(result.family, result.data), moment, *views)
    return commands.show(state, show(request))


def held(state: AppState) -> tuple[HeldValue, ...]:
    assert state.spec is not None
    return state.spec.held


def test_a_value_is_held_replaced_and_released_and_each_is_undone(opened: AppState) -> None:
    state = commands.hold_value(opened, "means", (0, 1), 2.0)
    state = commands.hold_value(state, "means", (0, 1), 3.0)
    assert held(state) == (HeldValue("means", (0, 1), 3.0),)
    assert held(commands.release_value(state, "means", (0, 1))) == ()
    assert held(commands.undo(state)) == (HeldValue("means", (0, 1), 2.0),)


def test_what_is_held_of_a_column_stays_with_its_name(opened: AppState) -> None:
    state = commands.hold_value(opened, "means", (1, 1), 7.0)
    state = commands.tick_column(state, "a, b", False)
    assert held(state) == (HeldValue("means", (1, 0), 7.0),)
    state = commands.tick_column(state, "a, b", True)
    assert held(state) == (HeldValue("means", (1, 1), 7.0),)
    assert held(commands.tick_column(state, "c", False)) == ()


def test_a_mean_is_held_alone_and_an_sd_with_what_belongs_to_it(opened: AppState) -> None:
    state = commands.hold_shown(shown(opened, "VVI"), "means", (0, 1))
    assert [one.place for one in held(state)] == [(0, 1)]
    state = commands.hold_shown(shown(opened, "VVI"), "sds", (1, 0))
    assert [(one.name, one.place) for one in held(state)] == [("sds", (1, 0)), ("sds", (1, 1))]
    state = commands.hold_shown(shown(opened, "VVV"), "sds", (1, 0))
    assert {(one.name, one.place[0]) for one in held(state)} == {("covariances", 1)}
    assert len(held(state)) == 4
    assert held(commands.release_value(state, "sds", (1, 0))) == ()


def test_what_the_model_ties_cannot_be_held_and_a_message_says_why(opened: AppState) -> None:
    state = commands.hold_shown(shown(opened, "EEE"), "sds", (0, 0))
    assert held(state) == ()
    assert "EEE ties them" in state.messages[-1].what or "along the axes" in state.messages[-1].what


def test_a_held_value_makes_the_shown_fit_another_model(opened: AppState) -> None:
    started = commands.run_started(opened)
    result = fit(rows(), spec().with_setting("starts", 1), catalogue(), threads=1)
    done = commands.run_finished(started, result, None)
    assert not done.is_stale
    assert commands.hold_value(done, "weights", (0,), 0.5).is_stale


def test_a_probability_is_held_by_its_category() -> None:
    model = replace(new_spec(catalogue(), "mixture", "categorical"), columns=("a, b", "c"))
    made = typed_values(["probabilities[1,c,2]=0.25"], model, catalogue(), {})
    assert made == (HeldValue("probabilities", (0, 1, 1), 0.25),)
    with pytest.raises(EMDeskError, match="which category of probabilities is held"):
        typed_values(["probabilities[1,c]=0.25"], model, catalogue(), {})


def test_a_probability_of_the_table_is_held_with_its_column_and_category() -> None:
    rng = np.random.default_rng(6)
    codes = rng.integers(0, 3, 80).astype(float)
    data = from_arrays("answers", [("q", codes % 2), ("r", codes)])
    state = commands.open_dataset(AppState(catalogue()), data)
    state = commands.set_law(state, "categorical")
    assert state.spec is not None
    result = fit(data, state.spec.with_setting("starts", 1), catalogue(), threads=1)
    quantity = next(
        q for q in result.family.quantities(result.data, result.params) if q.name == "probabilities"
    )
    assert [place_behind(quantity, i) for i in range(5)] == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]
    held_now = pointed_at(
        state.spec, data, catalogue(), [quantity], "probabilities", (1, *place_behind(quantity, 3))
    )
    assert held_now == (HeldValue("probabilities", (1, 1, 1), float(quantity.values[1, 3])),)
