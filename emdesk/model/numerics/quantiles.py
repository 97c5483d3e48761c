"""Quantiles of a density that is known by its logarithm alone, and weighted quantiles of data.

The density is integrated by the trapezoidal rule after a change of variable that makes both tails die out twice as fast
as exponentially: the real line by sinh, the positive half line by its logarithm, the unit interval by its logit, each
stretched by sinh (Mori and Sugihara 2001, J. Comput. Appl. Math. 127, 287-296, review such rules).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
LogDensity = Callable[[F64], F64]

NODES = 8001
REACH = 20.0
"""The new variable runs from minus to plus this."""
MOST_LOST = 1e-3
"""A density whose integral differs from 1 by more is none over that range."""
_LARGEST = 700.0


class Support(Enum):
    """Where a density can be above 0."""

    LINE = "line"
    POSITIVE = "positive"
    UNIT = "unit"


@dataclass(frozen=True, eq=False)
class Distribution:
    """A distribution function on nodes (m,) of the stretched variable; `centre` and `scale` are of the free variable:
    the value, its logarithm or its logit."""

    support: Support
    centre: float
    scale: float
    nodes: F64
    chances: F64

    def chance(self, values: F64) -> F64:
        """The probability of at most each value."""
        free = np.arcsinh((_free(self.support, values) - self.centre) / self.scale)
        return np.interp(free, self.nodes, self.chances)

    def quantile(self, chances: F64) -> F64:
        """The value with each probability below it."""
        stretched = np.interp(chances, self.chances, self.nodes)
        return _bound(self.support, self.centre + self.scale * np.sinh(stretched))


def distribution(log_density: LogDensity, values: F64, weights: F64) -> Distribution | None:
    """The distribution of a density near values (n,) with weights (n,); None where it does not integrate to 1."""
    support = _support(log_density, values)
    low, centre, high = weighted_quantiles(_free(support, values), weights, (0.16, 0.5, 0.84))
    scale = 0.5 * float(high - low)
    if not scale > 0:
        scale = max(abs(float(centre)), 1.0) * 1e-3
    nodes = np.linspace(-REACH, REACH, NODES)
    free = np.clip(centre + scale * np.sinh(nodes), -_LARGEST, _LARGEST)
    if support is Support.LINE:
        free = centre + scale * np.sinh(nodes)
    points = _bound(support, free)
    slopes = np.log(scale) + np.log(np.cosh(nodes)) + _log_slope(support, points)
    with np.errstate(all="ignore"):
        heights = np.exp(log_density(points) + slopes)
    heights = np.where(np.isfinite(heights), heights, 0.0)
    steps = 0.5 * (heights[1:] + heights[:-1]) * (nodes[1] - nodes[0])
    chances = np.concatenate([[0.0], np.cumsum(steps)])
    if abs(chances[-1] - 1.0) > MOST_LOST:
        return None
    return Distribution(support, float(centre), scale, nodes, chances / chances[-1])


def _support(log_density: LogDensity, values: F64) -> Support:
    """Where the density lives, by a look just outside 0 and 1."""
    if values.min() <= 0:
        return Support.LINE
    span = float(values.max())
    with np.errstate(all="ignore"):
        below, above = log_density(np.array([-1e-6 * span, 1.0 + 1e-6]))
    if np.isfinite(below):
        return Support.LINE
    return Support.POSITIVE if np.isfinite(above) or span >= 1 else Support.UNIT


def _free(support: Support, values: F64) -> F64:
    if support is Support.LINE:
        return values
    if support is Support.POSITIVE:
        return np.log(values)
    return np.asarray(np.log(values) - np.log1p(-values))


def _bound(support: Support, free: F64) -> F64:
    if support is Support.LINE:
        return free
    if support is Support.POSITIVE:
        return np.exp(free)
    return np.asarray(1 / (1 + np.exp(-free)))


def _log_slope(support: Support, points: F64) -> F64:
    """The logarithm of the derivative of the value in the free variable."""
    with np.errstate(divide="ignore"):
        if support is Support.LINE:
            return np.zeros_like(points)
        if support is Support.POSITIVE:
            return np.log(points)
        return np.asarray(np.log(points) + np.log1p(-points))


def plotting_positions(values: F64, weights: F64) -> tuple[NDArray[np.intp], F64]:
    """The order of values (n,), and the share of the weight below the middle of each, in that order."""
    order = np.argsort(values, kind="stable")
    mass = weights[order]
    return order, (np.cumsum(mass) - 0.5 * mass) / mass.sum()


def weighted_quantiles(values: F64, weights: F64, chances: tuple[float, ...]) -> F64:
    """The values with these shares of the weight below them."""
    order, positions = plotting_positions(values, weights)
    return np.interp(chances, positions, values[order])
