"""The log density of the ordinal law against fifty digits, of steep slopes and of scores far from zero."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.laws.ordinal import LAW, OrdinalParams, OrdinalSettings
from emdesk.model.numerics.tilts import STEEPEST
from emdesk.model.rows import plain_rows
from tests.laws import exact
from tests.laws.counts import density_of

F64 = NDArray[np.float64]


def log_share(place: int, intercepts: F64, slope: float, scores: F64) -> Decimal:
    """The logarithm of one adjacent-category probability, in decimal arithmetic."""
    logits = [
        Decimal(float(a)) + Decimal(slope) * Decimal(float(s))
        for a, s in zip(intercepts, scores, strict=True)
    ]
    top = max(logits)
    total = sum(((each - top).exp() for each in logits), start=Decimal(0))
    return logits[place] - top - total.ln()


@pytest.mark.parametrize(
    "values",
    [
        np.array([1.0, 2.0, 3.0, 4.0, 5.0]),
        np.array([0.0, 0.1, 0.5, 7.0]),
        np.array([1985.0, 1990.0, 1991.0]),
        np.array([1e9, 1e9 + 1, 1e9 + 3, 1e9 + 4]),
        np.array([-3e-7, 0.0, 2e-7]),
    ],
)
@pytest.mark.parametrize("steepness", [0.0, 0.3, 0.999])
@pytest.mark.parametrize("scores", ["ranks", "values"])
def test_the_log_density_has_all_digits(values: F64, steepness: float, scores: str) -> None:
    used = np.arange(float(len(values))) if scores == "ranks" else values
    rng = np.random.default_rng(len(values))
    reach = STEEPEST / (used[-1] - used[0])
    slopes = steepness * reach * np.array([[-1.0], [0.4], [0.6]])
    intercepts = np.append(0.0, rng.normal(0, 6, len(values) - 1))[None]
    given = OrdinalParams(values[None], used[None], intercepts, slopes)
    data = np.tile(values, 3)[None]
    constants = LAW.constants(plain_rows(data), OrdinalSettings(scores=scores))
    shown = LAW.from_units(given, constants)
    found = density_of(LAW, constants, shown, values[None])
    np.testing.assert_allclose(shown.slopes, slopes, rtol=1e-12, atol=1e-12 * reach)
    for k in range(3):
        expected = [
            exact.with_digits(
                log_share,
                place,
                shown.intercepts[0],
                float(shown.slopes[k, 0]),
                used,
            )
            for place in range(len(values))
        ]
        assert exact.worst(found[k], expected) < 1e-12


def test_a_row_of_several_columns_adds_their_digits() -> None:
    rng = np.random.default_rng(1)
    data = rng.integers(1, 5, (3, 60)).astype(np.float64)
    values, used = np.tile(np.arange(1.0, 5.0), (3, 1)), np.tile(np.arange(4.0), (3, 1))
    intercepts = np.concatenate([np.zeros((3, 1)), rng.normal(0, 2, (3, 3))], axis=1)
    slopes = rng.normal(0, 2, (2, 3))
    given = OrdinalParams(values, used, intercepts, slopes - slopes.mean(axis=0))
    constants = LAW.constants(plain_rows(data), OrdinalSettings())
    shown = LAW.from_units(given, constants)
    found = density_of(LAW, constants, shown, data)
    for k in range(2):
        expected = [
            sum(
                (
                    exact.with_digits(
                        log_share,
                        int(cell) - 1,
                        shown.intercepts[j],
                        float(shown.slopes[k, j]),
                        used[j],
                    )
                    for j, cell in enumerate(row)
                ),
                start=Decimal(0),
            )
            for row in data.T
        ]
        assert exact.worst(found[k], expected) < 1e-12
