"""Refit published results one after the other, from neutral starts, and judge each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec
from emdesk.app.proofs.entries import Check, Entry, NotRun, proof_dataset, proof_spec
from emdesk.app.proofs.quantities import obtained
from emdesk.app.session import FitResult, FitSession
from emdesk.em.control import RunControl
from emdesk.em.fit_settings import RANDOM_METHODS
from emdesk.errors import Cancelled, EMDeskError
from emdesk.io.writers.json_object import plain_json
from emdesk.model.dataset import Dataset
from emdesk.texts import say

MAXIMA = "maxima"
LOG_LIKELIHOOD = "log_likelihood"


class Verdict(StrEnum):
    """What became of a published result."""

    REACHED = "reached"
    """Every number agrees to half a unit of its last printed digit."""
    BETTER = "better"
    """A sound optimum above the printed one."""
    MISSED = "missed"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Part:
    """One printed quantity and what was obtained; `obtained` is empty where nothing was run."""

    check: Check
    obtained: tuple[float, ...] = ()
    verdict: Verdict = Verdict.NOT_RUN


@dataclass(frozen=True)
class Proved:
    """A published result after it was tried; the first part is the one it is known by."""

    entry: Entry
    parts: tuple[Part, ...]
    verdict: Verdict
    reason: str = ""
    seconds: float = 0.0

    @property
    def main(self) -> Part:
        """The part that stands in the list: the first that disagrees, else the first."""
        return next((p for p in self.parts if p.verdict is Verdict.MISSED), self.parts[0])


def prove(
    entries: Sequence[Entry],
    catalogue: Catalogue,
    control: RunControl | None = None,
    folder: Path | None = None,
) -> Iterator[Proved]:
    """Try results in order; `folder` holds data that are not bundled. Raises Cancelled once `control` is stopped."""
    control = control or RunControl()
    for entry in entries:
        begun = time.perf_counter()
        made = _proved(entry, catalogue, control, folder)
        if control.is_stopped:
            raise Cancelled(say("proof.stopped"))
        yield replace(made, seconds=time.perf_counter() - begun)


def _proved(entry: Entry, catalogue: Catalogue, control: RunControl, folder: Path | None) -> Proved:
    untried = tuple(Part(check) for check in entry.checks)
    try:
        spec = proof_spec(entry, catalogue)
        dataset = proof_dataset(entry, folder)
    except NotRun as reason:
        return Proved(entry, untried, Verdict.NOT_RUN, reason.what)
    try:
        if entry.searches:
            return _of_maxima(entry, spec, dataset, catalogue, control)
        result = _fitted(dataset, spec, catalogue, control)
    except Cancelled:
        return Proved(entry, untried, Verdict.NOT_RUN, say("proof.stopped"))
    except EMDeskError as problem:
        return Proved(entry, untried, Verdict.MISSED, problem.sentence)
    return judged(entry, result)


def _fitted(
    dataset: Dataset, spec: ModelSpec, catalogue: Catalogue, control: RunControl
) -> FitResult:
    session = FitSession(dataset, spec, catalogue, control, threads=1)
    for _ in session.run():
        pass
    assert session.result is not None
    return session.result


def judged(entry: Entry, result: FitResult) -> Proved:
    """The verdict on a fit of the model of a result."""
    parts = tuple(_part(check, obtained(check, result)) for check in entry.checks)
    if not result.is_sound:
        return Proved(entry, parts, Verdict.MISSED, result.stop_sentence)
    if any(p.verdict is Verdict.BETTER for p in parts):
        # the other printed numbers belong to the lower optimum
        return Proved(entry, parts[:1], Verdict.BETTER)
    missed = any(p.verdict is Verdict.MISSED for p in parts)
    return Proved(entry, parts, Verdict.MISSED if missed else Verdict.REACHED)


def _part(check: Check, found: tuple[float, ...]) -> Part:
    pairs = list(zip(check.numbers, found, strict=False))
    if check.at_most:
        agrees = all(value <= bound for bound, value in pairs)
    else:
        # a printed number may itself be rounded: the last digit counts in full at the half
        most = check.tolerance * (1 + 1e-9)
        agrees = len(found) == len(check.published) and all(abs(v - p) <= most for p, v in pairs)
    if agrees:
        return Part(check, found, Verdict.REACHED)
    above = check.quantity == LOG_LIKELIHOOD and found[0] > check.numbers[0]
    return Part(check, found, Verdict.BETTER if above else Verdict.MISSED)


def _of_maxima(
    entry: Entry, spec: ModelSpec, dataset: Dataset, catalogue: Catalogue, control: RunControl
) -> Proved:
    """Single starts until every printed maximum was found, at most `entry.searches` of them."""
    check = entry.checks[0]
    methods = sorted(RANDOM_METHODS)
    values: list[float] = []
    found: tuple[float, ...] = ()
    for seed in range(entry.searches):
        one = spec.with_setting("starts", 1).with_setting("seed", seed)
        one = one.with_setting("start", methods[seed % len(methods)])
        result = _fitted(dataset, one, catalogue, control)
        if control.is_stopped:
            raise Cancelled(say("proof.stopped"))
        if result.is_sound:
            values.append(result.log_likelihood)
            found = tuple(min(values, key=lambda v, p=p: abs(v - p)) for p in check.numbers)  # type: ignore[misc]
            if _part(check, found).verdict is Verdict.REACHED:
                break
    part = _part(check, found)
    if values and max(values) > max(check.numbers) + check.tolerance:
        return Proved(entry, (replace(part, verdict=Verdict.BETTER),), Verdict.BETTER)
    return Proved(entry, (part,), part.verdict, say("proof.searched", count=len(values)))


def proved_object(proved: Proved) -> dict[str, Any]:
    """One result by fixed names; `published` and `obtained` are numbers, or lists where several were printed."""
    main = proved.main
    made: dict[str, Any] = {
        "id": proved.entry.id,
        "title": proved.entry.title,
        "model": proved.entry.model,
        **_part_object(main),
        "verdict": proved.verdict.value,
        "reason": proved.reason,
        "source": proved.entry.source,
        "seconds": proved.seconds,
        "parts": [_part_object(part) | {"verdict": part.verdict.value} for part in proved.parts],
    }
    plain: dict[str, Any] = plain_json(made)
    return plain


def _part_object(part: Part) -> dict[str, Any]:
    return {
        "quantity": part.check.quantity,
        "published": _one_or_all(part.check.numbers),
        "obtained": _one_or_all(part.obtained),
        "tolerance": part.check.tolerance,
    }


def _one_or_all(numbers: tuple[float, ...]) -> float | list[float] | None:
    if not numbers:
        return None
    return numbers[0] if len(numbers) == 1 else list(numbers)
