"""Two fits side by side: which groups go together, which rows change, what moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.pairing.fits import ComparedFit, fits_of, model_words, pair_of
from emdesk.app.pairing.matching import matching
from emdesk.app.pairing.pair import known_columns, pair, suggested_column
from emdesk.app.samples import sample, sample_dataset
from emdesk.app.session import FitResult, fit
from emdesk.app.state import AppState, Page, Phase, Setup
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import RowOutput
from emdesk.model.marks import Place as Panel
from emdesk.model.marks import View

COLUMNS = ("Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width")
VIEW = View(Panel.PICTURE)


@pytest.fixture(scope="module")
def iris() -> Dataset:
    return sample_dataset(sample("iris"))


def fitted(dataset: Dataset, structure: str, components: int = 3) -> FitResult:
    spec = replace(new_spec(catalogue(), "mixture", "gaussian"), columns=COLUMNS)
    spec = spec.with_setting("covariance", structure).with_setting("components", components)
    return fit(dataset, spec.with_setting("starts", 4), catalogue(), threads=1)


@pytest.fixture(scope="module")
def round_groups(iris: Dataset) -> FitResult:
    return fitted(iris, "EII")


@pytest.fixture(scope="module")
def free_groups(iris: Dataset) -> FitResult:
    return fitted(iris, "VVV")


def compared(result: FitResult, key: str) -> ComparedFit:
    return ComparedFit(key, key, model_words(result, catalogue()), result)


def output(labels: list[int], groups: int, noise: bool = False) -> RowOutput:
    found = np.array(labels)
    return RowOutput(np.eye(groups + noise)[found].T, found, noise)


def rows(count: int) -> np.ndarray:
    return np.arange(count)


def test_groups_are_matched_so_that_as_few_rows_as_can_be_change() -> None:
    a = output([0, 0, 0, 1, 1, 2, 2, 2], 3)
    b = output([2, 2, 1, 0, 0, 1, 1, 1], 3)
    found = matching(a, b, (rows(8), rows(8)), ())
    assert found.partner == (1, 2, 0)
    assert found.slots == ((0, 1, 2), (1, 2, 0))
    assert found.changed.tolist() == [2]
    assert found.counts.sum() == 8 and found.rows == 8


def test_a_group_that_only_b_has_gets_a_colour_of_its_own() -> None:
    a, b = output([0, 0, 0, 1, 1, 1], 2), output([1, 1, 2, 0, 0, 0], 3)
    found = matching(a, b, (rows(6), rows(6)), ())
    assert found.partner == (1, 0, -1)
    assert found.slots[1] == (1, 0, 2)
    assert found.changed.tolist() == [2]


def test_rows_that_one_fit_left_out_are_not_compared() -> None:
    a, b = output([0, 0, 1, 1], 2), output([0, 1, 1], 2)
    found = matching(a, b, (np.array([0, 1, 2, 3]), np.array([1, 2, 3])), ())
    assert found.rows == 3 and found.changed.tolist() == []


def test_a_row_that_became_noise_has_changed_and_noise_is_no_ones_partner() -> None:
    a, b = output([0, 0, 1, 1], 2), output([0, 2, 1, 1], 2, noise=True)
    found = matching(a, b, (rows(4), rows(4)), ())
    assert found.partner == (0, 1) and found.changed.tolist() == [1]
    assert found.counts.shape == (2, 3)


def test_the_colours_of_a_are_kept_and_b_follows_them() -> None:
    a, b = output([0, 1, 2], 3), output([0, 1, 2], 3)
    assert matching(a, b, (rows(3), rows(3)), (2, 0, 1)).slots == ((2, 0, 1), (2, 0, 1))


def test_two_fits_of_iris_are_told_apart(round_groups: FitResult, free_groups: FitResult) -> None:
    made = pair(compared(round_groups, "a"), compared(free_groups, "b"), VIEW, "Species")
    assert made.matching.rows == 150 and 10 <= len(made.matching.changed) <= 25
    assert made.first.picture.x_label == made.second.picture.x_label
    first, second = made.first.agreement, made.second.agreement
    assert first is not None and second is not None
    assert second.adjusted_rand > first.adjusted_rand
    assert round(second.accuracy * 150) == 145
    assert made.notes == ()
    assert made.second.criteria.bic < made.first.criteria.bic


def test_a_parameter_that_moved_is_marked_and_one_that_stayed_is_equal(
    round_groups: FitResult, free_groups: FitResult
) -> None:
    made = pair(compared(round_groups, "a"), compared(free_groups, "b"), VIEW, "").moved
    assert [row.side for row in made.rows] == [0, 1] * 3
    weights = next(c for c in made.columns if not c.name)
    assert abs(weights.values[0::2].sum() - 1) < 1e-9
    assert not weights.moved[0::2].any()
    for column in made.columns:
        gaps = np.abs(column.values[1::2] - column.values[0::2])
        assert np.array_equal(column.moved[1::2], gaps > column.step)
        assert not (column.moved & column.same).any()
    petals = next(c for c in made.columns if c.name == "Petal.Length")
    assert petals.moved.any()


def test_a_fit_beside_itself_has_nothing_that_changed(free_groups: FitResult) -> None:
    made = pair(compared(free_groups, "a"), compared(free_groups, "b"), VIEW, "")
    assert made.matching.changed.size == 0
    assert not any(column.moved.any() for column in made.moved.columns)
    assert all(column.same[1::2].all() for column in made.moved.columns)


def test_fits_of_other_columns_say_that_their_criteria_cannot_be_compared(
    iris: Dataset, free_groups: FitResult
) -> None:
    spec = replace(new_spec(catalogue(), "mixture", "gaussian"), columns=COLUMNS[2:])
    other = fit(iris, spec.with_setting("components", 2), catalogue(), threads=1)
    made = pair(compared(free_groups, "a"), compared(other, "b"), VIEW, "")
    assert len(made.notes) == 1 and "other columns" in made.notes[0]
    new = [row for row in made.moved.rows if row.side == 1]
    assert len(new) == 2


def test_a_column_of_names_that_no_fit_models_is_offered_as_known_labels(
    iris: Dataset, free_groups: FitResult
) -> None:
    assert known_columns(iris, free_groups)[0] == "Species"
    assert suggested_column(iris, free_groups) == "Species"


def test_numbers_are_offered_as_labels_but_not_taken_unasked(free_groups: FitResult) -> None:
    codes = Column("code", Kind.COUNT, np.repeat([1.0, 2.0, 3.0], 50))
    dataset = replace(free_groups.dataset, columns=(*free_groups.dataset.columns[:4], codes))
    assert known_columns(dataset, free_groups) == ("code",)
    assert suggested_column(dataset, free_groups) == ""


def desk(iris: Dataset, result: FitResult) -> AppState:
    return AppState(
        catalogue(),
        page=Page.DESK,
        setup=Setup(iris, None, result.spec),
        ran=Setup(iris, None, result.spec),
        phase=Phase.DONE,
        result=result,
    )


def test_a_fit_is_kept_once_and_stands_beside_the_next_one(
    iris: Dataset, round_groups: FitResult, free_groups: FitResult
) -> None:
    state = desk(iris, round_groups)
    assert pair_of(state) is None
    state = commands.keep_fit(state)
    assert len(state.kept) == 1 and commands.keep_fit(state) is state
    assert len(fits_of(state)) == 1
    state = replace(state, result=free_groups)
    chosen = pair_of(state)
    assert chosen is not None
    assert [f.key for f in chosen] == ["desk", "kept 1"]
    state = commands.compare_fit(state, 0, "kept 1")
    assert state.compared == ("kept 1", "desk")
    assert commands.drop_fit(state, "kept 1").kept == ()


def test_a_kept_fit_can_be_renamed_but_not_to_nothing(
    iris: Dataset, free_groups: FitResult
) -> None:
    state = commands.keep_fit(desk(iris, free_groups))
    assert commands.rename_fit(state, "kept 1", "  the  free one ").kept[0].name == "the free one"
    assert commands.rename_fit(state, "kept 1", "  ") is state


def test_fits_of_other_data_are_not_offered(iris: Dataset, free_groups: FitResult) -> None:
    state = commands.keep_fit(desk(iris, free_groups))
    other = sample_dataset(sample("faithful"))
    state = replace(state, setup=Setup(other, None, None), result=None, phase=Phase.IDLE)
    assert fits_of(state) == ()
