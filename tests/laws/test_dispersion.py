"""Tied probabilities of categories: one likeliest category for each class and column, the others alike."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from emdesk.errors import SettingProblem
from emdesk.laws.bernoulli import LAW as BERNOULLI
from emdesk.laws.categorical import LAW as CATEGORICAL
from emdesk.laws.categorical import CategoricalParams, CategoricalSettings
from emdesk.model.dispersion import FREE, STRUCTURES, is_special_case
from emdesk.model.held import Held, HeldValue
from emdesk.model.rows import Rows, plain_rows
from tests.laws.counts import mixture_of
from tests.laws.patterns import carcinoma, gss82

F64 = NDArray[np.float64]
ORDERED = (*STRUCTURES, FREE)


def height(cells: F64, shares: F64) -> float:
    return float((cells * np.log(np.where(cells > 0, shares, 1.0))).sum())


def _fall(
    cells: F64, sizes: list[int], members: list[tuple[int, int]], modal: tuple[int, ...], e: float
) -> float:
    """Minus the sum of cells log p over groups and columns that share the dispersion e."""
    made = 0.0
    for (k, j), top in zip(members, modal, strict=True):
        mine = cells[k, j, : sizes[j]]
        off = mine.sum() - mine[top]
        made -= mine[top] * np.log1p(-e) + off * np.log(e / (sizes[j] - 1))
    return float(made)


def searched(cells: F64, sizes: list[int], word: str) -> float:
    """The highest sum of cells log p over every choice of modal categories, each with the best dispersions."""
    tied = STRUCTURES[word]
    groups, columns = cells.shape[:2]
    name = np.zeros((groups, columns), dtype=int)
    if tied.by_group:
        name += columns * np.arange(groups)[:, None]
    if tied.by_column:
        name += np.arange(columns)
    total = 0.0
    for which in np.unique(name):
        members = [(k, j) for k, j in np.ndindex(groups, columns) if name[k, j] == which]
        most = min((sizes[j] - 1) / sizes[j] for _, j in members)
        best = -np.inf
        for modal in product(*(range(sizes[j]) for _, j in members)):
            fall = partial(_fall, cells, sizes, members, modal)
            found = minimize_scalar(
                fall, bounds=(1e-9, most), method="bounded", options={"xatol": 1e-10}
            )
            best = max(best, -float(found.fun), -fall(most))
        total += best
    return total


@pytest.mark.parametrize("word", list(STRUCTURES))
@pytest.mark.parametrize("seed", range(3))
def test_the_m_step_is_the_best_of_all_modal_categories_and_dispersions(
    word: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    sizes = [2, 4, 3]
    possible = np.arange(4) < np.array(sizes)[:, None]
    cells = rng.gamma(0.6, 20.0, (2, 3, 4)) * possible
    near = np.broadcast_to(possible / possible.sum(axis=1, keepdims=True), cells.shape)
    made = STRUCTURES[word].best(cells, near, possible, 1e-10)
    np.testing.assert_allclose(made.sum(axis=2), 1, atol=1e-14)
    assert np.all(made[:, ~possible] == 0)
    assert height(cells, made) == pytest.approx(searched(cells, sizes, word), abs=1e-6)


def test_a_shared_dispersion_never_makes_another_category_likelier_than_the_modal_one() -> None:
    possible = np.array([[True, True, False, False], [True] * 4])
    cells = np.array([[[6.0, 4.0, 0, 0], [30.0, 25, 25, 20]]])
    made = STRUCTURES["Ek"].best(cells, cells, possible, 1e-10)
    np.testing.assert_allclose(made[0, 0, :2], 0.5)
    np.testing.assert_allclose(made[0, 1], [0.5, 1 / 6, 1 / 6, 1 / 6])


def test_a_group_without_rows_keeps_its_modal_categories_and_moves_no_shared_dispersion() -> None:
    possible = np.ones((2, 3), dtype=bool)
    cells = np.array([[[8.0, 1, 1], [7.0, 2, 1]], np.zeros((2, 3))])
    near = np.full((2, 2, 3), 0.2)
    near[:, :, 2] = 0.6
    made = STRUCTURES["E"].best(cells, near, possible, 1e-10)
    np.testing.assert_allclose(made[0, :, 0], 0.75)
    np.testing.assert_allclose(made[1, :, 2], 0.75)
    own = STRUCTURES["Ekj"].best(cells, near, possible, 1e-10)
    np.testing.assert_allclose(own[1, :, 2], 0.6)


@pytest.mark.parametrize(
    ("word", "expected"), [("E", 2), ("Ek", 3), ("Ej", 5), ("Ekj", 9), ("Ekjh", 13)]
)
def test_a_fit_counts_a_dispersion_once_and_modal_categories_not_at_all(
    word: str, expected: int
) -> None:
    rows, persons = gss82()
    made = mixture_of("categorical", rows, 2, persons, starts=2, dispersion=word)
    assert made.free_parameters == expected


@pytest.mark.parametrize("data", [gss82, carcinoma])
def test_no_structure_ends_above_a_richer_one(data: object) -> None:
    rows, counts = data()  # type: ignore[operator]
    heights = {
        word: mixture_of("categorical", rows, 2, counts, starts=8, dispersion=word).log_likelihood
        for word in ORDERED
    }
    pairs = [(a, b) for a in ORDERED for b in ORDERED if is_special_case(a, b)]
    assert len(pairs) == 9
    for simple, rich in pairs:
        assert heights[simple] <= heights[rich] + 1e-6


@pytest.mark.parametrize("word", list(STRUCTURES))
def test_the_fit_is_that_of_a_direct_search_from_other_modal_categories(word: str) -> None:
    """One modal category after the other is changed and everything else searched anew, without EM."""
    from scipy.optimize import minimize

    rows, counts = carcinoma()
    codes = (rows == 2).astype(np.intp)
    made = mixture_of("categorical", rows, 2, counts, starts=10, dispersion=word)
    tied, top = STRUCTURES[word], made.params.law.probabilities.argmax(axis=2)
    shape = (2 if tied.by_group else 1, rows.shape[0] if tied.by_column else 1)

    def best(modal: NDArray[np.intp]) -> float:
        hits = codes[None] == modal[:, :, None]

        def fall(free: F64) -> float:
            weight = 1 / (1 + np.exp(-free[0]))
            dispersion = 0.5 / (1 + np.exp(-free[1:].reshape(shape)))
            each = np.broadcast_to(dispersion, modal.shape)[:, :, None]
            logs = np.log(np.where(hits, 1 - each, each)).sum(axis=1)
            return -float(
                counts @ np.logaddexp(np.log(weight) + logs[0], np.log1p(-weight) + logs[1])
            )

        size = 1 + int(np.prod(shape))
        options = {"ftol": 1e-15, "gtol": 1e-8, "maxfun": 50_000}
        return -min(
            float(minimize(fall, np.full(size, at), method="L-BFGS-B", options=options).fun)
            for at in (-1.0, 0.3)
        )

    assert made.log_likelihood == pytest.approx(best(top), rel=1e-6)
    for k, j in np.ndindex(*top.shape):
        other = top.copy()
        other[k, j] = 1 - other[k, j]
        assert best(other) <= made.log_likelihood + 1e-6


@pytest.mark.parametrize("word", ["E", "Ek", "Ej", "Ekj"])
def test_binary_columns_have_the_same_fit_as_bernoulli_and_as_categorical(word: str) -> None:
    rows, counts = carcinoma()
    one = mixture_of("bernoulli", rows - 1, 2, counts, starts=6, dispersion=word)
    other = mixture_of("categorical", rows, 2, counts, starts=6, dispersion=word)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-9)
    assert one.free_parameters == other.free_parameters


def test_prior_rows_enter_the_dispersion_and_the_choice_of_the_modal_category() -> None:
    rows, persons = gss82()
    made = mixture_of("categorical", rows, 2, persons, starts=4, dispersion="Ek", prior=50.0)
    plain = mixture_of("categorical", rows, 2, persons, starts=4, dispersion="Ek")
    assert made.objective < made.log_likelihood <= plain.log_likelihood
    assert made.log_likelihood < plain.log_likelihood - 0.1


def test_a_held_probability_is_refused_while_others_are_tied_to_it() -> None:
    held = Held((HeldValue("probabilities", (0, 0, 0), 0.4),))
    given = plain_rows(np.array([[1.0, 2.0, 1.0]]))
    rows = Rows(**{**vars(given), "held": held, "groups": 2})
    with pytest.raises(SettingProblem, match="Ek ties"):
        CATEGORICAL.constants(rows, CategoricalSettings(dispersion="Ek"))
    binary = Rows(**{**vars(rows), "columns": given.columns - 1})
    with pytest.raises(SettingProblem, match="Ej ties"):
        BERNOULLI.constants(binary, BERNOULLI.Settings(dispersion="Ej"))


def test_given_probabilities_are_put_into_the_structure() -> None:
    constants = CATEGORICAL.constants(
        plain_rows(np.array([[1.0, 2.0, 3.0]])), CategoricalSettings(dispersion="Ekj")
    )
    given = CategoricalParams(np.array([[[0.5, 0.4, 0.1]]]), constants.categories.values)
    made = CATEGORICAL.from_units(given, constants)
    np.testing.assert_allclose(made.probabilities, [[[0.5, 0.25, 0.25]]])
    again = CATEGORICAL.retract(made, constants)
    np.testing.assert_allclose(again.probabilities, made.probabilities, rtol=1e-14)
