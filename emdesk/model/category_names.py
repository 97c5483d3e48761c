"""What the categories of a column are called: its words, or its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from emdesk.model.dataset import Dataset
from emdesk.model.law import Quantity
from emdesk.texts import say


def category_name(value: float, words: Sequence[str] = ()) -> str:
    """The word that a code stands for, or the number as it is."""
    return words[int(value)] if words else f"{value:.10g}"


def cell_name(column: str, value: float, words: Sequence[str] = ()) -> str:
    """A category of a column, such as `sex = male`."""
    return say("quantity.cell", column=column, category=category_name(value, words))


def in_words(quantity: Quantity, dataset: Dataset) -> Quantity:
    """The same quantity with the categories of text columns called by their words."""
    if not quantity.cells:
        return quantity
    names = (cell_name(c, value, dataset.column(c).categories) for c, value in quantity.cells)
    return replace(quantity, columns=tuple(names))
