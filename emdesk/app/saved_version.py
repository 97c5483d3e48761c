"""Whether the numbers of a saved fit still mean what they meant where it was saved.

A fit is saved with the params of its iterations as they were inside it, to the last bit. What they count in (the scale
of a column, logarithms about a place) belongs to the version of the program, so one objective is worked out anew on
opening: where it is not the saved one, the numbers would be read wrongly without a word.
"""

from __future__ import annotations

import math

import numpy as np

from emdesk.app.session import FitResult
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.errors import OtherVersion
from emdesk.model.law import Ascent
from emdesk.texts import say

AGREES = 1e-8
"""Two objectives of the same params differ by no more than this, relative to their size: sums in another order do by
far less, another unit of measurement by far more."""


def other_version(name: str) -> OtherVersion:
    """Says that a fit of that name was made by another version."""
    return OtherVersion(say("project.other_version", name=name))


def refuse_unlike(result: FitResult) -> None:
    """An OtherVersion where the params of an iteration do not have the objective that was saved; a pass over the
    rows."""
    trace, family, data = result.trace, result.family, result.data
    index = result.best.kept if trace.params_if_kept(result.best.kept) is not None else trace.last
    params = trace.params_if_kept(index)
    try:
        with np.errstate(all="ignore"), Sweeper() as sweeper:
            found = sweeper.sweep(family, data, params, family.blocks(data), RunControl())
            objective = found.fit + family.log_prior(data, params)
    except (ArithmeticError, ValueError, IndexError) as problem:
        raise other_version(say("project.the_fit")) from problem
    same = _agree(found.log_likelihood, trace.log_likelihoods[index])
    if family.ascent(data) is not Ascent.NONE:  # what is drawn is another draw
        same = same and _agree(objective, trace.objectives[index])
    if not same:
        raise other_version(say("project.the_fit"))


def _agree(found: float, saved: float) -> bool:
    if not math.isfinite(saved):
        return True
    return abs(found - saved) <= AGREES * max(1.0, abs(saved))
