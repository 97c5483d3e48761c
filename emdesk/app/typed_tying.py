"""What is tied as it is typed: `means`, `means[waiting]`, `means[1=3]` or `means[1=3,waiting]`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec
from emdesk.app.tying import group_count, names_behind, with_tie
from emdesk.app.typed_holding import index_of, joined_pieces, known_name
from emdesk.errors import EMDeskError, UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.model.family import Family
from emdesk.model.held import Held
from emdesk.model.tied import Tie
from emdesk.texts import say

GROUPS = re.compile(r"\s*\d+(\s*=\s*\d+)*\s*")


def typed_ties(
    texts: Sequence[str], spec: ModelSpec, catalogue: Catalogue, dataset: Dataset
) -> tuple[Tie, ...]:
    """What is tied by texts like `means`, `means[waiting]`, `means[1=3]` or `coefficients[1=2,x]`: without groups it is
    equal in all of them, without a place everywhere. A UsageProblem names the text."""
    family = spec.family_in(catalogue)
    made = replace(spec, ties=())
    for text in texts:
        try:
            tie = _tie(text.strip(), made, family, dataset)
        except EMDeskError as problem:
            problem.where = problem.where or f"--tie {text}"
            raise
        made = with_tie(made, family, tie)
    return made.ties


def names_groups(text: str) -> bool:
    """Whether a text ties components by their numbers."""
    inside = text.partition("[")[2].partition(",")[0].rstrip("] ")
    return "=" in inside and GROUPS.fullmatch(inside) is not None


def _tie(text: str, spec: ModelSpec, family: Family, dataset: Dataset) -> Tie:
    name = known_name(text, family.tieable)
    if name is None:
        word = text.partition("[")[0].strip()
        Held((), (Tie(word),)).refuse_untieable(family.tieable)
        name = word
    rest = text[len(name) :].strip()
    if not rest:
        return Tie(name)
    inside, closed, after = rest.removeprefix("[").rpartition("]")
    if not (rest.startswith("[") and closed and not after and inside.strip()):
        raise UsageProblem(say("tied.no_form", text=text), remedy=say("tied.write"))
    names = names_behind(spec, family, name, dataset)
    whole = _place(inside, names)
    if whole is not None and not inside.strip().isdigit():
        return Tie(name, (), whole)
    first, _, place = inside.partition(",")
    if not GROUPS.fullmatch(first):
        raise _no_place(name, inside, spec, family, names)
    groups = tuple(sorted({int(number) - 1 for number in first.split("=")}))
    count = group_count(spec, family)
    found = _place(place, names) if place.strip() else ()
    if found is None or groups[0] < 0 or groups[-1] >= count:
        raise _no_place(name, inside, spec, family, names)
    if len(groups) < 2:
        raise UsageProblem(say("tied.one_group", name=name), remedy=say("tied.write"))
    return Tie(name, groups, found)


def _place(text: str, names: tuple[tuple[str, ...], ...]) -> tuple[int, ...] | None:
    """A place by names, or by numbers from 1; names may hold commas. None if there is none."""
    for words in joined_pieces(text.split(","), len(names)):
        found = [index_of(word, along or None) for along, word in zip(names, words, strict=False)]
        if None not in found:
            return tuple(i for i in found if i is not None)
    return None


def _no_place(
    name: str, inside: str, spec: ModelSpec, family: Family, names: tuple[tuple[str, ...], ...]
) -> UsageProblem:
    listed = ", ".join(names[0]) if names else ""
    return UsageProblem(
        say("tied.no_place", name=name, place=inside.strip()),
        remedy=say(
            "tied.places_there_are" if listed else "tied.groups_there_are",
            groups=group_count(spec, family),
            names=listed,
        ),
    )
