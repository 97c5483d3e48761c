"""Which component of a new fit continues which of the last one, so that it keeps its name and its colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emdesk.app.session import FitResult
from emdesk.em.optima import matched_order
from emdesk.em.splitting import group_count
from emdesk.model.params import axes_of

F64 = NDArray[np.float64]
MOST_NAME = 60


def continued(former: FitResult | None, result: FitResult) -> FitResult:
    """The result with the names and colours of the components of the last fit that its own are most like."""
    if former is None or not _speaks_of_the_same(former, result):
        return result
    count, before = _groups(result), _groups(former)
    old_slots = former.slots or tuple(range(before))
    sources = _sources(former, result, count, before)
    slots = _filled([None if k is None else old_slots[k] for k in sources])
    old_names = former.names or ("",) * before
    names = tuple("" if k is None else old_names[k] for k in sources)
    return replace(
        result,
        slots=() if slots == tuple(range(count)) else slots,
        names=names if any(names) else (),
    )


def renamed(result: FitResult, group: int, name: str) -> FitResult:
    """The result with another name for one of its components; an empty one gives it its number again."""
    names = list(result.names or ("",) * _groups(result))
    names[group] = " ".join(name.split())[:MOST_NAME]
    return replace(result, names=tuple(names) if any(names) else ())


def _speaks_of_the_same(former: FitResult, result: FitResult) -> bool:
    """Whether components can be compared: the same columns of the same data, and groups that nobody has named."""
    return (
        former.family.id == result.family.id
        and former.dataset is result.dataset
        and former.spec.columns == result.spec.columns
        and result.family.labels_rows
        and result.family.law is not None
        and not result.family.group_names(result.data)
    )


def _groups(result: FitResult) -> int:
    return group_count(result.params, result.family.group_axis) or 0


def _sources(former: FitResult, result: FitResult, count: int, before: int) -> list[int | None]:
    """For each component the one of the last fit that it continues, None for a new one."""
    axis = result.family.group_axis
    if count == before and axes_of(former.params) == axes_of(result.params):
        # position i of the order is the new component that continues old component i
        order = matched_order(former.params, result.params, axis)
        return [int(k) for k in np.argsort(order)]
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(_gaps(result, former))
    found = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    return [found.get(k) for k in range(count)]


def _gaps(result: FitResult, former: FitResult) -> F64:
    """(K, L) squared distances between the means of components, in the deviations of both."""
    (means, spreads), (others, other_spreads) = _moments(result), _moments(former)
    scale = 0.5 * (spreads[:, None] + other_spreads[None]) + 1e-300
    gaps = ((means[:, None] - others[None]) ** 2 / scale).sum(axis=2)
    return np.asarray(np.nan_to_num(gaps, nan=1e300, posinf=1e300))


def _moments(result: FitResult) -> tuple[F64, F64]:
    law = result.family.law
    assert law is not None
    means, covariances = law.moments(result.family.in_units(result.data, result.params).law)
    return means, np.diagonal(covariances, axis1=1, axis2=2)


def _filled(slots: list[int | None]) -> tuple[int, ...]:
    """The slots, with the first free ones for new components."""
    taken = {slot for slot in slots if slot is not None}
    free = (slot for slot in range(len(slots) + len(taken) + 1) if slot not in taken)
    return tuple(next(free) if slot is None else slot for slot in slots)
