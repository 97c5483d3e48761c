"""Where bundled files are, in a checkout, an installed wheel and the packaged program alike."""

from __future__ import annotations

import sys
from pathlib import Path

from emdesk.errors import FileProblem
from emdesk.texts import say


def resources_root() -> Path:
    """The folder that holds icons, samples, fonts and help."""
    frozen = getattr(sys, "_MEIPASS", None)  # set by PyInstaller's start-up code
    here = Path(__file__).resolve().parent
    candidates = (
        [Path(frozen) / "resources"] if frozen else [here.parent / "resources", here / "_resources"]
    )
    for candidate in candidates:
        if (candidate / "samples").is_dir():
            return candidate
    return candidates[0]


def resource(name: str) -> Path:
    """The path of one bundled file, such as `samples/faithful.csv`."""
    path = resources_root() / name
    if not path.exists():
        raise FileProblem(
            say("resources.missing"),
            where=str(path),
            remedy=say("resources.install_again"),
        )
    return path
