"""A fit as one plain object: what `fit --json` prints and `parameters.json` holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emdesk.app.agreement import agreement_object
from emdesk.app.completion import missing_cells
from emdesk.app.discriminant import discriminant_object
from emdesk.app.factor_loadings import factors_object
from emdesk.app.holding import held_object
from emdesk.app.merging import merging_object
from emdesk.app.model_spec import ModelSpec
from emdesk.app.session import FitResult
from emdesk.app.table_fit import table_fit_object, table_of
from emdesk.app.trust import audit_object, uncertainty_object
from emdesk.app.tying import tied_object
from emdesk.em.optima import Optimum
from emdesk.em.stopping import Stop
from emdesk.io.writers.json_object import plain_json
from emdesk.model.dataset import Dataset
from emdesk.model.law import Quantity
from emdesk.model.needs import WORDS
from emdesk.model.params import arrays, axes_of, walk


def stop_word(result: FitResult) -> str:
    """Why the fit ended, a fixed word; a run that came to rest in a degenerate component has collapsed."""
    ended_at_rest = result.stop in (Stop.CONVERGED, Stop.LIMIT)
    return (Stop.COLLAPSED if ended_at_rest and not result.is_sound else result.stop).value


def result_object(result: FitResult, notes: Sequence[str] = ()) -> dict[str, Any]:
    """The result by fixed names, made of plain numbers, texts and lists; what is not finite is None.

    `params` are nested lists in the analyst's units and `axes` names their axes. The criteria are those of
    the chosen iteration. `notes` are warnings about the data that the fit cannot know, such as cells that could
    not be read. `iteration` and `kept_by_hand` are there only where an iteration was kept by hand,
    because only then the result is not simply the end of the fit; so are `start` and `start_by_hand` where another
    start than the best was opened by hand. `optima` are the distinct optima, those set aside last; `replicated` says
    whether the best was reached from different starts, `unseen_chance` how likely one more start finds a new one.
    `audit` says how far the fit is from its limit and what its groups rest on; `standard_errors` and `intervals`, in
    the shape of `params`, are there where they were asked for.
    `laws` is there where different columns have different laws; `columns_of`, the columns or terms that a parameter
    belongs to, where these are not the modelled columns.
    `cells_missing` counts the missing cells of the rows used. `held` says what was held and `tied` what was equal in
    several groups (none: in all), at places counted from 0, `group_names` the labels or names of the groups; all are
    there only where there are some.
    `table_fit` is there where rows are patterns of categories.
    `merging` is there where components were merged into clusters.
    `comparison` is there with a truth column, `discriminant` where all labels are known.
    `factors` are loadings and uniquenesses by name, each with `values`, `axes` and `columns`, where there are factors.
    `noise` holds its share, its rows and the logarithm of the volume of its box, where the model has noise.
    `roles` and `categories`, the words of text columns, are there only where there are some.
    """
    params = result.family.in_units(result.data, result.params)
    criteria = result.criteria()
    optima = result.optima()
    made: dict[str, Any] = {
        "family": result.spec.family,
        "law": result.spec.law,
        "columns": list(result.spec.columns),
        "rows": result.dataset.rows,
        "rows_used": int(result.data.used.sum()),
        "cells_missing": missing_cells(result.dataset, result.data),
        "settings": result.spec.values(),
        "seed": result.spec.fit.seed,
        "objective": result.objective,
        "log_likelihood": result.log_likelihood,
        "free_parameters": result.free_parameters,
        **vars(criteria),
        "iterations": result.trace.last,
        "evaluations": _sweeps(result.outcome.evaluations),
        "converged": result.converged,
        "stop": stop_word(result),
        "stop_sentence": result.stop_sentence,
        "seconds": result.outcome.seconds,
        "starts": len(result.outcome.attempts),
        "optima": [_optimum(optimum) for optimum in optima.found],
        "replicated": optima.is_replicated,
        "unseen_chance": optima.unseen_chance,
        "warnings": [*notes, *result.warnings()],
        "params": arrays(params),
        "axes": {name: list(names) for name, names in axes_of(params).items()},
    }
    if result.spec.laws:
        made["laws"] = [{"law": p.law, "columns": list(p.columns)} for p in result.spec.laws]
    if columns_of := {p.name: list(p.columns) for p, _ in walk(params) if p.columns}:
        made["columns_of"] = columns_of
    shown = result.family.quantities(result.data, result.params)
    if noise := _noise(shown):
        made["noise"] = noise
    if factors := factors_object(shown):
        made["factors"] = factors
    if result.spec.roles:
        made["roles"] = {role.value: list(names) for role, names in result.spec.roles.items()}
    if words := words_of(result.dataset, with_coded(result.spec)):
        made["categories"] = {name: list(found) for name, found in words.items()}
    if result.spec.held:
        made["held"] = held_object(result.spec.held)
    if result.spec.ties:
        made["tied"] = tied_object(result.spec.ties)
    if names := result.group_names:
        made["group_names"] = list(names)
    if (found := result.agreement()) is not None:
        made["comparison"] = agreement_object(found)
    if (errors := result.discriminant()) is not None:
        made["discriminant"] = discriminant_object(errors)
    if (table := table_of(result)) is not None:
        made["table_fit"] = table_fit_object(table, result.spec.columns)
    made["audit"] = audit_object(result.audit())
    if result.merged is not None:
        made["merging"] = merging_object(result)
    if result.uncertainty is not None:
        made |= uncertainty_object(result.uncertainty)
    if result.is_kept_by_hand:
        made |= {"iteration": result.chosen, "kept_by_hand": True}
    if result.is_start_by_hand:
        made |= {"start": result.best.index + 1, "start_by_hand": True}
    plain: dict[str, Any] = plain_json(made)
    return plain


def with_coded(spec: ModelSpec) -> tuple[str, ...]:
    """The modelled columns, and those of roles in which text is coded."""
    more = (name for role in sorted(WORDS) for name in spec.roles.get(role, ()))
    return tuple(dict.fromkeys((*spec.columns, *more)))


def words_of(dataset: Dataset, columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The words of the text columns among these, by column."""
    found = (dataset.column(name) for name in columns)
    return {column.name: column.categories for column in found if column.categories}


def _noise(shown: Sequence[Quantity]) -> dict[str, Any]:
    """What is known of noise by name, nothing without any."""
    own = {q.name: float(q.values) for q in shown if q.name.startswith("noise") and not q.axes}
    return {name.removeprefix("noise_").replace("noise", "share"): v for name, v in own.items()}


def _optimum(optimum: Optimum) -> dict[str, Any]:
    return {
        "objective": optimum.objective,
        "log_likelihood": optimum.log_likelihood,
        "count": optimum.count,
        "sound": optimum.is_sound,
        "reason": optimum.reason or None,
        "iterations": optimum.iterations,
        "smallest_group": optimum.smallest_group,
    }


def _sweeps(evaluations: float) -> float | int:
    """Sweeps over parts of the data count in part; whole ones are written as a whole number."""
    return int(evaluations) if float(evaluations).is_integer() else evaluations
