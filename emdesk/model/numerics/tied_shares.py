"""Shares that add to one, some of which are equal in several groups.

In the sum of n log p over the groups of a tie the common share has the proportion of all their counts, and the others
of a group divide what is left by its own counts: a maximum in closed form, as long as all tied shares of a group are
tied to those of the same groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TiedShares:
    """Sets of groups and, of each, the positions of the shares that are equal in them: (K, d, C) as group, column,
    position."""

    sets: tuple[tuple[int, NDArray[np.intp], NDArray[np.intp]], ...]

    def pooled(self, counts: F64) -> F64:
        """Counts (K, d, C) whose proportions are those of the maximum; what a group has in all stays."""
        made = counts.copy()
        for column, groups, tied in self.sets:
            own = counts[groups, column]
            totals = own.sum(axis=1)
            common = own[:, tied].sum(axis=0) / max(float(totals.sum()), np.finfo(float).tiny)
            others = np.delete(np.arange(own.shape[1]), tied)
            rest = own[:, others].sum(axis=1)
            grown = totals * (1 - float(common.sum()))
            factor = np.where(rest > 0, grown / np.where(rest > 0, rest, 1.0), 1.0)
            own[:, others] *= factor[:, None]
            own[:, tied] = totals[:, None] * common
            made[groups, column] = own
        return made

    def fewer(self, fixed: Mask) -> int:
        """How many shares fewer are free than without the ties, where those `fixed` (K, d, C) do not move."""
        count = 0
        for column, groups, tied in self.sets:
            free = np.flatnonzero(~fixed[groups[0], column])
            inside = np.intersect1d(free, tied).size
            count += (len(groups) - 1) * max(0, min(int(inside), len(free) - 1))
        return count


def tied_shares(classes: NDArray[np.intp]) -> TiedShares | None:
    """The sets of shares (K, d, C) of the same class; None where a group has shares that are tied to those of different
    groups, for which there is no closed form."""
    found: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    partners: dict[tuple[int, int], tuple[int, ...]] = {}
    for column, position in np.ndindex(*classes.shape[1:]):
        line = classes[:, column, position]
        for number in np.unique(line):
            groups = tuple(np.flatnonzero(line == number).tolist())
            if len(groups) < 2:
                continue
            if any(partners.setdefault((k, column), groups) != groups for k in groups):
                return None
            found.setdefault((column, groups), []).append(position)
    sets = (
        (column, np.array(groups, dtype=np.intp), np.array(positions, dtype=np.intp))
        for (column, groups), positions in found.items()
    )
    return TiedShares(tuple(sets))
