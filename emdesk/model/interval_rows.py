"""What one sweep of a law over intervals keeps: the rows of a block, and the nodes of their different intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.interval_shapes import Outside, Shape
from emdesk.model.numerics.interval_nodes import IntervalNodes

F64 = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class IntervalKernel:
    """The law's own kernel, the offsets (K,) with the window taken off, and the shape of the components."""

    own: Any
    offsets: F64
    shape: Shape
    outside: Outside | None


@dataclass(eq=False)
class Seen:
    """The rows of a block as the law encodes them; the features of those with an exact value, at the places `exact`;
    the others at `spread` with the number (m,) of their interval among the distinct ones `lower` and `upper` (D,); and
    the nodes that a kernel has put into these."""

    encoded: F64
    points: Any
    exact: Ints
    spread: Ints
    which: Ints
    lower: F64
    upper: F64
    nodes: tuple[IntervalKernel, IntervalNodes] | None = None


def nodes_of(features: Seen, kernel: IntervalKernel) -> IntervalNodes:
    """The nodes of every distinct interval under every group, the intervals of a group side by side."""
    if features.nodes is None or features.nodes[0] is not kernel:
        count, size = len(kernel.offsets), len(features.lower)
        least = 0.0 if kernel.shape.course.is_positive else -np.inf
        made = kernel.shape.nodes(
            np.repeat(np.arange(count), size),
            np.tile(np.maximum(features.lower, least), count),
            np.tile(features.upper, count),
        )
        features.nodes = kernel, made
    return features.nodes[1]


def distinct_intervals(lower: F64, upper: F64) -> tuple[NDArray[np.complex128], Ints]:
    """The different intervals as complex numbers (D,), and which of them each one (m,) is."""
    pairs = np.empty(len(lower), dtype=np.complex128)
    pairs.real, pairs.imag = lower, upper
    distinct, which = np.unique(pairs, return_inverse=True)
    return distinct, np.asarray(which)
