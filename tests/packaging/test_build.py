"""The packaged program is whole: it starts away from its checkout and passes its own test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def can_build() -> bool:
    """Whether PyInstaller finds what it needs: binutils, and Python as a shared library."""
    name = sysconfig.get_config_var("INSTSONAME") or ""
    folders = [sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("LIBPL")]
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    places = [Path(folder) for folder in folders if folder]
    places += [place / multiarch for place in places]
    shared = ".so" in name and any((place / name).exists() for place in places)
    return shared and shutil.which("objdump") is not None and shutil.which("strip") is not None


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or not can_build(),
        reason="needs Linux, binutils and Python as a shared library",
    ),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one-folder program, moved away from where it was built."""
    folder = tmp_path_factory.mktemp("build")
    subprocess.run(
        [
            *(sys.executable, str(PROJECT / "resources" / "packaging" / "build.py"), "--no-deb"),
            *("--output", str(folder / "dist"), "--work", str(folder / "work")),
        ],
        check=True,
        capture_output=True,
    )
    moved = folder / "moved"
    (folder / "dist" / "emdesk").rename(moved)
    return moved / "emdesk"


def test_the_packaged_program_lists_what_the_checkout_lists(program: Path, tmp_path: Path) -> None:
    packaged, checkout = (
        subprocess.run(
            [*command, "families", "--json"], cwd=tmp_path, check=True, capture_output=True
        ).stdout
        for command in ([str(program)], [sys.executable, str(PROJECT / "main.py")])
    )
    assert json.loads(packaged) == json.loads(checkout)


def test_the_packaged_program_passes_its_own_test(program: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(program), "--self-test"],
        cwd=tmp_path,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
