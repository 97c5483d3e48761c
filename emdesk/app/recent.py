"""The files opened lately: a short list kept as JSON in the program's own folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from emdesk.errors import FileProblem
from emdesk.io.safe_write import write_text_safely
from emdesk.texts import say

LIMIT = 12
FORMAT = 1


@dataclass(frozen=True)
class RecentFile:
    """One file: where it is, the model last used with it, and the day it was opened."""

    path: Path
    model: str
    day: date

    @property
    def is_there(self) -> bool:
        """Whether the file can still be found."""
        with suppress(OSError):  # a network drive that is away
            return self.path.is_file()
        return False


class RecentFiles:
    """The list, newest first, in the JSON file at `store`.

    It is a convenience: a list that cannot be read counts as empty, and one that cannot be written
    stays for this run only.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._entries = _read(store)

    @property
    def entries(self) -> tuple[RecentFile, ...]:
        """At most 12 files, newest first."""
        return self._entries

    def add(self, path: Path, model: str = "", day: date | None = None) -> None:
        """Put a file on top; it is listed once."""
        entry = RecentFile(path.absolute(), model, day or date.today())
        rest = tuple(e for e in self._entries if e.path != entry.path)
        self._keep((entry, *rest)[:LIMIT])

    def set_model(self, path: Path, model: str) -> None:
        """Note the model now used with a file of the list."""
        self._keep(
            tuple(
                RecentFile(e.path, model, e.day) if e.path == path.absolute() else e
                for e in self._entries
            )
        )

    def forget(self, path: Path) -> None:
        """Take a file off the list; the file itself stays."""
        self._keep(tuple(e for e in self._entries if e.path != path.absolute()))

    def _keep(self, entries: tuple[RecentFile, ...]) -> None:
        if entries == self._entries:
            return
        self._entries = entries
        files = [{"path": str(e.path), "model": e.model, "day": e.day.isoformat()} for e in entries]
        with suppress(FileProblem, OSError):
            self._store.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"format": FORMAT, "files": files}, ensure_ascii=False, indent=1)
            write_text_safely(self._store, text)


def day_in_words(day: date, today: date) -> str:
    """today, yesterday, 12 Nov, 12 Nov 2024."""
    ago = (today - day).days
    if ago in (0, 1):
        return say("day.today") if ago == 0 else say("day.yesterday")
    month = say("day.months").split()[day.month - 1]
    key = "day.this_year" if day.year == today.year else "day.other_year"
    return say(key, day=day.day, month=month, year=day.year)


def _read(store: Path) -> tuple[RecentFile, ...]:
    try:
        told = json.loads(store.read_text("utf-8"))
        return tuple(_entry(entry) for entry in told["files"])[:LIMIT]
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _entry(told: Mapping[str, Any]) -> RecentFile:
    return RecentFile(Path(told["path"]), str(told["model"]), date.fromisoformat(told["day"]))
