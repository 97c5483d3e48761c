"""In powers of the columns, too, every hostile data set ends in a right answer or in a named diagnosis."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp

from tests.hostile.data import HOSTILE
from tests.hostile.fits import Ended, ended, shown
from tests.hostile.forms import TAKEN
from tests.hostile.models import Model
from tests.laws.test_powers import log_densities

SHORT_OF_DIGITS = frozenset(
    {
        "last_bits",
        "offset_of_1e9_and_missing_cells",
        "offset_of_1e12",
        "offset_of_1e12_and_a_small_spread",
        "offset_of_1e15",
        "years",
    }
)
"""Where parameters in the units of the file cannot give the log-likelihood again: it is not judged."""
MODELS = (
    Model("gaussian-powers", "gaussian", (("transformation", "power-each"),)),
    pytest.param(
        Model("student-t-powers", "student-t", (("transformation", "common-power"),)),
        marks=pytest.mark.slow,
    ),
)


def fault(how: Ended, name: str) -> str:
    """What is wrong with an end, empty if nothing is."""
    if how.problem is not None:
        return "" if how.problem.sentence else "refused without a sentence"
    result = how.result
    assert result is not None
    if not result.is_sound:
        return "" if how.reasons else "unsound without a reason"
    values = shown(result)
    if not all(np.isfinite(v).all() for v in values.values()):
        return "a parameter is no number"
    if name in SHORT_OF_DIGITS or how.table.weights is not None:
        return ""
    rows = np.array(how.table.columns)
    rows = rows[:, ~np.isnan(rows).any(axis=0)]
    logs = log_densities(values, rows) + np.log(values["weights"])[:, None]
    total = float(logsumexp(logs, axis=0).sum())
    near = abs(total - result.log_likelihood) <= 1e-6 * max(1.0, abs(total))
    return "" if near else f"the log-likelihood is {total}, not {result.log_likelihood}"


@pytest.mark.parametrize("model", MODELS, ids=str)
@pytest.mark.parametrize("form", ["gaussian", "log-normal"])
def test_every_end_is_right_or_named(model: Model, form: str) -> None:
    found = []
    for name, make in HOSTILE.items():
        wrong = fault(ended(model, make(TAKEN[form]), name, starts=1), name)
        if wrong:
            found.append(f"{name}: {wrong}")
    assert not found
