"""The command line as a script sees it: words in, one JSON object out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from emdesk import cli
from emdesk.resources import resource


def sample(name: str) -> str:
    """The path of a bundled sample."""
    return str(resource(f"samples/{name}.csv"))


def write_table(path: Path, header: str, rows: Sequence[Sequence[float]]) -> str:
    """A small CSV file made for one test."""
    lines = [header, *(",".join(repr(v) for v in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def fitted(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    """The object that `fit ... --json` prints; the exit status is checked."""
    capsys.readouterr()
    assert cli.main(["fit", *words, "--json"]) == status
    made = json.loads(capsys.readouterr().out)
    assert isinstance(made, dict)
    return made
