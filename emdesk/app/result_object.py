"""A fit as one plain object: what `fit --json` prints and `parameters.json` holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emdesk.app.session import FitResult
from emdesk.em.stopping import Stop
from emdesk.io.writers.json_object import plain_json
from emdesk.model.params import arrays, axes_of


def stop_word(result: FitResult) -> str:
    """Why the fit ended, a fixed word; a run that came to rest in a degenerate component has collapsed."""
    ended_at_rest = result.stop in (Stop.CONVERGED, Stop.LIMIT)
    return (Stop.COLLAPSED if ended_at_rest and not result.is_sound else result.stop).value


def result_object(result: FitResult, notes: Sequence[str] = ()) -> dict[str, Any]:
    """The result by fixed names, made of plain numbers, texts and lists; what is not finite is None.

    `params` are nested lists in the analyst's units and `axes` names their axes. The criteria are those of
    the chosen iteration. `notes` are warnings about the data that the fit cannot know, such as cells that could
    not be read. `iteration` and `kept_by_hand` are there only where an iteration was kept by hand,
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
        "warnings": [*notes, *result.warnings()],
        "params": arrays(params),
        "axes": {name: list(names) for name, names in axes_of(params).items()},
    }
    if result.is_kept_by_hand:
        made |= {"iteration": result.chosen, "kept_by_hand": True}
    plain: dict[str, Any] = plain_json(made)
    return plain


def _sweeps(evaluations: float) -> float | int:
    """Sweeps over parts of the data count in part; whole ones are written as a whole number."""
    return int(evaluations) if float(evaluations).is_integer() else evaluations
