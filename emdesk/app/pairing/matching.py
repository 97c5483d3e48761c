"""Which group of one fit is which of another, and which rows change theirs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.app.agreement import match
from emdesk.model.family import RowOutput

F64 = NDArray[np.float64]
Rows = NDArray[np.intp]
NOISE_SLOT = -1


@dataclass(frozen=True, eq=False)
class Matching:
    """`counts` (K, L) are the rows of each group of A in each group of B, noise last where there is some. `partner`
    (L,) is the group of A that a group of B is taken for, -1 for a new one; `slots` are the places among the colours of
    both, `changed` the rows of the file whose group is another one, `rows` those that both fits label."""

    counts: F64
    partner: tuple[int, ...]
    slots: tuple[tuple[int, ...], tuple[int, ...]]
    changed: Rows
    rows: int


def matching(
    first: RowOutput, second: RowOutput, used: tuple[Rows, Rows], slots: tuple[int, ...]
) -> Matching:
    """Match the groups of B with those of A so that as few rows as can be change their group.

    `used` are the rows of the file that each output labels; `slots` the colours of A, () for their order.
    """
    common, at_first, at_second = np.intersect1d(*used, assume_unique=True, return_indices=True)
    a, b = first.label[at_first], second.label[at_second]
    counts = np.zeros((len(first.probabilities), len(second.probabilities)))
    np.add.at(counts, (a, b), 1.0)
    partner = match(counts[: first.groups, : second.groups].T)
    own = slots or tuple(range(first.groups))
    others = _filled([own[k] if k >= 0 else None for k in partner], own)
    slot_a = np.array([*own, *([NOISE_SLOT] if first.has_noise else [])])
    slot_b = np.array([*others, *([NOISE_SLOT] if second.has_noise else [])])
    changed = common[slot_a[a] != slot_b[b]]
    return Matching(counts, partner, (own, others), changed, len(common))


def _filled(slots: list[int | None], taken: tuple[int, ...]) -> tuple[int, ...]:
    """The slots, with the first that neither fit has for new groups."""
    free = (slot for slot in range(len(slots) + len(taken) + 1) if slot not in taken)
    return tuple(next(free) if slot is None else slot for slot in slots)
