"""What varies between the models of `compare`: the counts of groups, and one setting or the law."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emdesk.app.catalogue import Catalogue
from emdesk.app.comparison.places import ALL, LAW, choices_of, count_setting
from emdesk.app.model_spec import ModelSpec
from emdesk.cli.model import model_without_data
from emdesk.cli.options import Given, pair, suggestion
from emdesk.errors import UsageProblem
from emdesk.texts import say

DEFAULT_COUNTS = "1..9"
MOST_COUNTS = 200


@dataclass(frozen=True)
class Varied:
    """What varies, as it was typed: `given` holds the words that all models share."""

    counts: tuple[int, ...]
    name: str
    values: tuple[str, ...]
    given: Given


def is_varied(text: str) -> bool:
    """Whether a value stands for several: `all`, or a list between commas."""
    return text.strip().lower() == ALL or ("," in text and "=" not in text)


def varied_of(given: Given, catalogue: Catalogue) -> Varied:
    """What was typed; a UsageProblem where more than one thing varies, or what varies has no list of values."""
    counts = counts_of(given.one("--components") or DEFAULT_COUNTS)
    law = given.one("--law")
    lists = [text for text in given.all("--set") if is_varied(pair("--set", text, "KEY=VALUE")[1])]
    is_law_varied = law is not None and is_varied(law)
    shared = _without(given, lists, is_law_varied)
    spec = model_without_data(shared, catalogue)
    chosen = [t for t in lists if _has_choices(spec, _key(t)) or _value(t).lower() == ALL]
    if len(chosen) < len(lists):  # a comma may be a decimal mark: such a setting is said by itself
        shared = _without(given, chosen, is_law_varied)
        spec = model_without_data(shared, catalogue)
    _check_components(given, spec, catalogue)
    if len(chosen) + is_law_varied > 1:
        raise UsageProblem(
            say("compare.one_thing"), where=chosen[-1], remedy=say("compare.vary_one")
        )
    if is_law_varied:
        assert law is not None
        return Varied(counts, LAW, _laws(law, spec, catalogue), shared)
    if not chosen:
        return Varied(counts, "", (), shared)
    name, value = _key(chosen[0]), _value(chosen[0])
    known = choices_of(spec, name, catalogue)
    return Varied(counts, name, _values(value, known, f"--set {chosen[0]}"), shared)


def counts_of(text: str) -> tuple[int, ...]:
    """`1..9`, `1,2,5` or both: whole numbers, sorted; a UsageProblem for what is neither."""
    found: set[int] = set()
    for part in text.split(","):
        first, dots, last = part.strip().partition("..")
        low, high = first.strip(), last.strip() if dots else first.strip()
        if not (low.isdigit() and high.isdigit() and 0 < int(low) <= int(high) <= MOST_COUNTS):
            raise UsageProblem(
                say("compare.no_counts", text=text),
                where="--components",
                remedy=say("compare.give_counts", most=MOST_COUNTS),
            )
        found |= set(range(int(low), int(high) + 1))
    return tuple(sorted(found))


def _has_choices(spec: ModelSpec, name: str) -> bool:
    bound = spec.bound(name)
    return bound is not None and bool(bound.field.choices)


def _key(text: str) -> str:
    return text.partition("=")[0].strip().replace("-", "_")


def _value(text: str) -> str:
    return text.partition("=")[2].strip()


def _without(given: Given, lists: list[str], without_law: bool) -> Given:
    values = dict(given.values)
    kept = tuple(text for text in given.all("--set") if text not in lists)
    values.pop("--set", None)
    if kept:
        values["--set"] = kept
    if without_law:
        values.pop("--law", None)
    return replace(given, values=values)


def _values(text: str, known: tuple[str, ...], where: str) -> tuple[str, ...]:
    """The values of a list, in their own spelling."""
    if text.lower() == ALL:
        return (ALL,)
    spelled = {word.lower(): word for word in known}
    found = []
    for part in text.split(","):
        word = part.strip()
        if word.lower() not in spelled:
            raise UsageProblem(
                say("compare.no_value", word=word),
                where=where,
                remedy=suggestion(word, known, say("compare.values", names=", ".join(known))),
            )
        found.append(spelled[word.lower()])
    return tuple(dict.fromkeys(found))


def _laws(text: str, spec: ModelSpec, catalogue: Catalogue) -> tuple[str, ...]:
    return _values(text, choices_of(spec, LAW, catalogue), f"--law {text}")


def _check_components(given: Given, spec: ModelSpec, catalogue: Catalogue) -> None:
    """The counts are given in one place only."""
    bound = count_setting(spec, catalogue)
    for text in given.all("--set"):
        if _key(text) == bound.name:
            raise UsageProblem(
                say("compare.count_is_varied", name=bound.name),
                where=f"--set {text}",
                remedy=say("compare.use_components", value=_value(text)),
            )
