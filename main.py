"""Starts EMDesk from a checkout and in the packaged program."""

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()  # first: a frozen child process ends here
    from emdesk.__main__ import main

    sys.exit(main())
