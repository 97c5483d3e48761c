"""How different the starts of a search were: measured, not assumed.

Several starts are worth something only if they begin in different places; a method with no chance in it, or a quick
k-means before each of them, makes "random" starts alike. Starts are compared by the partitions of the rows that their
first params make: one minus the adjusted Rand index (Hubert and Arabie 1985, J. Classif. 2, 193-218), which is 0 for
the same partition and 1 on average for unrelated ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.attempts import Attempt
from emdesk.model.family import Family
from emdesk.model.law import Workspace
from emdesk.model.numerics.partitions import adjusted_rand as crossed

MOST_COMPARED = 12
MOST_BLOCKS = 3
ALIKE, SPREAD = 0.05, 0.3
"""Mean distances below the first are called alike, above the second well spread."""


@dataclass(frozen=True)
class Diversity:
    """The mean distance of `compared` starting partitions, and how many of them differ from every other."""

    distance: float
    compared: int
    distinct: int

    @property
    def is_alike(self) -> bool:
        return self.distance < ALIKE

    @property
    def is_well_spread(self) -> bool:
        return self.distance >= SPREAD


def diversity_of(attempts: Sequence[Attempt], family: Family, data: Any) -> Diversity | None:
    """Compare some of the starts on some of the rows; None for a single start or where rows carry no label."""
    begun = [a for a in attempts if len(a.trace)]
    if len(begun) < 2 or not family.labels_rows:
        return None
    blocks = family.blocks(data)
    rows = [blocks[i] for i in _spread(len(blocks), MOST_BLOCKS)]
    work = Workspace()
    labels = []
    for place in _spread(len(begun), MOST_COMPARED):
        params = begun[place].trace.params_if_kept(0)
        parts = [family.rows(data, block, params, work) for block in rows]
        labels.append(np.concatenate([part.label for part in parts if part is not None]))
    apart = [
        1.0 - adjusted_rand(labels[i], labels[j]) for i, j in combinations(range(len(labels)), 2)
    ]
    distinct = len({_renumbered(one).tobytes() for one in labels})
    return Diversity(float(np.clip(np.mean(apart), 0.0, 1.0)), len(labels), distinct)


def adjusted_rand(first: NDArray[np.intp], second: NDArray[np.intp]) -> float:
    """The agreement of two partitions (n,) of the same rows: 1 for the same one, 0 on average by chance."""
    size = int(second.max(initial=0)) + 1
    table = np.bincount(first * size + second, minlength=(int(first.max(initial=0)) + 1) * size)
    return crossed(table.reshape(-1, size).astype(np.float64))


def _renumbered(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """The same partition with its groups numbered in the order in which they appear."""
    _, first, where = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[where])


def _spread(count: int, most: int) -> list[int]:
    """At most so many positions, evenly over the whole length."""
    return sorted({int(i) for i in np.linspace(0, count - 1, min(count, most))})
