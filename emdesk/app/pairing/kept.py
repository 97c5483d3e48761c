"""A fit that was kept to be compared with others."""

from __future__ import annotations

from dataclasses import dataclass

from emdesk.app.session import FitResult


@dataclass(frozen=True, eq=False)
class KeptFit:
    """`number` tells it from the others that were kept."""

    number: int
    name: str
    result: FitResult
