"""A fit as one plain object: what `fit --json` prints and `parameters.json` holds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from emdesk.app.session import FitResult
from emdesk.em.stopping import Stop
from emdesk.model.params import arrays, axes_of


def stop_word(result: FitResult) -> str:
    """Why the fit ended, a fixed word; a run that came to rest in a degenerate component has collapsed."""
    ended_at_rest = result.stop in (Stop.CONVERGED, Stop.LIMIT)
    return (Stop.COLLAPSED if ended_at_rest and not result.is_sound else result.stop).value


def result_object(result: FitResult) -> dict[str, Any]:
    """The result by fixed names, made of plain numbers, texts and lists; what is not finite is None.

    `params` are nested lists in the analyst's units and `axes` names their axes. The criteria are those of
    the chosen iteration. `iteration` and `kept_by_hand` are there only where an iteration was kept by hand,
    because only then the result is not simply the end of the fit.
    """
    params = result.family.in_units(result.data, result.params)
    criteria = result.criteria()
    made = {
        "family": result.spec.family,
        "law": result.spec.law,
        "columns": list(result.spec.columns),
        "rows": result.dataset.rows,
        "rows_used": int(result.data.used.sum()),
        "settings": result.spec.values(),
        "seed": result.spec.fit.seed,
        "objective": result.objective,
        "log_likelihood": result.log_likelihood,
        "free_parameters": result.free_parameters,
        "aic": criteria.aic,
        "bic": criteria.bic,
        "icl": criteria.icl,
        "iterations": result.trace.last,
        "evaluations": _sweeps(result.outcome.evaluations),
        "converged": result.converged,
        "stop": stop_word(result),
        "stop_sentence": result.stop_sentence,
        "seconds": result.outcome.seconds,
        "warnings": list(result.warnings()),
        "params": arrays(params),
        "axes": {name: list(names) for name, names in axes_of(params).items()},
    }
    if result.is_kept_by_hand:
        made |= {"iteration": result.chosen, "kept_by_hand": True}
    plain = as_plain(made)
    assert isinstance(plain, dict)
    return plain


def _sweeps(evaluations: float) -> float | int:
    """Sweeps over parts of the data count in part; whole ones are written as a whole number."""
    return int(evaluations) if float(evaluations).is_integer() else evaluations


def as_plain(value: Any) -> Any:
    """The same value of dicts, lists, texts and numbers that JSON knows: arrays become nested lists, a
    number that is not finite becomes None."""
    if isinstance(value, dict):
        return {str(key): as_plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(part) for part in value]
    if isinstance(value, np.ndarray):
        return as_plain(value.tolist())
    if isinstance(value, np.generic):
        return as_plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
