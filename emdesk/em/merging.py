"""Components merged into clusters, pair by pair, from their posterior probabilities.

A cluster that is not shaped like the law takes several components. Starting from the components of a fit, the pair
whose merging lowers the entropy of the posterior probabilities most is merged, until one is left; the density never
changes. How many clusters there are is suggested by the elbow of the entropy over the number of clusters: where the
broken line of two pieces that fits best has its corner (Baudry, Raftery, Celeux, Lo and Gottardo 2010, J. Comput.
Graph. Statist. 19, 332-353, sections 3 and 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emdesk.model.family import RowOutput

F64 = NDArray[np.float64]
Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class MergeStep:
    """So many clusters: the components of each (from 0, ordered by their first), and the entropy of the posterior
    probabilities. `merged` are the two clusters of the step before, by their first components; None at the start."""

    clusters: int
    entropy: float
    groups: Groups
    merged: tuple[int, int] | None = None


@dataclass(frozen=True)
class BrokenLine:
    """Two straight pieces with their common corner at `clusters`: slope and height at 0 of each, fewer clusters
    first."""

    clusters: int
    few: tuple[float, float]
    many: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Merging:
    """All steps, from one cluster for each component to a single one."""

    steps: tuple[MergeStep, ...]

    @property
    def components(self) -> int:
        return self.steps[0].clusters

    @cached_property
    def line(self) -> BrokenLine | None:
        """The broken line that fits the entropies best; None for fewer than three components."""
        return broken_line(
            np.array([step.clusters for step in self.steps[::-1]], dtype=np.float64),
            np.array([step.entropy for step in self.steps[::-1]]),
        )

    @property
    def suggested(self) -> int | None:
        """The number of clusters at the elbow, None where there is none."""
        return None if self.line is None else self.line.clusters

    def step(self, clusters: int) -> MergeStep:
        """The step with so many clusters."""
        return self.steps[self.components - clusters]


def merging_of(output: RowOutput, weights: F64 | None = None) -> Merging:
    """Merge the components of a fit; `weights` (n,) are the row weights. Noise is merged with nothing."""
    mass = np.ones(output.probabilities.shape[1]) if weights is None else weights
    members = [p.copy() for p in output.probabilities[: output.groups]]
    rest = _entropy(output.probabilities[output.groups :].sum(axis=0), mass)
    groups: list[tuple[int, ...]] = [(k,) for k in range(len(members))]
    alone = [_entropy(p, mass) for p in members]
    drops = {
        (a, b): alone[a] + alone[b] - _entropy(members[a] + members[b], mass)
        for a in range(len(members))
        for b in range(a + 1, len(members))
    }
    steps = [MergeStep(len(members), sum(alone) + rest, tuple(groups))]
    names = list(range(len(members)))
    while len(names) > 1:
        a, b = max(drops, key=lambda pair: (drops[pair], -pair[0], -pair[1]))
        members[a] = members[a] + members[b]
        groups[a] = tuple(sorted(groups[a] + groups[b]))
        alone[a] = _entropy(members[a], mass)
        names.remove(b)
        drops = {pair: drop for pair, drop in drops.items() if not {a, b} & set(pair)}
        for other in names:
            if other != a:
                pair = min(a, other), max(a, other)
                together = _entropy(members[a] + members[other], mass)
                drops[pair] = alone[a] + alone[other] - together
        entropy = sum(alone[k] for k in names) + rest
        steps.append(MergeStep(len(names), entropy, tuple(groups[k] for k in names), (a, b)))
    return Merging(tuple(steps))


def _entropy(probabilities: F64, mass: F64) -> float:
    inside = np.where(probabilities > 0, probabilities, 1.0)
    return float(-(mass * probabilities) @ np.log(inside))


def merged_output(output: RowOutput, groups: Groups) -> RowOutput:
    """Labels and probabilities of the clusters instead of the components; noise stays the last."""
    members = [output.probabilities[list(own)].sum(axis=0) for own in groups]
    if output.has_noise:
        members.append(output.probabilities[-1])
    probabilities = np.stack(members)
    return RowOutput(probabilities, np.argmax(probabilities, axis=0), output.has_noise)


def broken_line(x: F64, y: F64) -> BrokenLine | None:
    """The two least squares lines, one up to a place and one from it on, with the least sum of squares; None for fewer
    than three places."""
    best: tuple[float, BrokenLine] | None = None
    for corner in range(1, len(x) - 1):
        few, below = _line(x[: corner + 1], y[: corner + 1])
        many, above = _line(x[corner:], y[corner:])
        if best is None or below + above < best[0]:
            best = below + above, BrokenLine(int(x[corner]), few, many)
    return None if best is None else best[1]


def _line(x: F64, y: F64) -> tuple[tuple[float, float], float]:
    """Slope and height at 0, and the sum of squares."""
    away = x - x.mean()
    slope = float(away @ y / (away @ away))
    height = float(y.mean() - slope * x.mean())
    left = y - slope * x - height
    return (slope, height), float(left @ left)
