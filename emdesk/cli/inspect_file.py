"""`inspect`: what would be loaded from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emdesk.app.describe import reading_object
from emdesk.cli.importing import read
from emdesk.cli.options import Given
from emdesk.cli.output import print_json, table
from emdesk.io.reading import Reading
from emdesk.texts import say, say_count
from emdesk.texts.numbers import whole

_SHOWN_VALUES = 3
_SHOWN_REFUSED = 20


def run(given: Given) -> int:
    """Print what was read as a JSON object or as text."""
    reading = read(given)
    made = reading_object(reading, given.has("--values"))
    if given.has("--json"):
        print_json(made)
        return 0
    shown = None if given.has("--values") else _SHOWN_VALUES
    print("\n".join(_lines(Path(given.file or ""), reading, made, shown)))
    return 0


def _lines(path: Path, reading: Reading, made: dict[str, Any], shown: int | None) -> list[str]:
    columns = made["columns"]
    parts = (_part(k, v) for k, v in made["dialect"].items() if v not in ("", [], {}, False))
    lines = [
        say(
            "cli.inspect.head",
            name=path.name,
            format=reading.format,
            rows=whole(made["rows"]),
            columns=len(columns),
        ),
        say("cli.inspect.dialect", parts=", ".join(parts)),
        "",
    ]
    words = ("name", "kind", "missing", "distinct", "minimum", "maximum", "first")
    rows = [
        (
            column["name"],
            column["kind"],
            whole(column["missing"]),
            whole(column["distinct"]),
            _text(column["minimum"]),
            _text(column["maximum"]),
            ", ".join(_text(value) for value in column["first"][:shown]),
        )
        for column in columns
    ]
    lines += table(tuple(say(f"cli.inspect.{word}") for word in words), rows, left=(0, 1, 6))
    return [*lines, *_refused(reading), *(_note(note) for note in reading.notes)]


def _refused(reading: Reading) -> list[str]:
    if not reading.refused_count:
        return []
    lines = ["", say_count("cli.inspect.refused", reading.refused_count)]
    for cell in reading.refused[:_SHOWN_REFUSED]:
        told = say(
            "cli.inspect.refused_cell",
            line=cell.line,
            column=cell.column,
            text=cell.text,
            reason=cell.reason,
        )
        lines.append(f"  {told}")
    more = reading.refused_count - min(_SHOWN_REFUSED, len(reading.refused))
    return [*lines, f"  {say('cli.inspect.refused_more', count=whole(more))}"] if more else lines


def _note(note: str) -> str:
    return say("cli.fit.note", sentence=note.rstrip("."))


def _part(name: str, value: object) -> str:
    shown = " ".join(str(v) for v in value) if isinstance(value, list) else value
    if isinstance(value, str) and len(value) == 1:
        shown = say("cli.inspect.mark", mark=repr(value)[1:-1] if value.isspace() else value)
    return say("cli.inspect.part", name=name.replace("_", " "), value=shown)


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
