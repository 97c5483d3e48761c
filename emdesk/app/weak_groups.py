"""Which rows a component that cannot be trusted rests on, by their numbers in the file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.row_outputs import row_output_of
from emdesk.model.family import Family
from emdesk.model.law import Weakness
from emdesk.texts import say, say_count, translated

MOST_ROWS = 100_000
"""Above so many rows no pass is made over them for this."""
MOST_NAMED = 8
RESTING = frozenset({"floor", "ceiling", "few-rows"})
"""The weaknesses that are about the rows of one component."""


def rows_told(
    family: Family, data: Any, params: Any, weaknesses: tuple[Weakness, ...]
) -> tuple[str, ...]:
    """A sentence with the rows, numbered from 1, of each component with such a weakness."""
    # a common covariance that has shrunk is no fault of one component
    of_one = (w for w in weaknesses if "{group}" in translated(w.template))
    groups = sorted({w.group for w in of_one if w.reason in RESTING})
    if not groups or not family.labels_rows or data.rows > MOST_ROWS:
        return ()
    with Sweeper(1) as sweeper:
        output = row_output_of(family, data, params, sweeper, RunControl())
    if output is None:
        return ()
    numbers = np.sort(data.row_numbers) + 1
    return tuple(
        _sentence(group, numbers[output.label == group])
        for group in groups
        if np.any(output.label == group)
    )


def _sentence(group: int, numbers: NDArray[np.intp]) -> str:
    named = ", ".join(str(n) for n in numbers[:MOST_NAMED])
    more = len(numbers) - MOST_NAMED
    if more > 0:
        return say_count("fit.rests_on_more", more, group=group + 1, rows=named)
    return say("fit.rests_on", group=group + 1, rows=named)
