"""Every criterion of a fit with its definition, as the table that the short list beside the parameters opens."""

from __future__ import annotations

import math

from emdesk.app.shown import Shown
from emdesk.gui.widgets import TableColumn
from emdesk.texts import say
from emdesk.texts.numbers import criterion, probability

DEFINITION_WIDTH = 400
SHARES = frozenset({"entropy_r2"})


def all_criteria(shown: Shown) -> tuple[list[TableColumn], int]:
    """Name, value and definition with the sign, and the count of rows; what is not defined is left out."""
    found = {"log_likelihood": shown.log_likelihood}
    if shown.criteria is not None:
        found |= vars(shown.criteria)
    names = [name for name, value in found.items() if math.isfinite(value)]

    def value(row: int) -> float:
        return found[names[row]]

    def text(number: float) -> str:
        is_share = any(found[name] == number for name in SHARES.intersection(names))
        return probability(number) if is_share else criterion(number)

    columns = [
        TableColumn(
            say("criteria.name"),
            lambda row: say(f"criteria.{names[row]}"),
            numeric=False,
            width=120,
        ),
        TableColumn(say("criteria.value"), value, text, width=88),
        TableColumn(
            say("criteria.definition"),
            lambda row: say(f"criteria.{names[row]}_is"),
            numeric=False,
            width=DEFINITION_WIDTH,
        ),
    ]
    return columns, len(names)
