"""The fits of all groups side by side: a row for each group, and the parameters of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emdesk.app.group_fits import GroupFit, GroupFits
from emdesk.em.selection import Entropies, criteria
from emdesk.em.splitting import group_count
from emdesk.model.law import Quantity
from emdesk.texts import say, say_count
from emdesk.texts.numbers import criterion

F64 = NDArray[np.float64]
NAN = float("nan")


@dataclass(frozen=True)
class GroupRow:
    """One group in the table of fits; what a group without a fit has not is None or NaN. `weight` is the role of the
    tint of how it ended."""

    value: str
    rows: int
    log_likelihood: float = NAN
    free_parameters: int | None = None
    bic: float = NAN
    components: int | None = None
    iterations: int | None = None
    end: str = ""
    weight: str = ""


def group_row(groups: GroupFits, place: int) -> GroupRow:
    """What the table of fits says of one group."""
    part, fit = groups.parts[place], groups.fits[place]
    if fit is None:
        return GroupRow(part.value, len(part.rows), end=say("groups.waiting"))
    if fit.result is None:
        what = fit.problem.what if fit.problem is not None else say("groups.no_fit")
        return GroupRow(part.value, len(part.rows), end=what[:1].upper() + what[1:], weight="bad")
    result = fit.result
    free, height = result.free_parameters, result.log_likelihood
    return GroupRow(
        part.value,
        int(result.data.used.sum()),
        height,
        free,
        criteria(height, free, result.data.size, Entropies()).bic,
        group_count(result.params, result.family.group_axis),
        result.trace.last,
        result.stop_sentence,
        "bad" if not result.is_sound else "" if result.converged else "warn",
    )


def together(groups: GroupFits, rows: Sequence[GroupRow]) -> str:
    """The sums over the groups, and how many have no sound fit or are left out, in words."""
    found = [row for row in rows if row.free_parameters is not None]
    told = [say_count("groups.of_all", len(rows), column=groups.column)]
    unfitted = len(groups.done) - len(found)
    unsound = sum(fit.result is not None and not fit.is_sound for fit in groups.done)
    if unfitted:
        told.append(say_count("groups.unfitted", unfitted))
    if unsound:
        told.append(say_count("groups.unsound", unsound))
    left_out = groups.rows_without_group
    if left_out:
        told.append(say_count("groups.rows_left_out", left_out, column=groups.column))
    sentence = " · ".join(told)
    if (
        len(found) > 1 and not unsound and not unfitted
    ):  # of a collapsed fit the height means nothing
        heights = criterion(sum(row.log_likelihood for row in found))
        costs = criterion(sum(row.bic for row in found))
        sentence += " · " + say("groups.sums", log_likelihood=heights, bic=costs)
    return sentence


@dataclass(frozen=True, eq=False)
class AllParameters:
    """The parameters of all groups that have the same ones: the quantities of the parameter table with a row for each
    component of each group, the first components of all groups first; their standard errors, NaN where a group has
    none; and of which group (by its number) and component each row is."""

    quantities: tuple[Quantity, ...]
    errors: Mapping[str, F64]
    places: NDArray[np.intp]
    components: NDArray[np.intp]


def all_parameters(groups: GroupFits) -> AllParameters:
    """The parameters of the groups as one table; without rows where no group has a fit."""
    found = [(p, fit) for p, fit in enumerate(groups.fits) if fit is not None and fit.result]
    tables = [_along_components(fit) for _, fit in found]
    first = next((t for t in tables if t), {})
    alike = [
        (place, fit, table)
        for (place, fit), table in zip(found, tables, strict=True)
        if table and _shapes(table) == _shapes(first)
    ]
    if not alike:
        nothing = np.empty(0, dtype=np.intp)
        return AllParameters((), {}, nothing, nothing)
    count = len(next(iter(first.values())).values)
    places = np.repeat([place for place, _, _ in alike], count)
    components = np.tile(np.arange(count), len(alike))
    order = np.argsort(components, kind="stable")
    quantities = tuple(
        replace(own, values=np.concatenate([t[name].values for _, _, t in alike])[order])
        for name, own in first.items()
    )
    errors = {
        name: np.concatenate([_errors(fit, name, t[name]) for _, fit, t in alike])[order]
        for name in first
    }
    told = {name: own for name, own in errors.items() if not np.isnan(own).all()}
    return AllParameters(quantities, told, places[order], components[order])


def _along_components(fit: GroupFit) -> dict[str, Quantity]:
    """The quantities of a fit that have a row for each component, by name."""
    result = fit.result
    assert result is not None
    axis = result.family.group_axis
    found = result.family.quantities(result.data, result.params)
    return {q.name: q for q in found if q.axes and q.axes[0] == axis}


def _shapes(table: Mapping[str, Quantity]) -> dict[str, tuple[int, ...]]:
    return {name: own.values.shape for name, own in table.items()}


def _errors(fit: GroupFit, name: str, quantity: Quantity) -> F64:
    result = fit.result
    known = {} if result is None or result.uncertainty is None else result.uncertainty.quantities
    found = known.get(name)
    return np.full(quantity.values.shape, np.nan) if found is None else np.asarray(found)
