"""Where the program starts: the window, or the command line when its first word is a command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from multiprocessing import freeze_support


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit status; Qt is imported only for the window."""
    freeze_support()  # a frozen child process ends here instead of opening another window
    words = list(sys.argv[1:] if arguments is None else arguments)
    from emdesk import cli

    if cli.takes(words):
        return cli.main(words)
    from emdesk.gui import application

    return application.main(words)


if __name__ == "__main__":
    sys.exit(main())
