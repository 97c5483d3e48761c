"""Work on foreign bytes in a process of its own, with limits: what goes wrong there ends there.

It also keeps the interpreter lock of the window free. The child is spawned, so the program's start
must call `multiprocessing.freeze_support()` first when it is packaged.
"""

from __future__ import annotations

import multiprocessing
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from emdesk.errors import Cancelled, EMDeskError, FileProblem
from emdesk.io.dialect import ImportOptions
from emdesk.io.readers import read
from emdesk.io.reading import Reading
from emdesk.texts import say

T = TypeVar("T")
Report = Callable[[float], None]

MEMORY = 8 << 30
SECONDS = 900.0
WORTH_A_CHILD = 4 << 20
"""Files of more bytes than this are read in a child: its start takes about a third of a second."""

_ASK_EVERY = 0.05
_REPORT_EVERY = 0.03


class ChildFailure(RuntimeError):
    """Something unforeseen was raised in the child; the text is its traceback."""


def read_in_child(
    path: Path | str,
    options: ImportOptions | None = None,
    cancelled: Callable[[], bool] | None = None,
    progress: Report | None = None,
) -> Reading:
    """`readers.read` in a child; `progress` is called in the caller's thread with 0 to 1."""
    path = Path(path)
    arguments = (path, options or ImportOptions())
    return run_in_child(_read, arguments, where=str(path), cancelled=cancelled, progress=progress)


def _read(path: Path, options: ImportOptions, report: Report) -> Reading:
    return read(path, options, report)


def run_in_child(
    work: Callable[..., T],
    arguments: tuple[Any, ...] = (),
    *,
    where: str = "",
    seconds: float = SECONDS,
    memory: int = MEMORY,
    cancelled: Callable[[], bool] | None = None,
    progress: Report | None = None,
) -> T:
    """`work(*arguments, report)` in a spawned process; everything has to be picklable.

    Raises what `work` raises if it is an EMDeskError; FileProblem (`where` names the file) if the
    child dies, takes longer than `seconds`, or needs `memory` more bytes than it started with (on
    systems that can limit it); Cancelled at most 0.05 s after `cancelled` says so.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(
        target=_work_in_child, args=(theirs, work, arguments, memory), daemon=True
    )
    child.start()
    theirs.close()
    try:
        kind, answer = _listen(child, ours, where, seconds, cancelled, progress)
    finally:
        ours.close()
        _end(child)
    if kind == "made":
        return answer  # type: ignore[no-any-return]
    if kind == "memory":
        raise FileProblem(
            say("files.child_memory", megabytes=memory >> 20),
            where=where,
            remedy=say("files.smaller_file"),
        )
    if isinstance(answer, EMDeskError):
        raise answer
    raise ChildFailure(answer)


def _listen(
    child: BaseProcess,
    ours: Connection,
    where: str,
    seconds: float,
    cancelled: Callable[[], bool] | None,
    progress: Report | None,
) -> tuple[str, Any]:
    """Everything the child says, until its last word."""
    deadline = time.monotonic() + seconds
    while True:
        if cancelled is not None and cancelled():
            raise Cancelled(say("files.cancelled"), where=where)
        if time.monotonic() > deadline:
            raise FileProblem(
                say("files.child_slow", seconds=f"{seconds:g}"),
                where=where,
                remedy=say("files.smaller_file"),
            )
        if not ours.poll(_ASK_EVERY):
            continue
        try:
            kind, answer = ours.recv()
        except EOFError:
            child.join()
            raise FileProblem(
                say("files.child_died", code=child.exitcode),
                where=where,
                remedy=say("files.smaller_file"),
            ) from None
        if kind != "progress":
            return kind, answer
        if progress is not None:
            progress(answer)


def _end(child: BaseProcess) -> None:
    child.join(0.2)
    if child.is_alive():
        child.terminate()
        child.join(1.0)
    if child.is_alive():
        child.kill()
        child.join()
    child.close()


def _work_in_child(
    pipe: Connection, work: Callable[..., Any], arguments: tuple[Any, ...], memory: int
) -> None:
    """The child's whole life."""
    last = 0.0

    def report(share: float) -> None:
        nonlocal last
        if share >= 1 or time.monotonic() - last > _REPORT_EVERY:
            last = time.monotonic()
            pipe.send(("progress", share))

    # A parent that is gone or has lost patience closes the pipe: there is nobody left to tell.
    with suppress(BrokenPipeError, ConnectionResetError):
        try:
            _limit_memory(memory)
            answer = ("made", work(*arguments, report))
        except EMDeskError as problem:
            answer = ("problem", problem)
        except MemoryError:
            answer = ("memory", None)
        except Exception:
            answer = ("failure", traceback.format_exc())
        pipe.send(answer)


def _limit_memory(memory: int) -> None:
    """Allow so many bytes more than are in use now, where the system has such a limit."""
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return  # macOS counts gigabytes of shared libraries and does not enforce the limit
    limit = pages * resource.getpagesize() + memory
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
