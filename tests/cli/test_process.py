"""The program as a process of its own: interruption, pipes, terminals, imports."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emdesk.resources import resource

ROOT = Path(__file__).resolve().parents[2]
FAITHFUL = str(resource("samples/faithful.csv"))


def _command(*words: str) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), *words]


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on POSIX")
def test_an_interrupted_fit_keeps_its_last_iteration() -> None:
    """The interruption is sent when the first progress is seen on the terminal."""
    import pty

    ours, theirs = pty.openpty()
    words = ("--tolerance", "0", "--max-iterations", "10000000", "--starts", "1", "--json")
    with subprocess.Popen(
        _command("fit", FAITHFUL, *words), stdout=subprocess.PIPE, stderr=theirs
    ) as program:
        os.close(theirs)
        seen = b""
        while not re.search(rb"iteration [1-9]", seen):
            seen += os.read(ours, 1000)
        program.send_signal(signal.SIGINT)
        assert program.stdout is not None
        made = json.loads(program.stdout.read())
        os.close(ours)
        assert program.wait(60) == 0
    assert made["stop"] == "stopped" and not made["converged"]
    assert made["iterations"] > 0 and made["stop_sentence"].startswith("Stopped by hand")


def test_a_reader_that_goes_away_is_no_failure() -> None:
    with subprocess.Popen(
        _command("inspect", FAITHFUL, "--values", "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None and program.stderr is not None
        program.stdout.read(1)
        program.stdout.close()
        told = program.stderr.read()
        assert program.wait(60) == 0
    assert told == b""


def test_no_qt_is_imported_by_a_fit(tmp_path: Path) -> None:
    code = (
        "import sys; from emdesk.__main__ import main; "
        f"status = main(['fit', {FAITHFUL!r}, '--starts', '1', '--export', {str(tmp_path)!r}]); "
        "found = [m for m in sys.modules if m.startswith(('PySide6', 'pyqtgraph', 'shiboken6'))]; "
        "sys.exit(status or bool(found))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_terminal_without_unicode_gets_every_answer() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        _command("fit", FAITHFUL, "--starts", "1"),
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0 and done.stderr == b""
    assert b"log-likelihood" in done.stdout
