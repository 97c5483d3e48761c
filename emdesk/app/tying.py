"""Parameters that are equal in several components: what they are called, and as they are pointed at in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from emdesk.app.catalogue import Catalogue
from emdesk.app.holding import COLUMN, Place, few_rows, label_of, shape_of
from emdesk.app.model_spec import ModelSpec
from emdesk.errors import EMDeskError, UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.model.design import coded
from emdesk.model.family import Family
from emdesk.model.needs import Role
from emdesk.model.tied import Tie
from emdesk.texts import say

TERM = "term"
JOINED = " = "


def names_behind(
    spec: ModelSpec, family: Family, name: str, dataset: Dataset | None
) -> tuple[tuple[str, ...], ...]:
    """The names along each axis of a parameter behind its group; () along an axis whose places are only counted."""
    shape = shape_of(spec, family, name)
    known = {COLUMN: shape.columns, TERM: () if dataset is None else _terms(spec, name, dataset)}
    return tuple(known.get(axis, ()) for axis in shape.axes[1:])


def _terms(spec: ModelSpec, name: str, dataset: Dataset) -> tuple[str, ...]:
    """The names of the coefficients of a regression, the intercept first."""
    predictors = tuple(n for n in spec.roles.get(Role.PREDICTORS, ()) if dataset.has(n))
    words = tuple(dataset.column(n).categories for n in predictors)
    _, called = coded(np.zeros((len(predictors), 1)), predictors, words)
    prefix = name.rpartition(".")[0]
    settings: Any = next((p.settings for p in spec.laws if p.name == prefix), spec.law_settings)
    has_intercept = getattr(settings, "intercept", True)
    return ((say("term.intercept"),) if has_intercept else ()) + called


def place_words(
    spec: ModelSpec, family: Family, tie: Tie, dataset: Dataset | None = None
) -> tuple[str, str]:
    """Which groups a tie is of, "" for all, and where it is behind them, "" for everywhere, in words."""
    names = names_behind(spec, family, tie.name, dataset)
    words = [
        along[i] if i < len(along) else str(i + 1)
        for along, i in zip(names, tie.place, strict=False)
    ]
    return JOINED.join(str(k + 1) for k in tie.groups), ", ".join(words)


def tie_text(spec: ModelSpec, family: Family, tie: Tie, dataset: Dataset | None = None) -> str:
    """A tie as it is typed: `means[1=3,waiting]`."""
    groups, place = place_words(spec, family, tie, dataset)
    inside = ", ".join(filter(None, (groups.replace(" ", ""), place)))
    return say("tied.place", name=tie.name, place=inside) if inside else tie.name


def tie_label(spec: ModelSpec, family: Family, tie: Tie, dataset: Dataset | None) -> str:
    """What is tied, in the words of the window."""
    place, label = place_words(spec, family, tie, dataset)[1], label_of(family, tie.name)
    return say("tied.line", label=label, place=place) if place else label


def tied_object(ties: Sequence[Tie]) -> list[dict[str, Any]]:
    """Ties as plain names and numbers: places and groups count from 0, no groups are all of them."""
    return [{"name": t.name, "groups": list(t.groups), "place": list(t.place)} for t in ties]


def ties_from(document: Sequence[Any]) -> tuple[Tie, ...]:
    """The inverse of `tied_object`."""
    return tuple(
        Tie(one["name"], tuple(one.get("groups", ())), tuple(one.get("place", ())))
        for one in document
    )


def tie_of(spec: ModelSpec, name: str, place: Place) -> Tie | None:
    """The tie that a number of a table is in: its own, or that of the covariances that it shows."""
    stem = name.removesuffix("sds").removesuffix("correlations")
    inner = (*place, place[-1]) if name.endswith("sds") and place else place
    spots = ((name, place), (f"{stem}covariances", inner))
    return next((t for t in spec.ties for n, p in spots if t.covers(n, p)), None)


def tied_at(
    spec: ModelSpec,
    dataset: Dataset,
    catalogue: Catalogue,
    name: str,
    place: Place,
    groups: Sequence[int],
) -> ModelSpec:
    """The same model with a number of a table equal in some groups, in place of what tied it before; one group lets it
    go, and all of them are all however many there come to be. What can only be tied whole is, as a matrix; an
    EMDeskError says why it cannot be."""
    family = spec.family_in(catalogue)
    chosen = tuple(sorted(set(groups)))
    before = tie_of(spec, name, place)
    base = replace(spec, ties=tuple(t for t in spec.ties if t != before))
    if len(chosen) < 2:
        return base
    if len(chosen) == group_count(spec, family):
        chosen = ()
    stem = name.removesuffix("sds").removesuffix("correlations")
    tried = [Tie(name, chosen, place[1:]), Tie(name, chosen)]
    if stem != name:
        tried.append(Tie(f"{stem}covariances", chosen))
    if before is not None:
        tried = [replace(before, groups=chosen)]
    few, reason = few_rows(dataset), None
    for tie in tried:
        asked = with_tie(base, family, tie)
        try:
            family.prepare(few, asked.request())
        except EMDeskError as problem:
            reason = reason or problem
        else:
            return asked
    raise reason or UsageProblem(say("tied.not_tieable", name=name))


def with_tie(spec: ModelSpec, family: Family, tie: Tie) -> ModelSpec:
    """The same model with a tie too, together with those at its place that have a group in common with it. Groups that
    are named stay these where there come to be more of them."""
    count = group_count(spec, family)
    groups, is_of_all = set(tie.among(count)), not tie.groups
    kept = []
    for other in spec.ties:
        alike = (other.name, other.place) == (tie.name, tie.place)
        if alike and groups & set(other.among(count)):
            groups |= set(other.among(count))
            is_of_all = is_of_all or not other.groups
        else:
            kept.append(other)
    named = () if is_of_all else tuple(sorted(groups))
    made = sorted([*kept, replace(tie, groups=named)], key=lambda t: (t.name, t.place, t.groups))
    return replace(spec, ties=tuple(made))


def group_count(spec: ModelSpec, family: Family) -> int:
    """How many groups the model has."""
    groups = spec.values().get(f"{family.group_axis}s", 1)
    assert isinstance(groups, int)
    return groups
