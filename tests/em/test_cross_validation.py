"""The log-likelihood of rows while they are left out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from emdesk.em.control import RunControl
from emdesk.em.cross_validation import CrossValidation, Folds, cross_validate
from emdesk.em.reduce import Sweeper
from emdesk.errors import Cancelled, UsageProblem
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.model.needs import Role
from tests.catalogues import Case, case


def walked(
    example: Case, folds: Folds | None = None, control: RunControl | None = None
) -> CrossValidation:
    with Sweeper(1) as sweeper:
        walk = cross_validate(
            example.family,
            example.dataset,
            example.spec.request(),
            example.spec.fit,
            folds or Folds(5),
            control or RunControl(),
            sweeper,
        )
        while True:
            try:
                next(walk)
            except StopIteration as end:
                made: CrossValidation = end.value
                return made


def test_leaving_one_row_out_at_a_time_is_what_it_says() -> None:
    x = np.random.default_rng(2).normal(5, 2, 30)
    example = case("mixture-gaussian-1d").over(from_arrays("rows", [("a", x)])).set(components=1)
    expected = 0.0
    for left_out in range(30):
        others = np.delete(x, left_out)
        expected += float(stats.norm(others.mean(), others.std()).logpdf(x[left_out]))
    assert walked(example, Folds(30)).log_likelihood == pytest.approx(expected, rel=1e-10)


def test_a_frequency_is_the_same_as_so_many_rows() -> None:
    values, counts = np.arange(8.0), np.array([3, 5, 2, 4, 1, 6, 2, 7])
    table = Dataset(
        (
            Column("a", Kind.COUNT, values),
            Column("n", Kind.COUNT, counts.astype(np.float64)),
        ),
        "table",
    )
    one = case("mixture-gaussian-1d").set(components=1)
    spec = one.spec.__class__(**{**one.spec.__dict__, "roles": {Role.WEIGHT: ("n",)}})
    counted = Case("counted", table, spec)
    rows = np.repeat(values, counts)
    long = one.over(from_arrays("rows", [("a", rows)]))
    each = int(counts.sum())
    expected = walked(long, Folds(each)).log_likelihood
    assert walked(counted, Folds(each)).log_likelihood == pytest.approx(expected, rel=1e-9)


def test_the_same_seed_cuts_the_same_parts_and_repeats_spread() -> None:
    example = case("mixture-gaussian-2d").set(starts=2)
    first, again = walked(example, Folds(3, 2)), walked(example, Folds(3, 2))
    assert first.log_likelihood == again.log_likelihood
    assert first.spread > 0
    assert math.isnan(walked(example, Folds(3)).spread)


def test_it_prefers_the_groups_there_are() -> None:
    example = case("mixture-gaussian-2d").set(starts=3)
    values = [walked(example.set(components=k)).log_likelihood for k in (1, 3)]
    assert values[1] > values[0]


def test_a_chain_is_left_out_by_whole_sequences() -> None:
    chain = next(c for c in _cases_with_sequences() if c.spec.family == "hidden-markov")
    assert math.isfinite(walked(chain.set(starts=1, max_iterations=20), Folds(2)).log_likelihood)


def _cases_with_sequences() -> list[Case]:
    from tests.catalogues import cases

    return [c for c in cases() if Role.SEQUENCE in c.spec.roles]


def test_rows_of_one_chain_cannot_be_left_out() -> None:
    from tests.catalogues import cases

    chain = next(
        c for c in cases() if c.spec.family == "hidden-markov" and Role.SEQUENCE not in c.spec.roles
    )
    with pytest.raises(UsageProblem, match="hang together"):
        walked(chain)


def test_more_parts_than_rows_and_a_single_part_are_refused() -> None:
    example = case("mixture-gaussian-1d")
    with pytest.raises(UsageProblem, match="more than the 150 rows"):
        walked(example, Folds(151))
    with pytest.raises(UsageProblem, match="1 parts leave nothing"):
        walked(example, Folds(1))


def test_a_part_without_a_sound_fit_is_said_instead_of_a_number() -> None:
    x = np.concatenate([np.zeros(12), [5.0, 5.0, 5.0]])
    example = case("mixture-gaussian-1d").over(from_arrays("rows", [("a", x)])).set(components=2)
    made = walked(example, Folds(3))
    assert math.isnan(made.log_likelihood) and made.reason.startswith("no sound fit without part")


def test_a_stop_ends_it() -> None:
    control = RunControl()
    control.stop()
    with pytest.raises(Cancelled):
        walked(case("mixture-gaussian-1d"), control=control)
