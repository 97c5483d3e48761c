"""`name.emdesk`: a zip of one JSON document, one `.npz` of arrays and a README.

Ids, numbers and names only: no pickle, no class path. A format number leads the document; older ones pass through
`migrations`, a newer one is refused in one sentence, and keys that this version does not know are kept and written
back.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import FileProblem
from emdesk.io.migrations import FORMAT, migrated
from emdesk.io.problems import cannot_read
from emdesk.io.safe_write import write_safely
from emdesk.texts import say

DOCUMENT, ARRAYS, README = "project.json", "arrays.npz", "README.txt"
LARGEST = 8 * 2**30
"""More than this unpacked is taken for damage, not for a project."""


@dataclass(frozen=True, eq=False)
class ProjectFile:
    """The content of a project file: a JSON document and the arrays that it refers to by name."""

    document: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def write_project(path: Path | str, project: ProjectFile) -> None:
    """Write safely: the old file stays whole until the new one is."""

    def write(stream: BinaryIO) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            document = {"format": FORMAT, **project.document}
            package.writestr(DOCUMENT, json.dumps(document, indent=1, allow_nan=False))
            package.writestr(README, say("project.readme"))
            with package.open(ARRAYS, "w", force_zip64=True) as inner:
                np.savez(inner, allow_pickle=False, **dict(project.arrays))

    write_safely(path, write)


def read_project(path: Path | str) -> ProjectFile:
    """Read a project of this or an older format; a FileProblem says why it cannot be."""
    path = Path(path)
    damaged = FileProblem(say("project.damaged"), where=str(path), remedy=say("project.try_copy"))
    try:
        with zipfile.ZipFile(path) as package:
            if sum(entry.file_size for entry in package.infolist()) > LARGEST:
                raise damaged
            document = json.loads(package.read(DOCUMENT))
            with np.load(io.BytesIO(package.read(ARRAYS)), allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
    except OSError as problem:
        raise cannot_read(path, problem) from None
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError):
        raise damaged from None
    if not isinstance(document, dict) or not isinstance(document.get("format"), int):
        raise damaged
    if document["format"] > FORMAT:
        raise FileProblem(
            say("project.newer", format=document["format"], known=FORMAT),
            where=str(path),
            remedy=say("project.update"),
        )
    return ProjectFile(migrated(document), arrays)
