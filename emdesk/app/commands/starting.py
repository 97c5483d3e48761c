"""Where a run begins: labels, means, an earlier result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from emdesk.app.commands.changing import with_spec
from emdesk.app.commands.looking import axis_key
from emdesk.app.model_spec import ModelSpec
from emdesk.app.state import (
    AppState,
)
from emdesk.em.stopping import Stop
from emdesk.model.params import arrays

FINER = 10
"""A fit that converged goes on to its tolerance divided by this."""


def start_from_labels(state: AppState, column: str) -> AppState:
    """Begin with the groups that a column holds."""
    if state.spec is None:
        return state
    fit = replace(state.spec.fit, start="labels")
    return with_spec(state, replace(state.spec, fit=fit, start_labels=column))


def start_from_means(state: AppState, means: tuple[tuple[float, ...], ...]) -> AppState:
    """Begin at typed or clicked means, one row a group."""
    if state.spec is None:
        return state
    fit = replace(state.spec.fit, start="means")
    return with_spec(state, replace(state.spec, fit=fit, start_means=means))


def start_from_params(state: AppState, values: Mapping[str, object]) -> AppState:
    """Begin at the parameters of an earlier result, in the analyst's units."""
    if state.spec is None:
        return state
    fit = replace(state.spec.fit, start="result")
    return with_spec(state, replace(state.spec, fit=fit, start_params=dict(values)))


def start_from_result(state: AppState) -> AppState:
    """Begin at the parameters of the result that is there."""
    if state.result is None:
        return state
    result = state.result
    values = arrays(result.family.in_units(result.data, result.params))
    return start_from_params(state, values)


def going_on(state: AppState) -> ModelSpec | None:
    """The model that runs on from the result where it can; one that converged aims at a tenth of its tolerance."""
    spec = start_from_result(state).spec
    if spec is None or state.result is None or not state.can_go_on:
        return None
    if state.result.stop is not Stop.CONVERGED:
        return spec
    tolerance = state.result.spec.fit.tolerance / FINER
    return replace(spec, fit=replace(spec.fit, tolerance=tolerance))


def click_mean(state: AppState, x: float, y: float) -> AppState:
    """Take a clicked place as the next typed mean: the clicked columns from it, the others from the data's means."""
    spec, dataset, shown = state.spec, state.dataset, state.shown
    if spec is None or dataset is None or shown is None:
        return state
    count = groups_of(spec)
    mean = []
    for name in spec.columns:
        if name == axis_key(state, "x"):
            mean.append(x)
        elif name == axis_key(state, "y"):
            mean.append(y)
        else:
            mean.append(float(np.nanmean(dataset.column(name).values)))
    before = state.clicked_means if len(state.clicked_means) < count else ()
    means = (*before, tuple(mean))
    state = replace(state, clicked_means=means)
    return start_from_means(state, means) if len(means) == count else state


def groups_of(spec: ModelSpec) -> int:
    """How many groups the model has, by the setting that counts them; 0 where it has none."""
    values = spec.values()
    for name in ("components", "states", "factors", "groups"):
        if name in values:
            return int(values[name])
    return 0
