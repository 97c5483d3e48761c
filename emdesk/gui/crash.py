"""The report about something nobody expected: no data, no names of files or columns."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from emdesk.app.state import AppState
from emdesk.texts import say


def crash_report(state: AppState, traceback: str) -> str:
    """The report without data, file or column names: versions, what was being done, where it ended."""
    from PySide6 import __version__ as qt

    from emdesk import __version__

    model = f"{state.spec.family} {state.spec.law}" if state.spec is not None else ""
    lines = [line for line in traceback.strip().splitlines() if not line.startswith("    ")]
    head = say(
        "crash.head",
        version=__version__,
        python=sys.version.split()[0],
        qt=qt,
        system=sys.platform,
        clock=time.strftime("%H:%M"),
    )
    doing = say("crash.doing", page=state.page.value, phase=state.phase.value, model=model)
    kind = lines[-1].split(":")[0] if lines else ""
    return "\n".join([head, doing, *_without_paths(lines[:-1]), kind])


def _without_paths(lines: list[str]) -> list[str]:
    kept = []
    for line in lines:
        if line.strip().startswith("File "):
            path, _, rest = line.strip().removeprefix('File "').partition('"')
            kept.append(f"  {Path(path).name}{rest}")
    return kept
