"""What the operating system refused, as one sentence for an analyst."""

from __future__ import annotations

import errno
from pathlib import Path

from emdesk.errors import FileProblem
from emdesk.texts import say

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.ENOENT, errno.ENOTDIR}


def cannot_read(path: Path, problem: OSError) -> FileProblem:
    """The FileProblem for a file that the system does not let us read."""
    where = str(path)
    if problem.errno in _NO_FOLDER:
        return FileProblem(say("files.absent"), where=where, remedy=say("files.check_name"))
    if problem.errno == errno.EISDIR or path.is_dir():
        return FileProblem(say("files.folder"), where=where, remedy=say("files.choose_file"))
    if problem.errno in _FORBIDDEN:
        return FileProblem(
            say("files.reading_forbidden"), where=where, remedy=say("files.ask_for_reading")
        )
    reason = problem.strerror or str(problem)
    return FileProblem(
        say("files.unreadable", reason=reason), where=where, remedy=say("files.copy_it")
    )


def changed_meanwhile(path: Path) -> FileProblem:
    """The FileProblem for a file that another program still writes."""
    return FileProblem(
        say("files.changed_meanwhile"), where=str(path), remedy=say("files.open_again")
    )


def cannot_write(path: Path, problem: OSError) -> FileProblem:
    """The FileProblem for a file that the system does not let us write; the old one stays."""
    where, kept = str(path), say("files.old_kept") if path.is_file() else ""
    if problem.errno in _FULL:
        remedy = say("files.free_space")
        return FileProblem(say("files.full"), where=where, remedy=remedy, kept=kept)
    if problem.errno == errno.EISDIR:
        return FileProblem(
            say("files.target_is_folder"), where=where, remedy=say("files.other_name"), kept=kept
        )
    if problem.errno in _NO_FOLDER:
        return FileProblem(say("files.no_folder"), where=where, remedy=say("files.other_folder"))
    if problem.errno in _FORBIDDEN:
        return FileProblem(
            say("files.writing_forbidden"), where=where, remedy=say("files.other_folder"), kept=kept
        )
    reason = problem.strerror or str(problem)
    return FileProblem(
        say("files.unwritable", reason=reason),
        where=where,
        remedy=say("files.other_folder"),
        kept=kept,
    )
