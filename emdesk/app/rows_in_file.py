"""Rows of one group shown under their numbers in the whole file, so that a row is the same one in every table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emdesk.app.shown import Shown
from emdesk.model.marks import Picture, Points

Rows = NDArray[np.intp]


def in_file(shown: Shown, rows: Rows | None) -> Shown:
    """What is shown of a part of the file, whose rows are `rows` (m,) of it; None where it is the whole file."""
    if rows is None:
        return shown
    return replace(
        shown,
        picture=_picture(shown.picture, rows),
        law=_picture(shown.law, rows),
        file_rows=None if shown.file_rows is None else rows[shown.file_rows],
        cells={name: replace(own, rows=rows[own.rows]) for name, own in shown.cells.items()},
    )


def _picture(picture: Picture, rows: Rows) -> Picture:
    marks = tuple(
        replace(m, rows=rows[m.rows]) if isinstance(m, Points) else m for m in picture.marks
    )
    return replace(picture, marks=marks)
