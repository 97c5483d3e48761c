"""Components merged into clusters by the entropy of the posterior probabilities."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.em.merging import broken_line, merged_output, merging_of
from emdesk.model.family import RowOutput

F64 = NDArray[np.float64]


def drawn(components: int, rows: int = 60, seed: int = 0) -> RowOutput:
    probabilities = np.random.default_rng(seed).dirichlet(np.full(components, 0.4), rows).T
    return RowOutput(probabilities, probabilities.argmax(axis=0))


def entropy(probabilities: F64, weights: F64 | None = None) -> float:
    terms = np.where(
        probabilities > 0, -probabilities * np.log(np.maximum(probabilities, 1e-300)), 0
    )
    total = terms.sum(axis=0)
    return float(total.sum() if weights is None else weights @ total)


def test_each_step_merges_the_pair_that_lowers_the_entropy_most() -> None:
    output = drawn(5)
    weights = np.random.default_rng(1).integers(1, 4, 60).astype(float)
    found = merging_of(output, weights)
    assert [step.clusters for step in found.steps] == [5, 4, 3, 2, 1]
    for before, after in itertools.pairwise(found.steps):
        pairs = itertools.combinations(before.groups, 2)
        best = min(
            entropy(
                np.stack(
                    [
                        output.probabilities[list(own)].sum(axis=0)
                        for own in (*(g for g in before.groups if g not in pair), sum(pair, ()))
                    ]
                ),
                weights,
            )
            for pair in pairs
        )
        assert after.entropy == pytest.approx(best)
        assert after.merged is not None
        first, second = (next(g for g in before.groups if k in g) for k in after.merged)
        assert tuple(sorted(first + second)) in after.groups
    assert found.steps[-1].entropy == pytest.approx(0.0, abs=1e-9)


def test_two_halves_of_a_cluster_are_merged_first_and_the_elbow_finds_the_clusters() -> None:
    rng = np.random.default_rng(3)
    cluster = np.repeat([0, 1, 2], 100)
    half = rng.uniform(0.2, 0.8, 300)
    probabilities = np.zeros((6, 300))
    rows = np.arange(300)
    probabilities[2 * cluster, rows], probabilities[2 * cluster + 1, rows] = half, 1 - half
    found = merging_of(RowOutput(probabilities, probabilities.argmax(axis=0)))
    assert found.suggested == 3
    assert found.step(3).groups == ((0, 1), (2, 3), (4, 5))
    merged = merged_output(
        RowOutput(probabilities, probabilities.argmax(axis=0)), found.step(3).groups
    )
    assert np.array_equal(merged.label, cluster)
    assert merged.probabilities.sum(axis=0) == pytest.approx(np.ones(300))


def test_noise_is_merged_with_nothing_and_stays_the_last() -> None:
    plain = drawn(4, seed=5)
    output = RowOutput(plain.probabilities, plain.label, has_noise=True)
    found = merging_of(output)
    assert found.components == 3 and found.step(1).groups == ((0, 1, 2),)
    merged = merged_output(output, found.step(2).groups)
    assert merged.has_noise and merged.groups == 2
    assert np.array_equal(merged.probabilities[-1], plain.probabilities[-1])


def test_the_corner_of_a_broken_line_is_found() -> None:
    x = np.arange(1.0, 9.0)
    y = np.where(x < 4, 0.1 * x, 0.4 + 3 * (x - 4))
    found = broken_line(x, y)
    assert found is not None and found.clusters == 4
    assert found.few[0] == pytest.approx(0.1) and found.many == pytest.approx((3.0, -11.6))


def test_two_components_have_no_elbow() -> None:
    assert merging_of(drawn(2)).suggested is None
