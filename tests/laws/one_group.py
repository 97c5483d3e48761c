"""Maximisation steps of a law whose memberships are given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.held import NOTHING_HELD, Held, HeldValue
from emdesk.model.law import Law, Workspace
from emdesk.model.rows import Rows

F64 = NDArray[np.float64]


def step(
    law: Law, rows: F64, members: F64, steps: int = 1, held: Held = NOTHING_HELD, **settings: Any
) -> Any:
    """Params in units after the first step from a partition and more steps with the memberships (K, n) held."""
    names, numbers = tuple("abcdef"[: len(rows)]), np.arange(rows.shape[1])
    given = Rows(rows, names, numbers, held=held, groups=len(members))
    constants, work = law.constants(given, law.Settings(**settings)), Workspace()
    encoded = law.encode(given, constants)
    inner: Any = None
    for _ in range(steps):
        kernel = None if inner is None else law.kernel(inner, np.zeros(len(members)), constants)
        features = law.features(encoded, constants, work)
        if kernel is not None:
            law.log_density(features, kernel, np.empty_like(members), work)
        sums = law.statistics(features, members, kernel, constants, work)
        inner = law.maximise(sums, inner, constants)
    return law.in_units(inner, constants)


def held_step(
    law: Law, rows: F64, members: F64, held: tuple[HeldValue, ...], steps: int = 2
) -> Any:
    """The same with values held."""
    return step(law, rows, members, steps, Held(held))
