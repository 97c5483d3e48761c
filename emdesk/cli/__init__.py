"""The program without a window: one module for each command. Nothing here imports Qt, and each command imports only
what it needs, so that a script that calls it a thousand times does not wait."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emdesk.cli.options import Given

_COMMANDS = ("fit", "compare", "inspect", "families", "predict", "simulate", "proof")
_HELP = ("-h", "--help", "help")
_VERSION = ("-V", "--version")
_INTERRUPTED = 130


def takes(words: Sequence[str]) -> bool:
    """Whether these words, those after the program's name, are for the command line and not for the window."""
    return bool(words) and words[0] in (*_COMMANDS, *_HELP, *_VERSION)


def main(words: Sequence[str]) -> int:
    """Run one command and return the exit status: 0 a result, 2 what was given does not work, 3 a failed fit.

    Whatever happens ends in one sentence on standard error, never in a traceback.
    """
    from emdesk.errors import EMDeskError
    from emdesk.texts import say

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a name may hold what the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    try:
        with warnings.catch_warnings():
            # an overflow ends as a null in the object or in a named failure, not in a line of numpy's
            warnings.simplefilter("ignore", RuntimeWarning)
            return _run(words)
    except EMDeskError as problem:
        tell(problem.sentence)
        return problem.exit_status
    except BrokenPipeError:
        _let_go_of_the_pipe()
        return 0
    except KeyboardInterrupt:
        tell(say("cli.interrupted"))
        return _INTERRUPTED
    except MemoryError:
        tell(say("cli.memory"))
        return 2
    except Exception as problem:
        tell(_inside(problem))
        return 1


def tell(sentence: str) -> None:
    """One line on standard error."""
    print(" ".join(sentence.split()), file=sys.stderr, flush=True)


def _run(words: Sequence[str]) -> int:
    from emdesk.cli import help_pages
    from emdesk.cli.options import COMMANDS, parse

    word = words[0] if words else "help"
    if word in _VERSION:
        print(help_pages.title())
        return 0
    if word in _HELP:
        print(help_pages.overview())
        return 0
    if word not in _COMMANDS:
        raise help_pages.no_command(word)
    given = parse(next(c for c in COMMANDS if c.name == word), words[1:])
    if given.has("--help"):
        print(help_pages.of_command(given))
        return 0
    status = _command(word)(given)
    sys.stdout.flush()
    return status


def _command(word: str) -> Callable[[Given], int]:
    """What does a command, imported only now."""
    from importlib import import_module

    module = {"inspect": "inspect_file"}.get(word, word)
    run: Callable[[Given], int] = import_module(f"emdesk.cli.{module}").run
    return run


def _let_go_of_the_pipe() -> None:
    """The reader of our output went away: nothing more can be said there, also not by Python at its end."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _inside(problem: Exception) -> str:
    """A fault of the program itself, with the place, so that it can be mended."""
    from pathlib import Path
    from traceback import extract_tb

    from emdesk.texts import say

    frames = extract_tb(problem.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return say("cli.inside", kind=type(problem).__name__, place=place, what=problem)
