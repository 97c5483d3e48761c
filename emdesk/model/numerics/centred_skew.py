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
Mask = NDArray[np.bool_]
CUBE, FOURTH = 2 - 0.5 * float(np.pi), 2 * float(np.pi) - 6
"""With theta = b delta / sqrt(1 - b^2 delta^2) and b the mean of |u|, the skewness is the one times theta cubed, the
excess kurtosis the other times its fourth power."""
FLAT = 1e-3
"""Of a slant below this the score of the skewness is that of slant 0, which is exact enough and loses no digits."""
GRID = np.linspace(-10.0, 10.0, 161)
LONGEST = (0.5, 0.3, 0.2)
"""No step moves a mean by more standard deviations, the logarithm of one by more, or a skewness by more."""
MOST_SKEW = 0.99
PATH = np.linspace(-0.9, 0.9, 361)
POLISHING = 6


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
    """(4, ...) the derivatives of the log density by the mean, in standard deviations, by the logarithm of the standard
    deviation, and by the skewness, and the fourth Hermite polynomial of the standardised cell; z are the cells in units
    of the scale about the location, `first` is what `hidden_moments` of slant times z calls so."""
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
            y**2 * (y**2 - 6) + 3,
        ]
    )


def unit_information(slants: F64) -> F64:
    """(..., 3, 3) the expected information of one row about the same three, by the trapezoidal rule."""
    offsets, ratios = (part[..., None] for part in _shares(slants))
    own = slants[..., None]
    z = offsets + GRID / ratios
    logs, first, _ = hidden_moments(own * z)
    masses = np.exp(logs - 0.5 * z**2) * HALF_MEAN / ratios * (GRID[1] - GRID[0])
    scores = centred_scores(z, first, own)[:3]
    return np.asarray(np.einsum("i...m,j...m,...m->...ij", scores, scores, masses))


def scored(averages: F64, slants: F64, nearly_normal: Mask) -> tuple[F64, F64, F64]:
    """Locations, scales and slants after one step of Fisher's scoring, relative to a law of location 0 and scale 1;
    `averages` (4, ...) are those of the scores. The skewness of laws that are `nearly_normal` is `_skew_of_expansion`.
    """
    information = unit_information(slants)
    step = np.linalg.solve(information, np.moveaxis(averages[:3], 0, -1)[..., None])[..., 0]
    means, deviations, skews = centred(np.zeros_like(slants), np.ones_like(slants), slants)
    mean, log_deviation, skew = (
        np.clip(step[..., i], -most, most) for i, most in enumerate(LONGEST)
    )
    stepped = np.clip(skews + skew, -MOST_SKEW, MOST_SKEW)
    if nearly_normal.any():
        expanded = _skew_of_expansion(skews, averages[2], averages[3])
        stepped = np.where(nearly_normal, expanded, stepped)
    return from_centred(means + deviations * mean, deviations * np.exp(log_deviation), stepped)


def _skew_of_expansion(skews: F64, scores: F64, fourths: F64) -> F64:
    """The skewness uphill from here on the Gram-Charlier expansion of the log-likelihood of a row, whose slope here is
    that of the likelihood (Stuart and Ord 1994, Kendall's Advanced Theory of Statistics 1, section 6.17).

    In the skewness the likelihood bends without limit at 0, as the kurtosis of the law goes with its power 4/3.
    """
    here = np.cbrt(skews / CUBE)
    ratio = FOURTH / (18 * CUBE)
    pull = scores + skews / 6 - ratio * here * (fourths - FOURTH * here**4)

    def height(theta: F64) -> F64:
        cubes, fourth = CUBE * theta**3, FOURTH * theta**4
        made = (
            cubes * (pull[..., None] - cubes / 12) + fourth * (fourths[..., None] - fourth / 2) / 24
        )
        return np.asarray(made)

    path = np.concatenate([np.broadcast_to(PATH, (*here.shape, len(PATH))), here[..., None]], -1)
    path = np.sort(np.clip(path, PATH[0], PATH[-1]), axis=-1)
    for _ in range(POLISHING):
        best = _uphill(height(path), np.argmin(np.abs(path - here[..., None]), axis=-1))
        low, at, high = (
            np.take_along_axis(path, np.clip(best + k, 0, path.shape[-1] - 1)[..., None], -1)
            for k in (-1, 0, 1)
        )
        here = at[..., 0]
        path = low + (high - low) * np.linspace(0, 1, 21)
        path[..., 10] = here
        path = np.sort(path, axis=-1)
    return np.asarray(CUBE * here**3)


def _uphill(heights: F64, start: NDArray[np.intp]) -> NDArray[np.intp]:
    """The place (...,) of the top that is reached from a start along the last axis without going down."""
    count = heights.shape[-1]
    places = np.arange(count)
    rises = np.diff(heights, axis=-1) > 0
    # the first fall to the right of the start, and the last rise to the left of it
    right = np.where(~rises & (places[:-1] >= start[..., None]), places[:-1], count - 1).min(
        axis=-1
    )
    left = np.where(rises & (places[:-1] < start[..., None]), places[1:], 0).max(axis=-1)
    return np.asarray(np.where(right > start, right, left))
