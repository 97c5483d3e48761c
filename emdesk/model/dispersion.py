"""How the probabilities of categories are tied: each group has one modal category in a column, and the others share
what is left, its dispersion, evenly.

The dispersion is one for all, or each group, each column or each of both has its own. The best modal category is the
one with most rows whatever the dispersion is, as long as no other category is likelier than it; that bounds the
dispersion, and where groups or columns share theirs the tightest bound holds. The best dispersion is the share of the
rows that are not modal, of all that share it, or its bound.

Sources
    Celeux and Govaert (1991), J. Classif. 8, 157-176; the names are those of Lebret et al. (2015), J. Stat. Software
    67(6), section 2.2 (Binary_pk_E and so on).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.model.fields import Choice, Field
from emdesk.model.held import Held
from emdesk.texts import say

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Dispersion:
    """One dispersion, or one for every group, column, or both; `word` is its name."""

    word: str
    by_group: bool
    by_column: bool

    def best(self, cells: F64, near: F64, possible: Mask, margin: float) -> F64:
        """The probabilities (K, d, C) that maximise sum cells log p, with `possible` (d, C) categories and no
        probability of one below `margin`; where `cells` say nothing those `near` (K, d, C) decide."""
        is_empty = np.where(possible, cells, 0.0).sum(axis=2, keepdims=True) <= 0
        asked = np.where(possible, np.where(is_empty, near, cells), -1.0)
        is_modal = np.arange(cells.shape[2]) == asked.argmax(axis=2)[:, :, None]
        others = possible.sum(axis=1) - 1
        share = self._shares(cells, is_modal & possible, possible)
        unsaid = np.isnan(share)
        if unsaid.any():
            share = np.where(unsaid, self._shares(near, is_modal & possible, possible), share)
        share = np.clip(share, *self._bounds(others, margin))
        each = share / np.maximum(others, 1)
        made = np.where(is_modal, 1.0 - np.where(others > 0, share, 0.0)[:, :, None], 0.0)
        return np.asarray(np.where(possible & ~is_modal, each[:, :, None], made))

    def _shares(self, cells: F64, is_modal: Mask, possible: Mask) -> F64:
        """(K, d) the dispersions, NaN where no row tells; a column of one category tells nothing."""
        open_columns = possible.sum(axis=1) > 1
        counts = np.where(possible & open_columns[:, None], cells, 0.0)
        off, rows = np.where(is_modal, 0.0, counts).sum(axis=2), counts.sum(axis=2)
        pooled = tuple(axis for axis, own in enumerate((self.by_group, self.by_column)) if not own)
        off, rows = off.sum(axis=pooled, keepdims=True), rows.sum(axis=pooled, keepdims=True)
        made = np.where(rows > 0, off / np.where(rows > 0, rows, 1.0), np.nan)
        made = np.broadcast_to(made, cells.shape[:2])
        return np.where(open_columns, made, 0.0)

    def _bounds(self, others: NDArray[np.intp], margin: float) -> tuple[F64, F64]:
        """(d,) the least and the largest dispersions of columns with so many categories beside the modal one."""
        least, most = np.asarray(margin * others, dtype=np.float64), others / (others + 1.0)
        told = others > 0
        if not self.by_column and told.any():
            least, most = np.where(told, least.max(), 0.0), np.where(told, most[told].min(), 0.0)
        return least, most

    def free_parameters(self, groups: int, possible: Mask) -> int:
        """How many dispersions there are; modal categories are not counted, as they are not by Rmixmod."""
        columns = int((possible.sum(axis=1) > 1).sum())
        return (groups if self.by_group else 1) * (columns if self.by_column else min(1, columns))


FREE = "Ekjh"
STRUCTURES = {word: Dispersion(word, "k" in word, "j" in word) for word in ("E", "Ek", "Ej", "Ekj")}
"""The structures by name; FREE is none of them: every probability for itself."""


def _field(words: tuple[str, ...], free: str) -> Field:
    choices = tuple(
        Choice(word, word, say(f"dispersion.{'free' if word == free else word}")) for word in words
    )
    return Field(say("dispersion.label"), say("dispersion.help"), choices=choices)


DISPERSION = _field((*STRUCTURES, FREE), FREE)
"""The setting; its default is FREE."""
FREE_OF_TWO = "Ekj"
DISPERSION_OF_TWO = _field(tuple(STRUCTURES), FREE_OF_TWO)
"""The setting for columns of two categories, of which Ekj leaves every probability free; that is its default."""


def refuse_held(held: Held, structure: Dispersion | None, free: str) -> None:
    """A SettingProblem where a probability is held while others are tied to it; `free` is the name of no ties."""
    if held and structure is not None:
        raise SettingProblem(
            say("dispersion.held", word=structure.word),
            setting="held" if held.values else "tied",
            remedy=say("dispersion.hold_or_tie", free=free),
        )


def is_special_case(simple: str, rich: str) -> bool:
    """Whether one structure is a special case of another: everything that its dispersions differ by, those of the
    other do too."""
    known = (*STRUCTURES, FREE)
    return simple in known and rich in known and set(simple) < set(rich)
