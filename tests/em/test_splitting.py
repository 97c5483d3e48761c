"""Starts for a larger model from the solution of a smaller one."""

from __future__ import annotations

import numpy as np
import pytest

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.splitting import Solution, starts_from
from emdesk.model.family import ByLabels, ByParams, Start
from tests.catalogues import Case, case

LAWS = (
    "mixture-gaussian-2d",
    "mixture-poisson-2d",
    "mixture-bernoulli-2d",
    "mixture-gamma-1d",
    "mixture-student-t-2d",
)


def starts_of(example: Case, groups: int) -> tuple[Start, ...]:
    result = example.fit()
    solution = Solution(result.family, result.dataset, result.data, result.params)
    with Sweeper(1) as sweeper:
        return starts_from(solution, groups, 0, sweeper, RunControl())


@pytest.mark.parametrize("name", LAWS)
def test_every_start_is_one_that_the_larger_model_takes(name: str) -> None:
    small, large = case(name).set(components=2), case(name).set(components=3)
    data = large.prepared()
    rng = np.random.default_rng(0)
    made = [large.family.start(data, how, rng) for how in starts_of(small, 3)]
    assert len(made) >= 4
    for params in made:
        assert params.weights.shape == (3,)
        assert params.weights.sum() == pytest.approx(1)


def test_each_group_is_halved_in_turn_and_the_others_stay() -> None:
    example = case("mixture-gaussian-2d").set(components=2)
    means = example.family.in_units(example.prepared(), example.fit().params).law.means
    halved = [how for how in starts_of(example, 3) if isinstance(how, ByParams)]
    for group, how in enumerate(halved[:2]):
        made = how.values["means"]
        assert made[1 - group] == pytest.approx(means[1 - group])
        assert (made[group] + made[2]) / 2 == pytest.approx(means[group])
        assert how.values["weights"][group] == how.values["weights"][2]


def test_rows_are_cut_in_two_halves_of_their_group() -> None:
    example = case("mixture-gaussian-2d").set(components=1)
    (cut,) = (how for how in starts_of(example, 2) if isinstance(how, ByLabels))
    assert np.bincount(cut.codes).tolist() == [75, 75]


def test_a_model_with_as_many_groups_starts_at_the_solution_itself() -> None:
    example = case("mixture-gaussian-2d").set(components=2, covariance="EEE")
    (only,) = starts_of(example, 2)
    assert isinstance(only, ByParams)
    assert only.values["covariances"].shape == (2, 2, 2)


def test_several_groups_more_are_made_by_halving_again() -> None:
    example = case("mixture-gaussian-2d").set(components=1)
    sizes = [
        len(how.values["weights"]) for how in starts_of(example, 4) if isinstance(how, ByParams)
    ]
    assert set(sizes) == {4}


def test_states_of_a_chain_are_split_by_their_rows_only() -> None:
    chain = case("hidden-markov-gaussian-1d").set(states=2)
    assert all(isinstance(how, ByLabels) for how in starts_of(chain, 3))
