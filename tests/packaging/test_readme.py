"""The README's two lines do what it says: one opens a sample, one runs the tests."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
SET_UP = "sh resources/packaging/debian-packages && python3 -m venv .venv && .venv/bin/pip install "
LINES = [line for line in README.splitlines() if line.startswith(SET_UP)]


def test_one_line_opens_a_sample_and_one_runs_the_tests() -> None:
    opens, tests = LINES
    assert opens.endswith(".venv/bin/python main.py --sample faithful")
    assert "-e '.[test]'" in tests
    lanes = re.findall(r"-m ('[^']+'|xvfb)(?: |$)", tests)
    assert lanes == ["'not slow and not xvfb'", "xvfb"]


def test_the_checks_run_the_readmes_own_line() -> None:
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    (pattern,) = re.findall(r"grep --max-count=1 '([^']+)' README.md", script)
    assert [line for line in LINES if re.search(pattern, line)] == LINES[1:]
    assert "-m slow" in script, "what that line leaves out is run beside it"


def test_every_file_that_the_readme_names_is_there() -> None:
    named = re.findall(r"\b(?:resources|tests)/[\w./-]+\w", README)
    assert named
    assert [name for name in named if not (PROJECT / name).exists()] == []
