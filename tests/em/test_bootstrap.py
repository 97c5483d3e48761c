"""Standard errors from data drawn again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from emdesk.app.session import FitResult
from emdesk.em.bootstrap import Bootstrap, bootstrap
from emdesk.em.bootstrap_test import Fitted
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.uncertainty import Uncertainty
from emdesk.errors import Cancelled, NothingSound, UsageProblem
from emdesk.model.dataset import Dataset
from tests import catalogues
from tests.em.test_uncertainty import errors_of, fitted, two_groups


def drawn_again(
    result: FitResult, replicates: int = 40, is_parametric: bool = False, **more: Any
) -> Uncertainty:
    model = Fitted(
        result.family, result.spec.request(), result.data, result.params, result.log_likelihood
    )
    plan = Bootstrap(result.dataset, model, result.spec.fit, is_parametric)
    with Sweeper(1) as sweeper:
        return bootstrap(plan, sweeper, replicates, **more)


@pytest.mark.parametrize("is_parametric", [False, True])
def test_a_normal_mean_has_about_sd_over_root_n(is_parametric: bool) -> None:
    x = np.random.default_rng(1).normal(5.0, 3.0, 100)
    found = drawn_again(fitted("gaussian", {"x": x}, components=1), 200, is_parametric)
    error = found.standard_errors["means"][0, 0]
    assert error == pytest.approx(x.std() / math.sqrt(100), rel=0.2)
    low, high = found.intervals["means"][0, 0]
    assert low < x.mean() < high and high - low == pytest.approx(3.92 * error, rel=0.25)
    assert found.method == ("parametric" if is_parametric else "bootstrap")
    assert (found.replicates, found.failures) == (200, 0)


def test_groups_that_change_places_are_no_spread_and_both_ways_agree() -> None:
    result = fitted("gaussian", two_groups(150, 1), components=2, tolerance=1e-8)
    plain, again = errors_of(result), drawn_again(result, 60)
    ratio = again.standard_errors["means"] / plain.standard_errors["means"]
    assert np.all((ratio > 0.6) & (ratio < 1.7))


def test_the_seed_decides_and_the_estimate_is_left_as_it_is() -> None:
    result = fitted("gaussian", two_groups(60, 1), components=2, tolerance=1e-8)
    first, second = drawn_again(result, 5), drawn_again(result, 5)
    assert np.array_equal(first.standard_errors["means"], second.standard_errors["means"])


def test_frequencies_are_drawn_as_units() -> None:
    x = np.random.default_rng(2).poisson(4.0, 400).astype(np.float64)
    values, counts = np.unique(x, return_counts=True)
    result = fitted("poisson", {"x": values}, counts.astype(np.float64), components=1)
    for is_parametric in (False, True):
        error = drawn_again(result, 150, is_parametric).standard_errors["rates"][0, 0]
        assert error == pytest.approx(math.sqrt(x.mean() / 400), rel=0.25)


def test_samples_without_a_sound_fit_are_counted_and_told() -> None:
    x = np.concatenate([np.full(30, 1.0), [2.0, 2.5, 3.1]])
    result = fitted("gaussian", {"x": x}, components=1)
    found = drawn_again(result, 60)
    assert found.failures > 0 and found.replicates + found.failures == 60
    assert any(str(found.failures) in note for note in found.notes)


def test_hardly_any_sound_sample_is_a_named_failure() -> None:
    x = np.concatenate([np.full(40, 1.0), [2.0]])
    result = fitted("gaussian", {"x": x}, components=1)
    constant = replace(result, dataset=constant_like(result.dataset))
    with pytest.raises(NothingSound, match="Hardly any of 3"):
        drawn_again(constant, 3)


def constant_like(dataset: Dataset) -> Dataset:
    """The same rows with one value everywhere, of which no sample has a normal law."""
    columns = tuple(replace(c, values=np.ones(dataset.rows)) for c in dataset.columns)
    return replace(dataset, columns=columns)


def test_rows_of_a_series_are_not_drawn_one_by_one() -> None:
    result = catalogues.case("hidden-markov-gaussian-1d").from_labels().fit()
    with pytest.raises(UsageProblem, match="hang together"):
        drawn_again(result)


def test_it_can_be_stopped_and_says_how_far_it_is() -> None:
    result = fitted("gaussian", two_groups(60, 1), components=2, tolerance=1e-8)
    control, shares = RunControl(), []

    def tell(share: float) -> None:
        shares.append(share)
        if len(shares) == 3:
            control.stop()

    with pytest.raises(Cancelled):
        drawn_again(result, 10, control=control, tell=tell)
    assert shares == pytest.approx([0.1, 0.2, 0.3])
