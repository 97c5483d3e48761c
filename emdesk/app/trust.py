"""How far a result can be trusted, measured on demand and told: standard errors, and the audit in words and tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from emdesk.app.resampling import resampled
from emdesk.app.session import FitResult
from emdesk.em.audit import Audit, GroupAudit, Health
from emdesk.em.bootstrap import REPLICATES, Bootstrap, bootstrap
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.uncertainty import Uncertainty, observed
from emdesk.errors import UsageProblem
from emdesk.texts import say, say_count
from emdesk.texts.numbers import criterion, fixed, short, whole

Cell = str | int | float

METHODS = ("observed", "bootstrap", "parametric")
"""How standard errors can be found: from the information, or from refits to rows or to data of the model drawn."""


def measured(
    result: FitResult,
    method: str,
    control: RunControl | None = None,
    tell: Callable[[float], None] | None = None,
    replicates: int = REPLICATES,
) -> FitResult:
    """The same result with its uncertainty. `tell` hears the share that is done.

    Raises Cancelled, and a UsageProblem where there is none: an unsound fit, a method that does not fit the rows.
    """
    if not result.is_sound:
        raise UsageProblem(say("uncertainty.unsound"), remedy=say("uncertainty.make_sound"))
    with Sweeper() as sweeper:
        if method == "observed":
            found = observed(result.family, result.data, result.params, sweeper, control, tell)
        else:
            is_parametric = method == "parametric"
            dataset, model = resampled(result, is_parametric)
            plan = Bootstrap(dataset, model, result.spec.fit, is_parametric)
            found = bootstrap(plan, sweeper, replicates, control, tell)
    return replace(result, uncertainty=found)


def method_sentence(found: Uncertainty) -> str:
    """Where standard errors come from."""
    how = found.derivatives or found.method
    return say(f"uncertainty.method.{how}", count=whole(found.replicates))


def uncertainty_object(found: Uncertainty) -> dict[str, Any]:
    """Standard errors by fixed names: those of the parameters, in their shape, and what is known of them."""
    return {
        "standard_errors": dict(found.standard_errors),
        "intervals": dict(found.intervals),
        "identified": found.is_identified if found.method == "observed" else None,
        "unidentified": list(found.unidentified),
        "uncertainty": {
            "method": found.method,
            "level": found.level,
            "rank": found.rank if found.method == "observed" else None,
            "at_edge": list(found.at_edge),
            "is_maximum": found.is_maximum if found.method == "observed" else None,
            "below_maximum": found.below_maximum,
            "derivatives": found.derivatives or None,
            "missing_information": _known(found.missing_information),
            "replicates": found.replicates,
            "failures": found.failures,
        },
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def audit_object(found: Audit) -> dict[str, Any]:
    """The audit by fixed names."""
    return {
        "limit": found.limit,
        "remaining": found.remaining,
        "rate": found.rate,
        "missing_information": found.missing_information,
        "iterations_left": found.iterations_left,
        "tolerance": found.tolerance,
        "evaluations": found.evaluations,
        "never_fell": found.certificate.holds,
        "largest_fall": found.certificate.largest_fall,
        "halvings": found.certificate.halvings,
        "components": [
            {
                "component": g.group + 1,
                "rows": g.rows,
                "distinct_rows": g.distinct,
                "smallest_variance": g.smallest,
                "condition": g.condition,
                "shrinking": g.shrinking,
                "health": g.health.value,
            }
            for g in found.groups
        ],
    }


def audit_rows(made: dict[str, Any]) -> tuple[list[str], Iterator[list[Cell]]]:
    """Header and rows of the audit of a result object as a long table: of the run, then of each component."""
    found = made["audit"]

    def rows() -> Iterator[list[Cell]]:
        for name, value in found.items():
            if name != "components":
                yield ["run", "", name, _cell(value)]
        for group in found["components"]:
            for name, value in group.items():
                if name != "component":
                    yield ["component", group["component"], name, _cell(value)]

    return ["part", "number", "measure", "value"], rows()


def _cell(value: bool | float | str | None) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def course_entries(found: Audit, measured: Uncertainty | None = None) -> list[tuple[str, str, str]]:
    """Name, value and definition of what the audit says of the run, and the standard errors of the same fit."""
    entries: list[tuple[str, str, str]] = []

    def add(name: str, value: str) -> None:
        entries.append((say(f"audit.{name}"), value, say(f"audit.{name}_is")))

    if found.limit is not None and found.remaining is not None:
        add("limit", criterion(found.limit))
        add("below", short(found.remaining))
    if found.rate is not None and found.missing_information is not None:
        add("rate", fixed(found.rate, 4))
        add("missing", fixed(found.missing_information, 3))
    if measured is not None and not math.isnan(measured.missing_information):
        add("missing_there", fixed(measured.missing_information, 3))
    if found.iterations_left is not None and math.isfinite(found.iterations_left):
        add("left", whole(found.iterations_left))
    add("evaluations", whole(found.evaluations))
    return entries


def certificate_sentence(found: Audit) -> str:
    """Whether the objective ever fell, with the largest fall and the halved steps."""
    proof = found.certificate
    if proof.holds is None:
        return say("audit.no_promise")
    if not proof.holds:
        return say("audit.fell", fall=short(proof.largest_fall), iteration=whole(proof.at))
    made = say_count("audit.never_fell", proof.iterations)
    if proof.largest_fall > 0:
        made = say(
            "audit.and", first=made, second=say("audit.rounding", fall=short(proof.largest_fall))
        )
    if proof.halvings:
        made = say("audit.and", first=made, second=say_count("audit.halved", proof.halvings))
    return made


def health_sentence(group: GroupAudit) -> str:
    """What is wrong with a group, empty where it is sound."""
    if group.health is Health.SOUND:
        return ""
    key = f"audit.health.{group.health.name.lower()}"
    smallest = "" if group.smallest is None else short(100 * math.sqrt(max(group.smallest, 0.0)))
    return say(key, number=group.group + 1, distinct=whole(group.distinct), percent=smallest)


def audit_lines(found: Audit, measured: Uncertainty | None = None) -> list[str]:
    """The audit as a few lines to print: the run, then the groups that are not sound."""
    entries = course_entries(found, measured)
    run = ", ".join(say("audit.named", name=n, value=v) for n, v, _ in entries)
    ill = [health_sentence(g) for g in found.groups if g.health is not Health.SOUND]
    return [run, certificate_sentence(found), *ill]
