"""Parameters that are equal in several components, of laws whose columns are independent given the group."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.catalogue import catalogue
from emdesk.errors import SettingProblem
from emdesk.families.mixture import FAMILY
from emdesk.laws.bernoulli import LAW as BERNOULLI
from emdesk.laws.gamma import LAW as GAMMA
from emdesk.laws.log_normal import LAW as LOG_NORMAL
from emdesk.laws.poisson import LAW as POISSON
from emdesk.laws.zero_inflated_poisson import LAW as ZERO_INFLATED
from emdesk.model.columnwise import ColumnwiseLaw
from emdesk.model.held import Held, HeldValue
from emdesk.model.params import arrays, from_vector, rebuild, to_vector
from emdesk.model.tied import Tie
from tests.example_rows import rows_for
from tests.laws.test_columnwise_gaps import climbs, log_likelihood, run, with_gaps

F64 = NDArray[np.float64]
FLAT = ("skew-normal",)
"""Where slants are near 0 the likelihood is flat to the third order, and an optimiser stops anywhere."""
SLOW = {"exponential": 1}
"""The column to be tied, where EM creeps when it is the first one."""
TIES: tuple[tuple[Any, str], ...] = tuple(
    (law, name)
    for law in catalogue().laws
    if isinstance(law, ColumnwiseLaw) and not law.roles and law.id != "von-mises"
    for name in law.tieable
)
"""Every law of columns with each parameter that can be tied."""


def words(value: Any) -> str:
    return str(getattr(value, "id", value))


def best_near(law: Any, columns: F64, data: Any, params: Any, tied: tuple[Tie, ...]) -> float:
    """The highest log-likelihood that an optimiser finds near params with these ties of cells."""
    from scipy.optimize import minimize

    family: Any = FAMILY.with_law(law)

    def level(parameter: Any, values: F64) -> F64:
        made = values.copy()
        for tie in tied:
            if tie.name == parameter.name:
                groups = list(tie.among(len(values)))
                made[groups, tie.place[0]] = made[groups[0], tie.place[0]]
        return made

    def fall(vector: F64) -> float:
        made = rebuild(from_vector(np.clip(vector, -30, 30), params), level)
        return -log_likelihood(law, family.in_units(data, made), columns)

    reached = np.clip(to_vector(params), -29, 29)
    nudge = 0.03 * np.random.default_rng(1).standard_normal(len(reached))
    with np.errstate(all="ignore"):
        found = [-float(minimize(fall, s, method="BFGS").fun) for s in (reached, reached + nudge)]
    return max(found)


@pytest.mark.parametrize(("law", "name"), TIES, ids=words)
def test_a_fit_with_a_tied_parameter_is_the_best_one_that_keeps_the_tie(
    law: Any, name: str
) -> None:
    columns = with_gaps(law)
    column = SLOW.get(law.id, 0)
    tied = (Tie(name, (), (column,)),)
    family: Any = FAMILY.with_law(law)
    most = 200 if law.id in FLAT else 1500
    data, params, objectives = run(law, columns, 2, Held((), tied), most)
    values = arrays(family.in_units(data, params))[name]
    assert values[0, column] == pytest.approx(values[1, column], rel=1e-12)
    assert values[0, 1 - column] != pytest.approx(values[1, 1 - column], rel=1e-6)
    assert climbs(objectives)
    free, start, _ = run(law, columns, 2, iterations=0)
    assert family.free_parameters(data, params) == family.free_parameters(free, start) - 1
    if law.id not in FLAT:
        assert best_near(law, columns, data, params, tied) == pytest.approx(
            objectives[-1], rel=1e-6
        )


def test_only_the_components_of_a_tie_are_equal() -> None:
    columns, _ = rows_for(POISSON, 2)
    tied = (Tie("rates", (0, 2), (0,)),)
    data, params, objectives = run(POISSON, columns, 3, Held((), tied))
    rates = params.law.rates
    assert rates[0, 0] == rates[2, 0] != rates[1, 0]
    assert len(set(rates[:, 1])) == 3
    assert climbs(objectives)
    assert best_near(POISSON, columns, data, params, tied) == pytest.approx(
        objectives[-1], rel=1e-6
    )


def test_a_whole_parameter_is_tied_where_no_column_is_named() -> None:
    columns, _ = rows_for(LOG_NORMAL, 2)
    _, params, objectives = run(LOG_NORMAL, columns, 2, Held((), (Tie("log_sds"),)))
    assert np.ptp(params.law.log_sds, axis=0) == pytest.approx([0, 0], abs=1e-15)
    assert climbs(objectives)


def test_shapes_and_scales_that_are_both_tied_make_one_law_of_a_column() -> None:
    columns, _ = rows_for(GAMMA, 2)
    tied = (Tie("shapes", (), (1,)), Tie("scales", (), (1,)))
    data, params, objectives = run(GAMMA, columns, 2, Held((), tied))
    assert climbs(objectives)
    alone, one, _ = run(GAMMA, columns[1:], 1)
    of_both = GAMMA.in_units(params.law, data.constants)
    of_one = GAMMA.in_units(one.law, alone.constants)
    assert of_both.shapes[:, 1] == pytest.approx(of_one.shapes[0, 0], rel=1e-7)
    assert of_both.scales[:, 1] == pytest.approx(of_one.scales[0, 0], rel=1e-7)


def test_what_is_tied_to_a_held_number_is_held_too() -> None:
    columns, _ = rows_for(POISSON, 2)
    held = Held((HeldValue("rates", (1, 0), 5.0),), (Tie("rates", (0, 1), (0,)),))
    data, params, _ = run(POISSON, columns, 3, held)
    shown = POISSON.in_units(params.law, data.constants).rates
    assert shown[:2, 0] == pytest.approx([5.0, 5.0], rel=1e-12)
    assert FAMILY.with_law(POISSON).free_parameters(data, params) == 2 + 6 - 2
    both = Held((*held.values, HeldValue("rates", (0, 0), 4.0)), held.ties)
    with pytest.raises(SettingProblem, match="held at 4 and at 5"):
        run(POISSON, columns, 3, both)


def test_a_tied_parameter_under_a_prior_climbs_to_the_highest_posterior() -> None:
    for law, name in ((POISSON, "rates"), (BERNOULLI, "probabilities")):
        columns = with_gaps(law)
        _, params, objectives = run(law, columns, 2, Held((), (Tie(name, (), (0,)),)), prior=7.5)
        values = arrays(params.law)[name]
        assert values[0, 0] == pytest.approx(values[1, 0], rel=1e-12)
        assert climbs(objectives)


def test_starts_typed_params_and_nearest_ones_keep_ties() -> None:
    columns, _ = rows_for(ZERO_INFLATED, 2)
    held = Held((), (Tie("rates", (), (1,)),))
    data, params, _ = run(ZERO_INFLATED, columns, 2, held, iterations=0)
    free, other, _ = run(ZERO_INFLATED, columns, 2, iterations=3)
    typed = ZERO_INFLATED.in_units(other.law, free.constants)
    for made in (
        params.law,
        ZERO_INFLATED.from_units(typed, data.constants),
        ZERO_INFLATED.retract(other.law, data.constants),
    ):
        rates = arrays(made)["rates"]
        assert rates[0, 1] == rates[1, 1] and rates[0, 0] != rates[1, 0]


def test_tied_weights_share_what_the_others_leave() -> None:
    columns, _ = rows_for(POISSON, 2)
    tied = Held((), (Tie("weights", (0, 1)),))
    data, params, objectives = run(POISSON, columns, 3, tied)
    assert params.weights[0] == pytest.approx(params.weights[1], rel=1e-12)
    assert params.weights[2] != pytest.approx(params.weights[0], rel=1e-3)
    assert climbs(objectives)
    assert FAMILY.with_law(POISSON).free_parameters(data, params) == 1 + 6
    fixed = Held((HeldValue("weights", (2,), 0.5),), tied.ties)
    _, params, _ = run(POISSON, columns, 3, fixed)
    assert params.weights == pytest.approx([0.25, 0.25, 0.5], rel=1e-12)


def test_components_keep_their_numbers_where_only_some_are_tied() -> None:
    columns, _ = rows_for(POISSON, 2)
    some, _, _ = run(POISSON, columns, 3, Held((), (Tie("rates", (0, 1)),)), iterations=0)
    every, _, _ = run(POISSON, columns, 3, Held((), (Tie("rates", (), (0,)),)), iterations=0)
    assert some.names_its_groups and not every.names_its_groups


@pytest.mark.parametrize(
    ("tie", "said"),
    [
        (
            Tie("means"),
            "means cannot be the same in several components. What can be: weights, rate",
        ),
        (Tie("rates", (0, 3)), r"rates has no place \[1 4\] that could be tied"),
        (Tie("rates", (), (2,)), r"rates has no place \[3\] that could be tied"),
        (Tie("rates", (1,)), "rates is tied in one component only"),
    ],
)
def test_what_cannot_be_tied_is_refused_in_one_sentence(tie: Tie, said: str) -> None:
    columns, _ = rows_for(POISSON, 2)
    with pytest.raises(SettingProblem) as caught:
        run(POISSON, columns, 3, Held((), (tie,)), iterations=0)
    assert caught.value.setting == "tied"
    assert re.search(said, caught.value.sentence)
