"""The plain summary of a fit: for reading, not for scripts (they have `--json`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.session import FitResult
from emdesk.cli.output import table
from emdesk.model.law import Quantity
from emdesk.texts import say, say_count, translated
from emdesk.texts.numbers import criterion, decimals_for, duration, fixed, whole

F64 = NDArray[np.float64]

_CRITERIA = ("log_likelihood", "objective", "free_parameters", "aic", "bic", "icl")
_DECIMALS = 4
_SOFT_COUNT_DECIMALS = 1


def summary_lines(result: FitResult, made: dict[str, Any], notes: Sequence[str] = ()) -> list[str]:
    """What was fitted, why it stopped, the criteria with their definitions, the parameters, what to know."""
    lines = [*_head(result, made), "", *_stop(made), ""]
    lines += [say("cli.fit.criteria"), *_criteria(made), ""]
    lines += [say("cli.fit.parameters"), *_parameters(result)]
    told = [*made["warnings"], *(note for note in notes if note not in made["warnings"])]
    if told:
        lines += ["", *(say("cli.fit.note", sentence=note.rstrip(".")) for note in told)]
    return lines


def _head(result: FitResult, made: dict[str, Any]) -> list[str]:
    family, law = result.family, result.family.law
    head = say(
        "cli.fit.head" if law is None else "cli.fit.head_law",
        family=translated(family.label),
        law="" if law is None else translated(law.label),
        name=result.dataset.name,
        columns=", ".join(made["columns"]),
    )
    chosen = (f for part in result.spec.parts[:-1] for f in _shown_settings(part))
    return [
        head,
        say_count("cli.fit.rows", made["rows"], used=whole(made["rows_used"])),
        say("cli.fit.settings", settings=", ".join(chosen)),
    ]


def _shown_settings(part: object) -> Iterator[str]:
    from emdesk.model.fields import values_of

    for name, value in values_of(part).items():
        yield f"{name}={value}"


def _stop(made: dict[str, Any]) -> list[str]:
    work = say(
        "cli.fit.work",
        seconds=duration(made["seconds"]),
        evaluations=whole(made["evaluations"]),
        seed=made["seed"],
    )
    return [say("cli.fit.stop", sentence=made["stop_sentence"].rstrip(".")), work]


def _criteria(made: dict[str, Any]) -> list[str]:
    rows = []
    for name in _CRITERIA:
        value = made[name]
        if name == "objective" and value == made["log_likelihood"]:
            continue
        if value is not None:
            shown = whole(value) if name == "free_parameters" else criterion(value)
            rows.append((say(f"cli.fit.{name}"), shown, say(f"cli.define.{name}")))
    widest = max(len(row[0]) for row in rows), max(len(row[1]) for row in rows)
    return [f"  {a.ljust(widest[0])}  {b.rjust(widest[1])}   {c}" for a, b, c in rows]


def _parameters(result: FitResult) -> list[str]:
    """One row a quantity and one column a group; whatever has another shape is told by its range."""
    family, data = result.family, result.data
    quantities = family.quantities(data, result.params)
    rows: list[tuple[str, list[str]]] = []
    others = []
    for quantity in quantities:
        if quantity.axes[:1] == (family.group_axis,) and quantity.values.ndim <= 2:
            rows += _rows(quantity, result)
        elif quantity.values.ndim <= 2:
            others.append(_range(quantity))
    if not rows:
        return others
    groups = len(rows[0][1])
    header = (say("cli.fit.group"), *(str(k + 1) for k in range(groups)))
    return [*table(header, [(name, *cells) for name, cells in rows]), *others]


def _rows(quantity: Quantity, result: FitResult) -> list[tuple[str, list[str]]]:
    label = translated(quantity.label)
    if quantity.values.ndim == 1:
        decimals = _SOFT_COUNT_DECIMALS if quantity.name == "rows" else _DECIMALS
        return [(label, [fixed(float(v), decimals) for v in quantity.values])]
    names = result.spec.columns
    second = names if len(names) == quantity.values.shape[1] else None
    rows = []
    for position, values in enumerate(quantity.values.T):
        name = second[position] if second else str(position + 1)
        decimals = _DECIMALS
        if quantity.spread_of_column and second:
            decimals = decimals_for(float(np.nanstd(result.dataset.column(name).values)))
        rows.append((f"{label} {name}", [fixed(float(v), decimals) for v in values]))
    return rows


def _range(quantity: Quantity) -> str:
    told = say(
        "cli.fit.range",
        label=translated(quantity.label),
        shape=" x ".join(str(size) for size in quantity.values.shape),
        least=criterion(float(np.nanmin(quantity.values))),
        greatest=criterion(float(np.nanmax(quantity.values))),
    )
    return f"  {told}"
