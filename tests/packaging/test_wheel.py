"""The wheel carries the resources and lists the same laws and families as the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
WHAT_THERE_IS = """
import json, pathlib, emdesk
from emdesk.app.catalogue import catalogue
from emdesk.resources import resources_root
there = catalogue()
root = resources_root()
print(json.dumps({
    "from": str(pathlib.Path(emdesk.__file__).parents[1]),
    "laws": [law.id for law in there.laws],
    "families": [family.id for family in there.families],
    "resources": sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()
                        and "packaging" not in p.relative_to(root).parts),
}))
"""


def what_there_is(root: Path, elsewhere: Path) -> dict[str, object]:
    """What a new interpreter that stands `elsewhere` finds of the program in `root`."""
    answer = subprocess.run(
        [sys.executable, "-c", WHAT_THERE_IS],
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=elsewhere,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, object] = json.loads(answer.stdout)
    assert found.pop("from") == str(root)
    return found


@pytest.fixture(scope="module")
def unpacked_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a wheel that was built for these tests."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    unpacked = folder / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    return unpacked


def test_a_wheel_finds_the_same_laws_families_and_resources_as_the_checkout(
    unpacked_wheel: Path, tmp_path: Path
) -> None:
    checkout = what_there_is(PROJECT, tmp_path)
    assert what_there_is(unpacked_wheel, tmp_path) == checkout
    assert "gaussian" in str(checkout["laws"])
    assert "samples/faithful.csv" in str(checkout["resources"])


def test_a_wheel_carries_every_module_and_no_tests(unpacked_wheel: Path) -> None:
    modules = {path.relative_to(PROJECT).as_posix() for path in (PROJECT / "emdesk").rglob("*.py")}
    carried = {path.relative_to(unpacked_wheel).as_posix() for path in unpacked_wheel.rglob("*.py")}
    assert carried == modules


def test_a_wheel_starts_by_the_name_emdesk(unpacked_wheel: Path) -> None:
    (points,) = unpacked_wheel.glob("*.dist-info/entry_points.txt")
    assert "emdesk = emdesk.__main__:main" in points.read_text(encoding="utf-8")
