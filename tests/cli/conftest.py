"""Files and a caller for the tests of the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emdesk import cli


@dataclass(frozen=True)
class Answer:
    """What a call of the program left: exit status, standard output and standard error."""

    status: int
    out: str
    err: str

    @property
    def made(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Call = Callable[..., Answer]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the program with some words."""

    def run(*words: str | Path) -> Answer:
        capsys.readouterr()
        status = cli.main([str(word) for word in words])
        streams = capsys.readouterr()
        return Answer(status, streams.out, streams.err)

    return run


@pytest.fixture
def groups(tmp_path: Path) -> Path:
    """120 rows: two columns in two groups, which column, a frequency, a text, a number as a label."""
    rng = np.random.default_rng(3)
    lines = ['x,"y, tall",copies,kind,code']
    for row in range(120):
        group = int(row >= 40)
        x, y = rng.normal(10 * group, 1.0), rng.normal(5 - 8 * group, 1.5)
        lines.append(f"{x:.4f},{y:.4f},{1 + row % 3},{'ab'[group]},{group}")
    path = tmp_path / "groups.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
