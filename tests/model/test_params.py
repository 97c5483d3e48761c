"""Params name their axes; vectors, orders and distances come from the declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from emdesk.model.params import (
    Axes,
    Domain,
    arrays,
    axes_of,
    between,
    from_arrays,
    from_vector,
    largest_change,
    nbytes,
    permuted,
    to_vector,
)

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Inner:
    """Params of a law in small."""

    means: Annotated[F64, Axes("component", "column"), Domain.REAL]
    matrices: Annotated[F64, Axes("component", "column", "column"), Domain.SPD]


@dataclass(frozen=True, eq=False)
class Outer:
    """Params of a family in small, with another word for its groups."""

    renamed_axes: ClassVar[dict[str, str]] = {"component": "state"}

    shares: Annotated[F64, Axes("state"), Domain.SIMPLEX]
    rates: Annotated[F64, Axes("state"), Domain.POSITIVE]
    chances: Annotated[F64, Axes("state"), Domain.UNIT]
    law: Any


def example(seed: int = 0) -> Outer:
    rng = np.random.default_rng(seed)
    roots = rng.standard_normal((3, 2, 4))
    return Outer(
        rng.dirichlet(np.ones(3)),
        rng.gamma(1.0, 5.0, 3),
        rng.uniform(0.01, 0.99, 3),
        Inner(rng.standard_normal((3, 2)), roots @ np.swapaxes(roots, 1, 2)),
    )


@given(st.integers(0, 10_000))
def test_a_vector_leads_back_to_its_params_and_params_to_their_vector(seed: int) -> None:
    params = example(seed)
    again = from_vector(to_vector(params), params)
    for name, value in arrays(params).items():
        np.testing.assert_allclose(arrays(again)[name], value, rtol=1e-9, err_msg=name)


@given(st.lists(st.floats(-30, 30), min_size=24, max_size=24))
def test_every_vector_is_some_params_inside_their_domains(numbers: list[float]) -> None:
    made = from_vector(np.array(numbers), example())
    assert made.shares.sum() == pytest.approx(1.0) and (made.shares >= 0).all()
    assert (made.rates > 0).all()
    assert ((made.chances >= 0) & (made.chances <= 1)).all()
    assert np.array_equal(made.law.matrices, np.swapaxes(made.law.matrices, 1, 2))


def test_extreme_values_have_finite_vectors() -> None:
    params = Outer(
        np.array([1.0, 0.0, 0.0]),
        np.array([0.0, 1e-300, 1e300]),
        np.array([0.0, 1.0, 0.5]),
        example().law,
    )
    assert np.isfinite(to_vector(params)).all()
    assert from_vector(to_vector(params), params).shares == pytest.approx([1.0, 0.0, 0.0])


def test_groups_of_a_nested_law_carry_the_word_of_the_family() -> None:
    assert axes_of(example())["means"] == ("state", "column")
    assert axes_of(example().law)["means"] == ("component", "column")


def test_an_order_turns_every_axis_of_that_name_and_no_other() -> None:
    params = example()
    turned = permuted(params, "state", np.array([2, 0, 1]))
    assert np.array_equal(turned.shares, params.shares[[2, 0, 1]])
    assert np.array_equal(turned.law.means, params.law.means[[2, 0, 1]])
    assert np.array_equal(turned.law.matrices, params.law.matrices[[2, 0, 1]])
    unturned = permuted(params, "component", np.array([2, 0, 1]))
    assert np.array_equal(unturned.law.means, params.law.means)


def test_an_axis_that_a_parameter_has_twice_is_turned_twice() -> None:
    @dataclass(frozen=True, eq=False)
    class Moves:
        moves: Annotated[F64, Axes("state", "state"), Domain.SIMPLEX]

    Moves.__annotations__["moves"] = Annotated[F64, Axes("state", "state"), Domain.SIMPLEX]
    matrix = np.arange(9.0).reshape(3, 3)
    order = np.array([1, 2, 0])
    assert np.array_equal(permuted(Moves(matrix), "state", order).moves, matrix[order][:, order])


def test_halfway_lies_between_and_inside_the_domains() -> None:
    one, other = example(1), example(2)
    middle = between(one, other, 0.5)
    assert middle.rates == pytest.approx(np.sqrt(one.rates * other.rates))
    assert middle.shares.sum() == pytest.approx(1.0)
    assert (np.linalg.eigvalsh(middle.law.matrices) > 0).all()
    assert largest_change(between(one, other, 1.0), other) < 1e-9
    assert largest_change(between(one, other, 0.0), one) < 1e-9


def test_changes_are_measured_each_in_its_own_scale() -> None:
    params = example()
    assert largest_change(params, params) == 0.0
    doubled = Outer(params.shares, params.rates * 2, params.chances, params.law)
    assert largest_change(params, doubled) == pytest.approx(0.5)
    moved = Outer(
        params.shares,
        params.rates,
        params.chances,
        Inner(params.law.means + 3, params.law.matrices),
    )
    assert largest_change(params, moved) == pytest.approx(3.0)
    grown = Outer(
        params.shares,
        params.rates,
        params.chances,
        Inner(params.law.means, 1.25 * params.law.matrices),
    )
    assert largest_change(params, grown) == pytest.approx(0.2)


def test_params_are_made_from_arrays_by_name_and_a_missing_name_is_told() -> None:
    inner = example().law
    again = from_arrays(Inner, arrays(inner))
    assert np.array_equal(again.matrices, inner.matrices)
    with pytest.raises(KeyError, match="matrices"):
        from_arrays(Inner, {"means": inner.means})
    assert nbytes(inner) == inner.means.nbytes + inner.matrices.nbytes
