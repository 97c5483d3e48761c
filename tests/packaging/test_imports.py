"""What a start loads: Qt only for the window, SciPy only where it is used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
EVERYTHING_BUT_THE_WINDOW = """
import importlib, json, pkgutil, sys, emdesk
names = []
for module in pkgutil.walk_packages(emdesk.__path__, "emdesk.", onerror=lambda name: None):
    if not module.name.startswith("emdesk.gui"):
        importlib.import_module(module.name)
        names.append(module.name)
print(json.dumps([names, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.fixture(scope="module")
def loaded() -> tuple[list[str], list[str]]:
    """The modules that were imported in a new interpreter, and the packages that came along."""
    answer = subprocess.run(
        [sys.executable, "-c", EVERYTHING_BUT_THE_WINDOW],
        cwd=PROJECT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    names, packages = json.loads(answer.stdout)
    return names, packages


def test_everything_but_the_window_loads_without_qt(loaded: tuple[list[str], list[str]]) -> None:
    names, packages = loaded
    assert {"emdesk.cli", "emdesk.app", "emdesk.em", "emdesk.io", "emdesk.model"} <= set(names)
    assert not {"PySide6", "shiboken6", "pyqtgraph"} & set(packages)


def test_nothing_loads_scipy_before_it_is_used(loaded: tuple[list[str], list[str]]) -> None:
    assert "scipy" not in loaded[1]
