"""Every covariance structure reaches the maximum of the expected log-likelihood, with and without the floor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import minimize

from emdesk.model.numerics.covariance import STRUCTURES

F64 = NDArray[np.float64]
TINY = 1e-10
ALL = tuple(STRUCTURES)
NESTED = {
    "VII": ("EII",),
    "EEI": ("EII",),
    "VEI": ("VII", "EEI"),
    "EVI": ("EEI",),
    "VVI": ("VEI", "EVI"),
    "EEE": ("EEI",),
    "VEE": ("EEE", "VEI"),
    "EVE": ("EEE", "EVI"),
    "VVE": ("VEE", "EVE", "VVI"),
    "EEV": ("EEE",),
    "VEV": ("EEV", "VEE"),
    "EVV": ("EEV", "EVE"),
    "VVV": ("VEV", "EVV", "VVE"),
}


def scatters(groups: int, d: int, seed: int, rank: int | None = None) -> tuple[F64, F64]:
    """Counts (K,) and scatter matrices (K, d, d) of unlike size, shape and direction."""
    rng = np.random.default_rng(seed)
    spread = np.exp(rng.normal(size=(groups, 1, 1)) + 0.7 * rng.normal(size=(groups, d, 1)))
    rows = spread * rng.normal(size=(groups, d, rank or 4 * d))
    return 4.0 * d * rng.uniform(0.5, 2.0, groups), rows @ np.swapaxes(rows, 1, 2)


def maximum(word: str, counts: F64, scatter: F64, floor: float = TINY) -> F64:
    structure = STRUCTURES[word]
    return structure.maximise(counts, structure.second.of(scatter), scatter.shape[1], floor)


def deviance(counts: F64, scatter: F64, covariances: F64) -> float:
    """Minus twice the expected log-likelihood, without its constant."""
    _, log_determinants = np.linalg.slogdet(covariances)
    traces = np.einsum("kij,kji->k", np.linalg.inv(covariances), scatter)
    return float(counts @ log_determinants) + float(traces.sum())


def free_form(word: str, groups: int, d: int) -> tuple[int, Callable[[F64], F64]]:
    """How many numbers describe the structure, and the matrices they stand for: volumes, shapes and rotations."""
    pairs = np.triu_indices(d, 1)
    sizes = [
        {"E": 1, "V": groups, "I": 0}[letter] * each
        for letter, each in zip(word, (1, d - 1, len(pairs[0])), strict=True)
    ]

    def matrices(numbers: F64) -> F64:
        volume, shape, angles = np.split(numbers, np.cumsum(sizes)[:-1])
        made = np.empty((groups, d, d))
        for k in range(groups):
            logs = np.zeros(d)
            if shape.size:
                own = shape.reshape(-1, d - 1)[k if word[1] == "V" else 0]
                logs = np.append(own, -own.sum())
            skew = np.zeros((d, d))
            if angles.size:
                skew[pairs] = angles.reshape(-1, len(pairs[0]))[k if word[2] == "V" else 0]
            axes = expm(skew - skew.T)
            made[k] = (axes * np.exp(volume[k if word[0] == "V" else 0] + logs)) @ axes.T
        return made

    return sum(sizes), matrices


def lowest_found(word: str, counts: F64, scatter: F64, starts: int) -> float:
    """The lowest deviance that a quasi-Newton method finds in the free form from random starts."""
    groups, d, _ = scatter.shape
    count, matrices = free_form(word, groups, d)
    rng = np.random.default_rng(0)
    scale = np.log(np.trace(scatter.sum(axis=0)) / counts.sum() / d)

    def objective(numbers: F64) -> float:
        return deviance(counts, scatter, matrices(numbers)) / float(counts.sum())

    limits = [(-8.0, 8.0)] * count
    reached = []
    for _ in range(starts):
        start = rng.normal(size=count)
        start[: {"E": 1, "V": groups}[word[0]]] = scale
        options = {"maxiter": 2000, "ftol": 1e-13}
        found = minimize(objective, start, method="L-BFGS-B", bounds=limits, options=options)
        reached.append(float(found.fun))
    return float(min(reached) * counts.sum())


@pytest.mark.slow
@pytest.mark.parametrize("word", ALL)
@pytest.mark.parametrize(("groups", "d", "starts"), [(3, 2, 5), (2, 3, 8)])
def test_no_other_optimiser_finds_a_higher_likelihood(
    word: str, groups: int, d: int, starts: int
) -> None:
    counts, scatter = scatters(groups, d, seed=groups + 10 * d)
    ours = deviance(counts, scatter, maximum(word, counts, scatter))
    theirs = lowest_found(word, counts, scatter, starts)
    assert ours == pytest.approx(theirs, abs=1e-5)
    assert ours <= theirs + 1e-9 * counts.sum()


@pytest.mark.parametrize("word", ["VEI", "EVI", "VEV", "EVV", "EEV", "VVI"])
@pytest.mark.parametrize("floor", [0.5, 2.0])
def test_the_floor_is_a_constrained_maximum(word: str, floor: float) -> None:
    """Against sequential quadratic programming over the logarithms of the eigenvalues, a convex problem."""
    groups, d = 3, 3
    counts, scatter = scatters(groups, d, seed=5)
    ours = maximum(word, counts, scatter, floor)
    along: F64 = np.diagonal(scatter, axis1=1, axis2=2)
    if word.endswith("V"):
        along = np.asarray(np.linalg.eigvalsh(scatter))
    logs = _constrained(word, counts, along, np.log(floor))
    theirs = float((counts[:, None] * logs + along * np.exp(-logs)).sum())
    seen = scatter if word.endswith("V") else along[:, :, None] * np.eye(d)
    least = np.linalg.eigvalsh(ours).min()
    assert least == pytest.approx(floor, rel=1e-9)
    assert deviance(counts, seen, ours) == pytest.approx(theirs, abs=1e-5)


def _constrained(word: str, counts: F64, along: F64, low: float) -> F64:
    """(K, d) log eigenvalues: a_k + s_j for a common shape, else free with the sums that the volume asks for."""
    groups, d = along.shape
    is_sum = word[1] == "E"

    def logs_of(numbers: F64) -> F64:
        if is_sum:
            volumes = numbers[:groups] if word[0] == "V" else np.zeros(groups)
            return np.asarray(volumes[:, None] + numbers[-d:])
        return numbers.reshape(groups, d)

    def objective(numbers: F64) -> float:
        logs = logs_of(numbers)
        return float((counts[:, None] * logs + along * np.exp(-logs)).sum() / counts.sum())

    limits = [{"type": "ineq", "fun": lambda x: (logs_of(x) - low).ravel()}]
    if word[:2] == "EV":
        limits.append({"type": "eq", "fun": lambda x: np.diff(logs_of(x).sum(axis=1))})
    start = np.full(groups + d if is_sum else groups * d, max(low, 0.0) + 1.0)
    options = {"maxiter": 500, "ftol": 1e-14}
    found = minimize(objective, start, method="SLSQP", constraints=limits, options=options)
    return np.maximum(logs_of(found.x), low)


@pytest.mark.parametrize("floor", [0.3, 1.5])
def test_proportional_matrices_under_the_floor_are_at_a_constrained_maximum(floor: float) -> None:
    """No small feasible change of the volumes, the shape or the direction is better: the problem is convex along
    geodesics, so that this suffices."""
    counts, scatter = scatters(3, 3, seed=8)
    ours = maximum("VEE", counts, scatter, floor)
    best = deviance(counts, scatter, ours)
    assert np.linalg.eigvalsh(ours).min() == pytest.approx(floor, rel=1e-9)
    rng = np.random.default_rng(3)
    better = 0
    for _ in range(400):
        turn = np.linalg.cholesky(ours[0]) @ expm(1e-3 * _symmetric(rng, 3))
        shape = turn @ turn.T / np.linalg.det(turn) ** (2 / 3)
        volumes = np.linalg.det(ours) ** (1 / 3) * np.exp(1e-3 * rng.normal(size=3))
        tried = np.maximum(volumes, floor / np.linalg.eigvalsh(shape)[0])[:, None, None] * shape
        better += deviance(counts, scatter, tried) < best - 1e-9
    assert better == 0


def _symmetric(rng: np.random.Generator, d: int) -> F64:
    square = rng.normal(size=(d, d))
    return np.asarray(square + square.T)


@pytest.mark.parametrize("floor", [TINY, 0.4, 3.0])
@pytest.mark.parametrize("seed", range(6))
def test_no_structure_ends_above_one_that_contains_it(seed: int, floor: float) -> None:
    counts, scatter = scatters(2 + seed % 3, 2 + seed % 4, seed)
    found = {word: deviance(counts, scatter, maximum(word, counts, scatter, floor)) for word in ALL}
    above = [
        (outer, inner)
        for outer, inners in NESTED.items()
        for inner in inners
        if found[outer] > found[inner] + 1e-10 * abs(found[inner])
    ]
    assert not above


@pytest.mark.parametrize("word", ALL)
def test_scatter_that_has_the_structure_is_given_back(word: str) -> None:
    groups, d = 3, 4
    count, matrices = free_form(word, groups, d)
    made = matrices(np.random.default_rng(2).normal(size=count))
    counts = np.array([30.0, 50.0, 20.0])
    found = maximum(word, counts, counts[:, None, None] * made)
    np.testing.assert_allclose(found, made, rtol=1e-9, atol=1e-9)
    kept = STRUCTURES[word].project(made, counts / counts.sum(), TINY)
    assert kept is made


@pytest.mark.parametrize("word", ["EVE", "VVE"])
@pytest.mark.parametrize("d", [2, 5, 14])
def test_common_axes_are_stationary_to_machine_precision(word: str, d: int) -> None:
    """The condition of Flury (1984): seen along the axes, the scatter pulls every pair of them equally both ways."""
    counts, scatter = scatters(3, d, seed=d)
    found = maximum(word, counts, scatter)
    axes = np.linalg.eigh(found.sum(axis=0))[1]
    values = np.diagonal(axes.T @ found @ axes, axis1=1, axis2=2)
    turned = axes.T @ scatter @ axes
    pull = turned * (1 / values[:, :, None] - 1 / values[:, None, :])
    assert np.abs(pull.sum(axis=0)).max() < 1e-9 * np.abs(pull).sum(axis=0).max()


@pytest.mark.parametrize("word", ["EVE", "VVE"])
def test_common_axes_never_end_below_the_matrices_they_start_from(word: str) -> None:
    structure = STRUCTURES[word]
    for seed in range(8):
        counts, scatter = scatters(3, 4, seed)
        _, other = scatters(3, 4, seed + 100)
        near = structure.maximise(counts, other, 4, TINY)
        made = structure.maximise(counts, scatter, 4, TINY, near=near)
        assert deviance(counts, scatter, made) <= deviance(counts, scatter, near)
        again = structure.maximise(counts, scatter, 4, TINY, near=made)
        np.testing.assert_allclose(again, made, rtol=1e-8, atol=1e-9 * np.abs(made).max())


@pytest.mark.parametrize("word", ALL)
def test_a_flat_or_vanishing_component_stays_on_the_floor_and_finite(word: str) -> None:
    counts, scatter = scatters(3, 3, seed=4)
    _, flat = scatters(3, 3, seed=4, rank=1)
    scatter[1], scatter[2] = flat[1], 0.0
    for floor in (1e-8, 1e-12):
        made = maximum(word, counts, scatter, floor)
        assert np.isfinite(made).all()
        np.linalg.cholesky(made)
        rounding = 1e-15 * np.linalg.eigvalsh(made)[:, -1].max()
        assert np.linalg.eigvalsh(made).min() >= floor * (1 - 1e-6) - rounding
