"""The ways in which a fit of hostile data may end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class End:
    """What is expected: a sound fit whose numbers are right if `is_right`, a fit that is set aside for one of the
    `reasons`, or a refusal before the fit if `is_refused`, whose sentence names `column` where one is given."""

    is_right: bool = False
    reasons: frozenset[str] = frozenset()
    is_refused: bool = False
    column: str = ""

    def __str__(self) -> str:
        if self.is_refused:
            return f"refused {self.column}".strip()
        words = ["right"] if self.is_right else []
        return " or ".join([*words, *sorted(self.reasons)])


RIGHT = End(is_right=True)
"""The likelihood has a finite maximum, and the fit is at one."""


def refused(column: str = "") -> End:
    """No such model can be fitted: one sentence, which names the column."""
    return End(is_refused=True, column=column)


def weak(*reasons: str) -> End:
    """The likelihood rises without end, and every start runs into it: named."""
    return End(reasons=frozenset(reasons))


def right_or(*reasons: str) -> End:
    """The likelihood rises without end along some way, and has maxima that are sound: one of these, or the name of what
    happened."""
    return End(is_right=True, reasons=frozenset(reasons))
