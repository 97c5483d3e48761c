"""The Gaussian log density against fifty digits, up to 8 standard deviations and a condition of 1e8."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.laws.gaussian import LAW
from emdesk.laws.gaussian.settings import GaussianParams
from emdesk.model.numerics.whitening import whitening
from tests.laws import exact

F64 = NDArray[np.float64]


def log_density(x: F64, mean: F64, matrix: F64) -> Decimal:
    """By a Cholesky factor in decimal arithmetic."""
    d = len(mean)
    entries = [[Decimal(float(v)) for v in row] for row in matrix]
    centred = [Decimal(float(a)) - Decimal(float(b)) for a, b in zip(x, mean, strict=True)]
    factor = [[Decimal(0)] * d for _ in range(d)]
    white: list[Decimal] = []
    log_root = Decimal(0)
    for i in range(d):
        for j in range(i + 1):
            rest = entries[i][j] - sum(
                (factor[i][k] * factor[j][k] for k in range(j)), start=Decimal(0)
            )
            factor[i][j] = rest.sqrt() if i == j else rest / factor[j][j]
        known = sum((factor[i][k] * white[k] for k in range(i)), start=Decimal(0))
        white.append((centred[i] - known) / factor[i][i])
        log_root += factor[i][i].ln()
    squared = sum((z * z for z in white), start=Decimal(0))
    return -squared / 2 - log_root - d * (2 * exact.PI).ln() / 2


def long_and_flat(word: str, d: int, condition: float, rng: np.random.Generator) -> F64:
    turn, _ = np.linalg.qr(rng.standard_normal((d, d)))
    if word == "VVI":
        turn = np.eye(d)
    made = (turn * np.geomspace(1, 1 / condition, d)) @ turn.T
    return np.asarray((made + made.T) / 2)


@pytest.mark.parametrize("word", ["VVV", "EEE", "VVI"])
@pytest.mark.parametrize("d", [2, 4])
@pytest.mark.parametrize("condition", [1e3, 1e6, 1e8])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_a_long_flat_component_keeps_its_digits(
    word: str, d: int, condition: float, offset: float
) -> None:
    rng = np.random.default_rng(7)
    first = long_and_flat(word, d, condition, rng)
    matrices = np.stack([first, first if word == "EEE" else np.eye(d)])
    means = np.stack([offset + rng.standard_normal(d), np.full(d, offset)])
    directions = rng.standard_normal((d, 12))
    directions *= rng.uniform(0, 8, 12) / np.linalg.norm(directions, axis=0)
    rows = means[0][:, None] + np.linalg.cholesky(first) @ directions
    data = offset + 1.3 * np.random.default_rng(1).standard_normal((d, 200))
    found, shown = exact.of_law(
        LAW, GaussianParams(means, matrices), data, rows, covariance=word, floor=1e-12
    )
    np.testing.assert_array_equal(shown.covariances, matrices)
    for k in range(2):
        expected = [exact.with_digits(log_density, x, means[k], matrices[k]) for x in rows.T]
        assert exact.worst(found[k], expected) < 1e-12


def test_a_whitening_factor_whitens_and_knows_the_determinant() -> None:
    rng = np.random.default_rng(2)
    matrices = np.stack([long_and_flat("VVV", 5, c, rng) for c in (1.0, 1e3, 1e7)])
    made = whitening(matrices)
    for k, matrix in enumerate(matrices):
        back = made.white[k] @ matrix @ made.white[k].T
        np.testing.assert_allclose(back, np.eye(5), atol=1e-8)
        assert made.log_root[k] == pytest.approx(0.5 * np.linalg.slogdet(matrix)[1], abs=1e-8)
    assert made.is_flat.tolist() == [False, False, True]
