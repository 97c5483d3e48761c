"""Parameters equal in several components: as they are typed, pointed at, saved, and when the model changes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.comparison.places import grid_spec
from emdesk.app.model_spec import ModelSpec, changed_model, new_spec
from emdesk.app.project import Project, open_project, save_project
from emdesk.app.result_object import result_object
from emdesk.app.saved_model import spec_document, spec_from
from emdesk.app.session import fit
from emdesk.app.state import AppState
from emdesk.app.tying import tie_label, tie_of, tie_text
from emdesk.app.typed_tying import typed_ties
from emdesk.errors import EMDeskError, SettingProblem
from emdesk.model.dataset import Dataset, from_arrays
from emdesk.model.needs import Role
from emdesk.model.tied import Tie


def spec(components: int = 3) -> ModelSpec:
    made = replace(new_spec(catalogue()), columns=("a, b", "c"))
    return made.with_setting("components", components)


def rows(seed: int = 2) -> Dataset:
    rng = np.random.default_rng(seed)
    made = np.concatenate([rng.normal(0, 1, (60, 2)), rng.normal(6, 1, (40, 2))]).T
    return from_arrays("rows", [("a, b", made[0]), ("c", made[1])])


def typed(*texts: str, model: ModelSpec | None = None) -> tuple[Tie, ...]:
    return typed_ties(texts, model or spec(), catalogue(), rows())


@pytest.mark.parametrize(
    ("text", "tie"),
    [
        ("means", Tie("means")),
        ("means[c]", Tie("means", (), (1,))),
        ("means[a, b]", Tie("means", (), (0,))),
        ("means[1=3]", Tie("means", (0, 2))),
        (" means [ 3 = 1 , a, b ]", Tie("means", (0, 2), (0,))),
        ("means[1=3,2]", Tie("means", (0, 2), (1,))),
        ("weights[2=3]", Tie("weights", (1, 2))),
    ],
)
def test_a_tie_is_typed_by_its_components_and_its_column(text: str, tie: Tie) -> None:
    assert typed(text) == (tie,)


def test_ties_that_have_a_component_in_common_are_one() -> None:
    assert typed("means[1=2,c]", "means[2=3,c]") == (Tie("means", (0, 1, 2), (1,)),)
    assert typed("means[1=2,c]", "means[c]") == (Tie("means", (), (1,)),)
    assert len(typed("means[1=2,c]", "means[2=3,a, b]")) == 2


def test_components_that_are_named_stay_these_where_there_are_more_of_them() -> None:
    (tie,) = typed("means[1=2]", model=spec(2))
    assert tie == Tie("means", (0, 1))
    model = replace(spec(3), columns=("c",), ties=(tie,)).with_setting("starts", 2)
    means = result_object(fit(rows(), model, catalogue(), threads=1))["params"]["means"]
    assert means[0] == means[1] != means[2]


def test_a_grid_over_counts_takes_no_components_by_their_numbers() -> None:
    tied = replace(spec(), ties=(Tie("means", (0, 1)),))
    with pytest.raises(SettingProblem, match="how many there are is compared") as caught:
        grid_spec(tied, rows(), catalogue(), (1, 2, 3))
    assert caught.value.setting == "tied" and "Tie means in all" in caught.value.sentence
    in_all = replace(spec(), ties=(Tie("means"),))
    assert grid_spec(in_all, rows(), catalogue(), (1, 2, 3)).base.ties == in_all.ties


def test_what_is_written_of_a_tie_can_be_typed() -> None:
    family = spec().family_in(catalogue())
    for text in ("means", "means[c]", "means[1=3]", "means[1=3, a, b]"):
        (tie,) = typed(text)
        assert tie_text(spec(), family, tie) == text


def test_coefficients_are_tied_by_the_name_of_their_term() -> None:
    model = replace(
        new_spec(catalogue(), "mixture", "gaussian-regression"),
        columns=("c",),
        roles={Role.PREDICTORS: ("a, b",)},
    )
    (tie,) = typed("coefficients[a, b]", model=model)
    assert tie == Tie("coefficients", (), (1,))
    assert typed("coefficients[intercept]", model=model) == (Tie("coefficients", (), (0,)),)
    family = model.family_in(catalogue())
    assert tie_label(model, family, tie, rows()) == "Coefficient a, b"
    plain = model.with_setting("intercept", False)
    assert typed("coefficients[a, b]", model=plain) == (Tie("coefficients", (), (0,)),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mean", "mean cannot be the same in several components. What can be: weights, means"),
        ("means[1=4]", r"has no place \[1=4\] .* Components go from 1 to 3, as in 1=2; .* a, b, c"),
        ("means[d]", r"means has no place \[d\]"),
        ("means[2]", "means is tied in one component only"),
        ("means[1=2", "does not say what is to be tied"),
        ("means[]", r"Write means, means\[COLUMN\]"),
    ],
)
def test_what_cannot_be_tied_is_said_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(EMDeskError) as caught:
        typed(text)
    assert caught.value.where == f"--tie {text}"
    assert re.search(said, caught.value.sentence)


def test_a_tied_mean_is_one_and_the_result_and_the_project_say_so(tmp_path: Path) -> None:
    model = replace(spec(2).with_setting("starts", 2), ties=(Tie("means", (), (0,)),))
    result = fit(rows(), model, catalogue(), threads=1)
    made = result_object(result)
    assert made["params"]["means"][0][0] == made["params"]["means"][1][0]
    assert made["tied"] == [{"name": "means", "groups": [], "place": [0]}]
    assert made["free_parameters"] == 10
    save_project(tmp_path / "a.emdesk", Project(result.dataset, result.spec, result))
    opened = open_project(tmp_path / "a.emdesk", catalogue())
    assert opened.spec.ties == model.ties
    assert opened.result is not None and opened.result.free_parameters == 10
    older = {k: v for k, v in spec_document(model).items() if k != "tied"}
    assert spec_from(older, catalogue()).ties == ()
    assert "tied" not in result_object(fit(rows(), spec(2), catalogue(), threads=1))


def test_another_law_keeps_only_what_it_can_tie() -> None:
    ties = (Tie("means"), Tie("weights", (0, 1)))
    made = changed_model(replace(spec(), ties=ties), catalogue(), "mixture", "poisson")
    assert made.ties == (Tie("weights", (0, 1)),)


# ------------------------------------------------------------------ in the window's state


@pytest.fixture
def opened() -> AppState:
    state = commands.open_dataset(AppState(catalogue()), rows())
    return commands.set_setting(state, "components", "3")


def ties(state: AppState) -> tuple[Tie, ...]:
    assert state.spec is not None
    return state.spec.ties


def test_a_number_of_the_table_is_tied_widened_and_untied_and_each_is_undone(
    opened: AppState,
) -> None:
    state = commands.tie_shown(opened, "means", (0, 1), (0, 2))
    assert ties(state) == (Tie("means", (0, 2), (1,)),)
    state = commands.tie_shown(state, "means", (0, 1), (0, 1, 2))
    assert ties(state) == (Tie("means", (), (1,)),)
    narrowed = commands.tie_shown(state, "means", (1, 1), (0, 1))
    assert ties(narrowed) == (Tie("means", (0, 1), (1,)),)
    assert ties(commands.tie_shown(state, "means", (0, 1), (0,))) == ()
    assert ties(commands.untie(state, Tie("means", (), (1,)))) == ()
    assert ties(commands.undo(state)) == (Tie("means", (0, 2), (1,)),)


def test_what_is_tied_of_a_column_stays_with_its_name(opened: AppState) -> None:
    state = commands.tie_shown(opened, "means", (0, 1), (0, 1, 2))
    state = commands.tick_column(state, "a, b", False)
    assert ties(state) == (Tie("means", (), (0,)),)
    state = commands.tick_column(state, "a, b", True)
    assert ties(state) == (Tie("means", (), (1,)),)
    assert ties(commands.tick_column(state, "c", False)) == ()


def test_an_sd_is_tied_alone_where_it_can_be_and_with_its_matrix_elsewhere(
    opened: AppState,
) -> None:
    along = commands.set_setting(opened, "covariance", "VVI")
    assert ties(commands.tie_shown(along, "sds", (0, 1), (0, 1))) == (Tie("sds", (0, 1), (1,)),)
    state = commands.tie_shown(opened, "sds", (0, 1), (0, 1))
    assert ties(state) == (Tie("covariances", (0, 1)),)
    assert state.spec is not None
    assert tie_of(state.spec, "sds", (1, 0)) == Tie("covariances", (0, 1))
    assert tie_of(state.spec, "sds", (2, 0)) is None
    assert ties(commands.tie_shown(state, "sds", (1, 0), (1,))) == ()


def test_what_the_structure_shares_already_is_not_tied_and_a_message_says_why(
    opened: AppState,
) -> None:
    state = commands.set_setting(opened, "covariance", "EEE")
    state = commands.tie_shown(state, "sds", (0, 0), (0, 1))
    assert ties(state) == ()
    assert "under EEE the components share" in state.messages[-1].what


def test_a_tie_makes_the_shown_fit_another_model(opened: AppState) -> None:
    started = commands.run_started(opened)
    result = fit(rows(), spec().with_setting("starts", 1), catalogue(), threads=1)
    done = commands.run_finished(started, result, None)
    assert not done.is_stale
    assert commands.tie_shown(done, "weights", (0,), (0, 1)).is_stale
