"""Where the program starts: the window, or the command line when its first word is a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from multiprocessing import freeze_support

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""On Linux one of these variables says where a window can be shown."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit status; Qt is imported only for the window."""
    freeze_support()  # a frozen child process ends here instead of opening another window
    words = list(sys.argv[1:] if arguments is None else arguments)
    from emdesk import cli

    if cli.takes(words):
        return cli.main(words)
    if sys.platform == "linux" and not any(os.environ.get(name) for name in SCREENS):
        return _without_screen()
    from emdesk.gui import application

    return application.main(words)


def _without_screen() -> int:
    """Says in a sentence what Qt would end the process for."""
    from emdesk.cli import tell
    from emdesk.errors import UsageProblem
    from emdesk.texts import say

    problem = UsageProblem(say("start.no_screen"), remedy=say("start.commands"))
    tell(problem.sentence)
    return problem.exit_status


if __name__ == "__main__":
    sys.exit(main())
