"""What is asked of every fit, however it ended, and what makes an answer right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.app.session import FitResult
from emdesk.em.stopping import Stop
from tests.hostile.densities import FORMULAS, Cells, mixture
from tests.hostile.fits import Ended, shown
from tests.hostile.forms import TAKEN
from tests.hostile.models import Model

F64 = NDArray[np.float64]


def faults(ended: Ended) -> list[str]:
    """What is wrong with numbers or words of an end, whatever was expected: nothing, one hopes."""
    if ended.problem is not None:
        sentence = ended.problem.sentence
        words = ("nan", "inf ", "Traceback", "array", "None")
        return [f"unfit words in “{sentence}”"] if any(w in sentence for w in words) else []
    assert ended.result is not None
    return [*_of_numbers(ended.result), *_of_words(ended)]


def _of_numbers(result: FitResult) -> list[str]:
    found = []
    for name, values in shown(result).items():
        if not np.isfinite(values).all():
            found.append(f"{name} is not finite: {values}")
    for quantity in result.family.quantities(result.data, result.params):
        if not np.isfinite(quantity.values).all():
            found.append(f"{quantity.name} of the table is not finite: {quantity.values}")
    if not np.isfinite([result.objective, result.log_likelihood]).all():
        found.append(f"the objective is {result.objective}")
    weights = result.params.weights
    if np.any(weights < 0) or abs(weights.sum() - 1) > 1e-9:
        found.append(f"the weights are {weights}")
    output = result.row_output()
    assert output is not None
    p = output.probabilities
    if not np.isfinite(p).all() or np.any(p < 0) or np.abs(p.sum(axis=0) - 1).max() > 1e-9:
        found.append("probabilities are no probabilities")
    return found


def _of_words(ended: Ended) -> list[str]:
    result = ended.result
    assert result is not None
    found = []
    if not result.is_sound and not ended.reasons:
        found.append(f"set aside without a reason: {result.stop_sentence}")
    if result.converged and not result.is_sound:
        found.append("converged, and not sound")
    at_limit = result.trace.last >= result.spec.fit.max_iterations
    if result.stop is Stop.LIMIT and not at_limit and not result.best.detail:
        found.append(f"the limit is claimed after {result.trace.last} iterations")
    if any(not text.strip() for text in (result.stop_sentence, *result.warnings())):
        found.append("an empty sentence")
    return found


def cells_of(ended: Ended, model: Model) -> tuple[Cells, F64 | None]:
    """The rows that were used, in file order, and their weights."""
    assert ended.result is not None
    used = ended.result.data.used
    columns = ended.table.columns[:, used]
    weights = None if ended.table.weights is None else ended.table.weights[used]
    if TAKEN[model.law].explains:
        return Cells(columns[:1], columns[1:]), weights
    return Cells(columns, np.zeros((0, columns.shape[1]))), weights


def independent_log_likelihood(ended: Ended, model: Model) -> float:
    """The log-likelihood of the parameters that the result shows, by the formulas of textbooks."""
    assert ended.result is not None
    cells, weights = cells_of(ended, model)
    params = shown(ended.result)
    with np.errstate(over="ignore", under="ignore"):  # a row may be impossible in one of the groups
        logs = FORMULAS[model.law](cells, params)
    return mixture(logs, params["weights"], weights)
