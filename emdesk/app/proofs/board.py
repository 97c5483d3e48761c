"""What the window knows of the published results: which were tried, which is being tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emdesk.app.proofs.entries import Entry, entries
from emdesk.app.proofs.running import Proved


@dataclass(frozen=True)
class ProofBoard:
    """`results` by id; `waiting` are the ids of the run under way, the one being tried first; `folder` holds data that
    are not bundled; `chosen` is the id that is looked at."""

    results: Mapping[str, Proved] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    asked: int = 0
    folder: Path | None = None
    chosen: str = ""

    @property
    def is_running(self) -> bool:
        return bool(self.waiting)

    @property
    def current(self) -> str:
        """The id of the result that is being tried, empty while nothing runs."""
        return self.waiting[0] if self.waiting else ""

    @property
    def share(self) -> float:
        """How much of the run is done, 0 to 1."""
        return 1.0 - len(self.waiting) / self.asked if self.asked else 0.0

    @property
    def entry(self) -> Entry | None:
        """The result that is looked at."""
        return next((e for e in entries() if e.id == self.chosen), None)
