"""The names of columns: as the file has them, and otherwise changed with a note that says so."""

from __future__ import annotations

from collections.abc import Sequence

from emdesk.texts import say

_NAMES_LISTED = 5


def column_names(header: Sequence[str] | None, width: int) -> tuple[list[str], list[str]]:
    """The names of `width` columns and the notes about those that are not what the file says."""
    if header is None:
        return [say("files.column", number=i + 1) for i in range(width)], []
    wanted = [name.strip() for name in header]
    taken = {name for name in wanted if name}
    names: list[str] = []
    seen: set[str] = set()
    changed: dict[str, list[str]] = {}
    for number, name in enumerate(wanted, start=1):
        made, reason = name, ""
        if not name:
            made, reason = say("files.column", number=number), "files.note_unnamed"
        elif name in seen:
            reason = "files.note_name_twice"
        elif name != header[number - 1]:
            reason = "files.note_name_blanks"
        if made in seen or (not name and made in taken):
            made = _free(made, taken | seen)
        seen.add(made)
        names.append(made)
        if reason:
            changed.setdefault(reason, []).append(made)
    return names, [say(reason, names=listed(made)) for reason, made in changed.items()]


def listed(names: Sequence[str]) -> str:
    """A few names in quotes, and how many there are besides."""
    shown = ", ".join(say("files.quoted", text=name) for name in names[:_NAMES_LISTED])
    rest = len(names) - _NAMES_LISTED
    return say("files.and_more", shown=shown, count=rest) if rest > 0 else shown


def _free(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
