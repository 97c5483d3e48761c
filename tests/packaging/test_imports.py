"""What a start loads: Qt only for the window, SciPy only where it is used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
    for path in (PROJECT / "emdesk").rglob("*.py")
)
WITHOUT_WINDOW = [name for name in MODULES if not name.startswith("emdesk.gui")]
IMPORT_THEM = """
import importlib, json, sys
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The packages that a new interpreter holds after importing everything but the window."""
    answer = subprocess.run(
        [sys.executable, "-c", IMPORT_THEM, json.dumps(WITHOUT_WINDOW)],
        cwd=PROJECT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return set(json.loads(answer.stdout))


def test_everything_but_the_window_loads_without_qt(loaded: set[str]) -> None:
    assert {"emdesk.cli", "emdesk.app", "emdesk.em", "emdesk.io"} <= set(WITHOUT_WINDOW)
    assert not {"PySide6", "shiboken6", "pyqtgraph"} & loaded


def test_nothing_loads_scipy_before_it_is_used(loaded: set[str]) -> None:
    assert "numpy" in loaded
    assert "scipy" not in loaded
