"""The bundled SVG icons as text, recoloured."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from emdesk.gui.tokens import Tokens
from emdesk.resources import resource

MARK_NAME = "emdesk-mark"
_DOT = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 14 14">'
    '<circle cx="7" cy="7" r="3" fill="{colour}"/></svg>'
)


@lru_cache(maxsize=256)
def _source(path: str) -> bytes:
    return Path(path).read_bytes()


def svg_path(name: str) -> Path:
    """Where a bundled icon is; a FileProblem if there is none of that name."""
    folder = "icons" if name == MARK_NAME else "icons/phosphor"
    return resource(f"{folder}/{name}.svg")


def svg_source(name: str, colour: str) -> bytes:
    """The SVG text of an icon in a colour given as `#RRGGBB`."""
    return _source(str(svg_path(name))).replace(b"currentColor", colour.encode())


def write_marks(folder: Path, tokens: Tokens) -> dict[str, str]:
    """Write the few SVGs that a style sheet can only name by file; returns paths by key."""
    marks: dict[str, tuple[str, str]] = {
        "check": ("check", tokens.on_accent),
        "check_text": ("check", tokens.text2),
        "down": ("caret-down", tokens.text2),
        "up": ("caret-up", tokens.text2),
        "right": ("caret-right", tokens.text2),
        "down_off": ("caret-down", tokens.hist),
        "up_off": ("caret-up", tokens.hist),
        "close": ("x", tokens.text2),
    }
    written = {}
    for key, (name, colour) in marks.items():
        path = folder / f"{name}-{colour.lstrip('#')}.svg"
        if not path.exists():
            path.write_bytes(svg_source(name, colour))
        written[key] = path.as_posix()
    dot = folder / f"dot-{tokens.on_accent.lstrip('#')}.svg"
    dot.write_text(_DOT.format(colour=tokens.on_accent), encoding="utf-8")
    return {**written, "dot": dot.as_posix()}
