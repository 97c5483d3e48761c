"""All that is told of two fits side by side. It takes passes over the rows, so the window asks for it in another
thread."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emdesk.app.agreement import Agreement, agreement
from emdesk.app.pairing.fits import ComparedFit
from emdesk.app.pairing.matching import Matching, matching
from emdesk.app.pairing.moved import MovedTable, moved_table
from emdesk.app.session import FitResult
from emdesk.em.selection import Criteria
from emdesk.errors import UsageProblem
from emdesk.model.dataset import Dataset, Kind
from emdesk.model.family import RowOutput
from emdesk.model.marks import AxisOption, Picture, View
from emdesk.model.needs import Role
from emdesk.texts import say

MOST_LABELS = 30
"""A column with more values than this does not hold labels."""


@dataclass(frozen=True, eq=False)
class Side:
    """What one of the two fits shows; `groups` are the names of its groups without noise, those of B after the groups
    of A that they are taken for."""

    fit: ComparedFit
    output: RowOutput
    picture: Picture
    criteria: Criteria
    groups: tuple[str, ...]
    agreement: Agreement | None


@dataclass(frozen=True, eq=False)
class Pair:
    """A and B, how their groups go together, and what must be known before their criteria are compared."""

    first: Side
    second: Side
    matching: Matching
    moved: MovedTable
    known: str
    notes: tuple[str, ...]

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.first, self.second


def pair(first: ComparedFit, second: ComparedFit, view: View, known: str) -> Pair:
    """Compare two fits; `view` says which axes are looked at, `known` names a column of labels, empty for none. A
    UsageProblem where a fit labels no rows."""
    one = _side(first, view, known)
    same = replace(view, x=_key(one.picture, view, "x"), y=_key(one.picture, view, "y"))
    two = _side(second, same, known)
    used = [np.flatnonzero(fit.result.data.used) for fit in (first, second)]
    matched = matching(one.output, two.output, (used[0], used[1]), first.result.slots)
    moved = moved_table(first.result, second.result, matched)
    two = replace(two, groups=_named_after(one.groups, two.groups, matched, second.result))
    return Pair(one, two, matched, moved, known, _notes(first.result, second.result))


def _side(fit: ComparedFit, view: View, known: str) -> Side:
    result = fit.result
    output = result.row_output()
    if output is None:
        raise UsageProblem(say("pair.no_labels", name=fit.name), remedy=say("pair.take_mixture"))
    names = result.group_names or tuple(str(k + 1) for k in range(output.groups))
    return Side(
        fit,
        output,
        result.family.picture(result.data, result.params, view),
        result.criteria(),
        names,
        _agreement(result, output, known),
    )


def _named_after(
    first: tuple[str, ...], second: tuple[str, ...], matched: Matching, result: FitResult
) -> tuple[str, ...]:
    """The names of the groups of B: what a person called them, else the name of their partner in A, else the number of
    their colour."""
    if result.group_names:
        return second
    return tuple(
        first[partner] if partner >= 0 else str(slot + 1)
        for partner, slot in zip(matched.partner, matched.slots[1], strict=True)
    )


def _agreement(result: FitResult, output: RowOutput, known: str) -> Agreement | None:
    if not known:
        return None
    spec = replace(result.spec, roles={**result.spec.roles, Role.TRUTH: (known,)})
    return agreement(spec, result.dataset, result.family, result.data, output)


def _key(picture: Picture, view: View, axis: str) -> str:
    """What an axis of A shows, so that B shows the same."""
    options: tuple[AxisOption, ...] = getattr(picture, f"{axis}_options")
    label: str = getattr(picture, f"{axis}_label")
    chosen: str = getattr(view, axis)
    return chosen or next((o.key for o in options if label.startswith(o.label)), "")


def known_columns(dataset: Dataset, *results: FitResult) -> tuple[str, ...]:
    """The columns that may hold labels to compare with, the likeliest first: one that has that role, then those of
    names that neither fit models."""
    modelled = {name for result in results for name in result.spec.columns}
    truth = _with_role(results)
    others = [
        column.name
        for column in dataset.columns
        if column.kind in (Kind.NOMINAL, Kind.ORDINAL, Kind.COUNT)
        and column.name not in modelled
        and 2 <= column.distinct <= MOST_LABELS
    ]
    # numbers may be labels, but names are more often
    others.sort(key=lambda name: not dataset.column(name).categories)
    return tuple(dict.fromkeys(name for name in (*truth, *others) if dataset.has(name)))


def suggested_column(dataset: Dataset, *results: FitResult) -> str:
    """The column that is compared with unasked: one with that role, else one of names; numbers may be anything."""
    columns = known_columns(dataset, *results)
    truth = _with_role(results)
    sure = (n for n in columns if n in truth or dataset.column(n).categories)
    return next(sure, "")


def _with_role(results: tuple[FitResult, ...]) -> list[str]:
    return [n for result in results for n in result.spec.roles.get(Role.TRUTH, ())]


def _notes(first: FitResult, second: FitResult) -> tuple[str, ...]:
    """Why likelihoods and criteria of two fits cannot be compared; () where they can."""
    found = []
    if set(first.spec.columns) != set(second.spec.columns):
        found.append(say("pair.other_columns"))
    elif not np.array_equal(_used(first), _used(second)):
        found.append(say("pair.other_rows"))
    elif _is_discrete(first) != _is_discrete(second):
        found.append(say("compare.two_scales"))
    return tuple(found)


def _used(result: FitResult) -> NDArray[np.bool_]:
    return np.asarray(result.data.used, dtype=bool)


def _is_discrete(result: FitResult) -> bool:
    law = result.family.law
    return law is not None and bool(law.is_discrete())
