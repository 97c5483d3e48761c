"""Which columns a law takes where none is named."""

from __future__ import annotations

import numpy as np

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import default_columns, needs_of, new_spec
from emdesk.app.state import AppState
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role


def questionnaire() -> Dataset:
    rng = np.random.default_rng(3)
    n = 80
    return Dataset(
        (
            Column("sex", Kind.NOMINAL, rng.integers(0, 2, n).astype(float), ("female", "male")),
            Column(
                "mood", Kind.ORDINAL, rng.integers(0, 3, n).astype(float), ("low", "mid", "high")
            ),
            Column("score", Kind.COUNT, rng.integers(1, 6, n).astype(float)),
            Column("persons", Kind.COUNT, rng.permutation(n).astype(float)),
            Column("income", Kind.CONTINUOUS, rng.normal(size=n)),
        ),
        "questionnaire",
    )


def taken(law: str, roles: dict[Role, tuple[str, ...]] | None = None) -> tuple[str, ...]:
    spec = new_spec(catalogue(), "mixture", law)
    return default_columns(questionnaire(), roles or {}, needs_of(spec, catalogue()))


def test_a_law_of_numbers_takes_the_numeric_columns() -> None:
    assert taken("gaussian") == ("score", "persons", "income")
    assert taken("gaussian", {Role.WEIGHT: ("persons",)}) == ("score", "income")


def test_the_categorical_law_takes_words_and_few_whole_numbers() -> None:
    assert taken("categorical") == ("sex", "mood", "score")


def test_the_ordinal_law_takes_no_words_without_an_order() -> None:
    assert taken("ordinal") == ("mood", "score")


def opened(law: str) -> AppState:
    state = commands.open_dataset(AppState(catalogue=catalogue()), questionnaire())
    return commands.set_law(state, law)


def columns_of(state: AppState) -> tuple[str, ...]:
    assert state.spec is not None
    return state.spec.columns


def test_another_law_takes_its_own_columns_where_none_were_chosen() -> None:
    state = opened("categorical")
    assert columns_of(state) == ("sex", "mood", "score")
    assert columns_of(commands.set_law(state, "gaussian")) == ("score", "persons", "income")


def test_columns_that_were_chosen_stay_where_the_other_law_takes_them() -> None:
    state = commands.tick_column(opened("categorical"), "mood", False)
    assert columns_of(commands.set_law(state, "ordinal")) == ("mood", "score")
    state = commands.tick_column(opened("ordinal"), "mood", False)
    assert columns_of(commands.set_law(state, "poisson")) == ("score",)


def test_a_column_of_text_can_be_ticked_for_a_law_of_categories() -> None:
    state = commands.tick_column(opened("categorical"), "sex", False)
    assert "sex" in columns_of(commands.tick_column(state, "sex", True))


def test_using_all_columns_means_those_that_fit_the_law() -> None:
    state = commands.tick_column(opened("categorical"), "sex", False)
    assert columns_of(commands.use_all_columns(state)) == ("sex", "mood", "score")
