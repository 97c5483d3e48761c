"""The skew-normal law by its mean, standard deviation and skewness.

In these centred parameters the likelihood is regular also where the law is normal; in location, scale and slant it is
flat there, and EM creeps (Azzalini 1985, Scand. J. Statist. 12, 171-178, section 4; Arellano-Valle and Azzalini 2008,
J. Multivariate Anal. 99, 1362-1382).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.skew import HALF_MEAN, hidden_moments

F64 = NDArray[np.float64]
CUBE = 2 - 0.5 * float(np.pi)
FLAT = 1e-3
"""Of a slant below this the score of the skewness is that of slant 0, which is exact enough and loses no digits."""
GRID = np.linspace(-10.0, 10.0, 161)
LONGEST = (0.5, 0.3, 0.2)
"""No step moves a mean by more standard deviations, the logarithm of one by more, or a skewness by more."""
MOST_SKEW = 0.99


def _shares(slants: F64) -> tuple[F64, F64]:
    """mean / scale of a law about its location, and scale over standard deviation."""
    offsets = HALF_MEAN * slants / np.hypot(1, slants)
    return offsets, 1 / np.sqrt(1 - offsets**2)


def centred(locations: F64, scales: F64, slants: F64) -> tuple[F64, F64, F64]:
    """Means, standard deviations and skews."""
    offsets, ratios = _shares(slants)
    return locations + scales * offsets, scales / ratios, CUBE * (offsets * ratios) ** 3


def from_centred(means: F64, deviations: F64, skews: F64) -> tuple[F64, F64, F64]:
    """Locations, scales and slants of skews between -0.995 and 0.995."""
    root = np.cbrt(skews / CUBE)
    offsets = root / np.sqrt(1 + root**2)
    delta = offsets / HALF_MEAN
    scales = deviations / np.sqrt(1 - offsets**2)
    return means - offsets * scales, scales, delta / np.sqrt(1 - delta**2)


def centred_scores(z: F64, first: F64, slants: F64) -> F64:
    """(3, ...) the derivatives of the log density by the mean, in standard deviations, by the logarithm of the standard
    deviation, and by the skewness; z are the cells in units of the scale about the location, `first` is what
    `hidden_moments` of slant times z calls so."""
    offsets, ratios = _shares(slants)
    by_slant = z * (first - slants * z)  # z phi / Phi
    by_location = z - slants * (first - slants * z)
    by_scale = z * by_location - 1
    y = (z - offsets) * ratios
    is_flat = np.abs(slants) < FLAT
    safe = np.where(is_flat, 1.0, slants)
    bend = ratios**2 * HALF_MEAN
    by_delta = by_slant * (1 + slants**2) ** 1.5 + bend * (by_scale * offsets - by_location)
    skew_by_delta = 3 * CUBE * HALF_MEAN**3 * safe**2 / (1 + safe**2) * ratios**5
    return np.stack(
        [
            by_location / ratios,
            by_scale - offsets * by_location,
            np.where(is_flat, y * (y**2 - 3) / 6, by_delta / skew_by_delta),
        ]
    )


def unit_information(slants: F64) -> F64:
    """(..., 3, 3) the expected information of one row about the same three, by the trapezoidal rule."""
    offsets, ratios = (part[..., None] for part in _shares(slants))
    own = slants[..., None]
    z = offsets + GRID / ratios
    logs, first, _ = hidden_moments(own * z)
    masses = np.exp(logs - 0.5 * z**2) * HALF_MEAN / ratios * (GRID[1] - GRID[0])
    scores = centred_scores(z, first, own)
    return np.asarray(np.einsum("i...m,j...m,...m->...ij", scores, scores, masses))


def scored(averages: F64, slants: F64) -> tuple[F64, F64, F64]:
    """Locations, scales and slants after one step of Fisher's scoring, relative to a law of location 0 and scale 1;
    `averages` (3, ...) are those of the scores.
    """
    information = unit_information(slants)
    step = np.linalg.solve(information, np.moveaxis(averages, 0, -1)[..., None])[..., 0]
    means, deviations, skews = centred(np.zeros_like(slants), np.ones_like(slants), slants)
    mean, log_deviation, skew = (
        np.clip(step[..., i], -most, most) for i, most in enumerate(LONGEST)
    )
    return from_centred(
        means + deviations * mean,
        deviations * np.exp(log_deviation),
        np.clip(skews + skew, -MOST_SKEW, MOST_SKEW),
    )
