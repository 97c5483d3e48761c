"""How long a start takes: each command in a new process, the best of five."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))

from tests.benchmarks.timing import best_of, machine, print_table

MAIN = str(PROJECT / "main.py")
SAMPLE = str(PROJECT / "resources" / "samples" / "faithful.csv")
# The whole start of the window up to its first paint, without waiting for a person.
WINDOW = """
from PySide6.QtTest import QTest
from emdesk.gui.application import make_application
application = make_application()
from emdesk.gui.main_window import MainWindow
window = MainWindow()
window.show()
assert QTest.qWaitForWindowExposed(window)
window.grab()
window.close()
"""
COMMANDS: dict[str, list[str]] = {
    "python -c pass": ["-c", "pass"],
    "families": [MAIN, "families"],
    "families --json": [MAIN, "families", "--json"],
    "inspect faithful.csv": [MAIN, "inspect", SAMPLE],
    "fit faithful.csv, 2 components": [MAIN, "fit", SAMPLE, "--set", "components=2"],
    "window up (first paint)": ["-c", WINDOW],
}


def started(words: Sequence[str]) -> None:
    """Runs one command to its end."""
    environment = {"QT_QPA_PLATFORM": "offscreen"} | dict(os.environ)
    subprocess.run(
        [sys.executable, *words],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=PROJECT,
        env=environment,
    )


def main() -> None:
    """Prints the table."""
    print(machine())
    seconds = best_of(5, {name: partial(started, words) for name, words in COMMANDS.items()})
    print_table(("start", "seconds"), [(name, f"{best:.2f}") for name, best in seconds.items()])


if __name__ == "__main__":
    main()
