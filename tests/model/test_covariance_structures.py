"""What the letters of a covariance structure promise: counts of parameters, sharing, invariances, empty components."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.model.numerics.covariance import STRUCTURES

F64 = NDArray[np.float64]
FLOOR = 1e-10
ALL = tuple(STRUCTURES)


def drawn(groups: int, d: int, seed: int = 1) -> tuple[F64, F64]:
    rng = np.random.default_rng(seed)
    rows = 0.3 * np.exp(rng.normal(size=(groups, d, 1))) * rng.normal(size=(groups, d, 5 * d))
    return 5.0 * d * rng.uniform(0.5, 2.0, groups), rows @ np.swapaxes(rows, 1, 2)


def maximum(word: str, counts: F64, scatter: F64, near: F64 | None = None) -> F64:
    structure = STRUCTURES[word]
    d = scatter.shape[1]
    return structure.maximise(counts, structure.second.of(scatter), d, FLOOR, near)


def test_all_fourteen_structures_are_there() -> None:
    expected = "EII VII EEI VEI EVI VVI EEE VEE EVE VVE EEV VEV EVV VVV"
    assert " ".join(ALL) == expected


@pytest.mark.parametrize(("groups", "d"), [(1, 3), (2, 2), (3, 4), (5, 10)])
def test_free_parameters_are_those_of_celeux_and_govaert(groups: int, d: int) -> None:
    """Celeux and Govaert (1995), as mclust counts them, with b = d (d + 1) / 2 for one full matrix."""
    k, b = groups, d * (d + 1) // 2
    table = {
        "EII": 1, "VII": k, "EEI": d, "VEI": k + d - 1, "EVI": k * d - k + 1, "VVI": k * d,
        "EEE": b, "VEE": b + k - 1, "EVE": b + (k - 1) * (d - 1), "VVE": b + (k - 1) * d,
        "EEV": k * b - (k - 1) * d, "VEV": k * b - (k - 1) * (d - 1),
        "EVV": k * b - (k - 1), "VVV": k * b,
    }  # fmt: skip
    assert {word: STRUCTURES[word].free_parameters(groups, d) for word in ALL} == table


@pytest.mark.parametrize("word", ALL)
def test_one_column_has_one_variance_or_one_a_component(word: str) -> None:
    counts, scatter = drawn(3, 1)
    own = scatter / counts[:, None, None]
    common = np.full((3, 1, 1), scatter.sum() / counts.sum())
    np.testing.assert_allclose(
        maximum(word, counts, scatter), common if word[0] == "E" else own, rtol=1e-12
    )
    assert STRUCTURES[word].free_parameters(3, 1) == (1 if word[0] == "E" else 3)


@pytest.mark.parametrize("word", ALL)
def test_with_one_component_e_and_v_are_the_same(word: str) -> None:
    counts, scatter = drawn(1, 4)
    parent = {"II": "EII"}.get(word[1:], "EEI" if word[2] == "I" else "EEE")
    np.testing.assert_allclose(
        maximum(word, counts, scatter), maximum(parent, counts, scatter), rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("word", ALL)
def test_equal_letters_are_shared_by_all_components(word: str) -> None:
    counts, scatter = drawn(3, 3)
    made = maximum(word, counts, scatter)
    values = np.linalg.eigvalsh(made)
    volumes = np.linalg.det(made) ** (1 / 3)
    shapes = values / volumes[:, None]
    assert np.allclose(volumes, volumes[0], rtol=1e-10) is (word[0] == "E")
    assert np.allclose(shapes, shapes[0], rtol=1e-10) is (word[1] in "EI")
    if word[2] == "I":
        assert not (made * (1 - np.eye(3))).any()
    else:
        turned = [np.abs(a @ b - b @ a).max() / np.abs(a @ b).max() for a in made for b in made]
        assert bool(max(turned) < 1e-10) is (word[2] == "E")


@pytest.mark.parametrize("word", [w for w in ALL if STRUCTURES[w].is_closed_under_column_scaling])
def test_closed_structures_follow_a_scaling_of_the_columns(word: str) -> None:
    counts, scatter = drawn(3, 3)
    factors = np.array([0.1, 1.0, 5.0])
    scaling = factors[:, None] * factors
    np.testing.assert_allclose(
        maximum(word, counts, scatter * scaling),
        maximum(word, counts, scatter) * scaling,
        rtol=1e-8,
        atol=1e-8,
    )


@pytest.mark.parametrize(
    "word", [w for w in ALL if not STRUCTURES[w].is_closed_under_column_scaling]
)
def test_the_others_become_another_model_when_columns_are_scaled(word: str) -> None:
    counts, scatter = drawn(3, 3)
    factors = np.array([0.1, 1.0, 5.0])
    scaling = factors[:, None] * factors
    scaled = maximum(word, counts, scatter * scaling)
    assert not np.allclose(scaled, maximum(word, counts, scatter) * scaling, rtol=1e-3)


@pytest.mark.parametrize("word", [w for w in ALL if w[2] != "I" or w[1] == "I"])
def test_free_directions_follow_a_rotation(word: str) -> None:
    counts, scatter = drawn(3, 4)
    turn = np.linalg.qr(np.random.default_rng(9).normal(size=(4, 4)))[0]
    np.testing.assert_allclose(
        maximum(word, counts, turn @ scatter @ turn.T),
        turn @ maximum(word, counts, scatter) @ turn.T,
        rtol=1e-8,
        atol=1e-8,
    )


@pytest.mark.parametrize("word", ALL)
@pytest.mark.parametrize("factor", [1e-100, 1e100])
def test_only_the_ratio_of_scatter_to_counts_matters(word: str, factor: float) -> None:
    counts, scatter = drawn(3, 3)
    np.testing.assert_allclose(
        maximum(word, counts * factor, scatter * factor),
        maximum(word, counts, scatter),
        rtol=1e-9,
        atol=1e-12,
    )


@pytest.mark.parametrize("word", ALL)
def test_a_component_without_rows_keeps_what_is_its_own(word: str) -> None:
    counts, scatter = drawn(3, 3)
    near = maximum(word, *drawn(3, 3, seed=2))
    counts[1], scatter[1] = 0.0, 0.0
    made = maximum(word, counts, scatter, near=near)
    others = [0, 2]
    alone = maximum(word, counts[others], scatter[others], near=near[others])
    np.testing.assert_allclose(made[others], alone, rtol=1e-8, atol=1e-10)
    if word in ("VII", "VVI", "VVV"):
        np.testing.assert_allclose(made[1], near[1], rtol=1e-12)
    volumes = np.linalg.det(made) ** (1 / 3)
    if word[0] == "E":
        assert volumes[1] == pytest.approx(volumes[0], rel=1e-10)
    elif word[1] == "V":
        assert np.linalg.eigvalsh(made[1]).min() > 0


@pytest.mark.parametrize("word", ALL)
def test_a_component_that_can_turn_and_flatten_needs_a_row_more_than_columns(word: str) -> None:
    """Three rows in a plane of four columns collapse exactly those components that ask for more distinct rows."""
    d = 4
    counts, scatter = drawn(3, d)
    rows = np.random.default_rng(3).normal(size=(d, 3))
    rows -= rows.mean(axis=1, keepdims=True)
    counts[0], scatter[0] = 3.0, rows @ rows.T
    least = np.linalg.eigvalsh(maximum(word, counts, scatter))[0, 0]
    is_needy = STRUCTURES[word].least_distinct_rows(d) == d + 1
    assert is_needy is (word in ("EVE", "VVE", "EVV", "VVV"))
    assert bool(least < 1e-6) is is_needy


@pytest.mark.parametrize("word", ALL)
def test_a_component_on_a_bound_is_told_from_sound_ones(word: str) -> None:
    structure, floor = STRUCTURES[word], 1e-8
    counts, scatter = drawn(3, 3)
    sound = structure.maximise(counts, structure.second.of(scatter), 3, floor)
    assert not structure.on_floor(sound, floor).any()
    assert not structure.on_ceiling(sound, floor).any()
    scatter[1] *= np.array([1.0, 1.0, 0.0])[:, None] * np.array([1.0, 1.0, 0.0])
    flat = structure.maximise(counts, structure.second.of(scatter), 3, floor)
    on_bound = structure.on_floor(flat, floor) | structure.on_ceiling(flat, floor)
    assert on_bound.tolist() == [False, word in ("EVI", "VVI", "EVE", "VVE", "EVV", "VVV"), False]
