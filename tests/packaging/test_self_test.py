"""The program's own test passes from the checkout, without a screen and in a real window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def self_test(platform: str, home: Path) -> subprocess.CompletedProcess[str]:
    """The finished run of `main.py --self-test` on one of Qt's platforms."""
    return subprocess.run(
        [sys.executable, str(PROJECT / "main.py"), "--self-test"],
        cwd=home,
        env=os.environ | {"QT_QPA_PLATFORM": platform, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_self_test_fits_exports_and_reads_back(tmp_path: Path) -> None:
    done = self_test("offscreen", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "read them back" in done.stdout


def test_the_self_test_leaves_nothing_behind(tmp_path: Path) -> None:
    self_test("offscreen", tmp_path)
    left = [p for p in tmp_path.rglob("*") if p.is_file() and "cache" not in str(p).lower()]
    assert left == []


@pytest.mark.xvfb
def test_the_self_test_passes_in_a_real_window(tmp_path: Path) -> None:
    done = self_test("xcb", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "on xcb" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be without a screen this way")
def test_a_start_without_a_screen_says_so_in_one_sentence(tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run(
        [sys.executable, str(PROJECT / "main.py")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "no screen" in done.stderr
