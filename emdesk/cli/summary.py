"""The plain summary of a fit: for reading, not for scripts (they have `--json`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.merging import merging_lines
from emdesk.app.restart_verdict import details, headline, verdict_of
from emdesk.app.session import FitResult
from emdesk.app.table_fit import table_fit_lines, table_of
from emdesk.app.trust import audit_lines, method_sentence
from emdesk.cli.known_summary import label_lines, rows_lines
from emdesk.cli.output import table
from emdesk.model.fields import values_of
from emdesk.model.law import Quantity
from emdesk.texts import say, say_count, translated
from emdesk.texts.numbers import (
    criterion,
    decimals_for,
    duration,
    fixed,
    probability,
    short,
    whole,
)

F64 = NDArray[np.float64]

_CRITERIA = (
    "log_likelihood", "objective", "free_parameters", "aic", "aicc", "bic", "sabic", "caic", "icl",
    "icl_hard", "entropy_r2",
)  # fmt: skip
_DECIMALS = 4
_SOFT_COUNT_DECIMALS = 1
_OBJECTIVE_DECIMALS = 3
_MOST_OPTIMA = 6
_OF_NOISE = {"shares": "noise", "rows": "noise_rows"}
"""The quantities of noise that stand in a row of the components."""


def summary_lines(result: FitResult, made: dict[str, Any], notes: Sequence[str] = ()) -> list[str]:
    """What was fitted, why it stopped, the criteria with their definitions, the parameters, what to know."""
    lines = [*_head(result, made), *rows_lines(result, made["cells_missing"])]
    lines += ["", *_stop(made), "", *_starts(result)]
    lines += [say("cli.fit.criteria"), *_criteria(made), ""]
    lines += [say("cli.fit.parameters"), *_parameters(result)]
    if result.uncertainty is not None:
        level = whole(100 * result.uncertainty.level)
        sentence = method_sentence(result.uncertainty)
        lines += [say("cli.fit.uncertainty", sentence=sentence, level=level)]
    lines += label_lines(result)
    if (table_found := table_of(result)) is not None:
        told_of_table = table_fit_lines(table_found, result.spec.columns)
        lines += ["", say("table_fit.head"), *(f"  {line}" for line in told_of_table)]
    if result.merged is not None:
        first, *others = merging_lines(result)
        lines += ["", first, *(f"  {line}" for line in others)]
    audited = audit_lines(result.audit(), result.uncertainty)
    lines += ["", say("cli.fit.audit"), *(f"  {line}" for line in audited)]
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
    spec = result.spec
    of_fit = values_of(spec.fit)
    chosen = (f"{name}={value}" for name, value in spec.values().items() if name not in of_fit)
    return [
        head,
        say_count("cli.fit.rows", made["rows"], used=whole(made["rows_used"])),
        say("cli.fit.settings", settings=", ".join(chosen)),
    ]


def _stop(made: dict[str, Any]) -> list[str]:
    work = say(
        "cli.fit.work",
        seconds=duration(made["seconds"]),
        evaluations=whole(made["evaluations"]),
        seed=made["seed"],
    )
    return [say("cli.fit.stop", sentence=made["stop_sentence"].rstrip(".")), work]


def _starts(result: FitResult) -> Iterator[str]:
    """What the starts agree on, and the highest of the distinct optima; nothing for a single start."""
    optima = result.optima()
    if optima.starts == 1:
        return
    yield from (text for text in (headline(optima), details(optima)) if text)
    rows = []
    for number, optimum in enumerate(optima.found[:_MOST_OPTIMA], start=1):
        smallest = optimum.smallest_group
        cells = [
            fixed(optimum.objective, _OBJECTIVE_DECIMALS),
            whole(optimum.count),
            whole(optimum.iterations),
            "" if smallest is None else fixed(smallest, _SOFT_COUNT_DECIMALS),
        ]
        verdict = verdict_of(optima, optimum)
        rows.append((str(number) if optimum.is_sound else say("starts.aside_mark"), cells, verdict))
    if rows:
        header = (
            "",
            *(say(f"cli.fit.optima.{n}") for n in ("objective", "count", "iterations", "smallest")),
        )
        lines = table(header, [(name, *cells) for name, cells, _ in rows])
        verdicts = ["", *(verdict for _, _, verdict in rows)]
        yield from (f"{a}   {b}".rstrip() for a, b in zip(lines, verdicts, strict=True))
    hidden = len(optima.found) - len(rows)
    if hidden:
        yield say_count("cli.fit.optima.more", hidden)
    yield ""


def _criteria(made: dict[str, Any]) -> list[str]:
    rows = []
    for name in _CRITERIA:
        value = made[name]
        if name == "objective" and value == made["log_likelihood"]:
            continue
        if value is not None:
            shown = whole(value) if name == "free_parameters" else criterion(value)
            shown = probability(value) if name == "entropy_r2" else shown
            rows.append((say(f"cli.fit.{name}"), shown, say(f"cli.define.{name}")))
    widest = max(len(row[0]) for row in rows), max(len(row[1]) for row in rows)
    return [f"  {a.ljust(widest[0])}  {b.rjust(widest[1])}   {c}" for a, b, c in rows]


def _parameters(result: FitResult) -> list[str]:
    """One row a quantity and one column a group; whatever has another shape is told by its range."""
    family, data = result.family, result.data
    quantities = family.quantities(data, result.params)
    rows: list[tuple[str, list[str]]] = []
    others = []
    of_noise = {q.name: q for q in quantities if q.name in _OF_NOISE.values()}
    for quantity in quantities:
        if quantity.axes[:1] == (family.group_axis,) and quantity.values.ndim <= 2:
            made = _rows(quantity, result)
            if of_noise:
                own = of_noise.get(_OF_NOISE.get(quantity.name, ""))
                last = "" if own is None else _rows(own, result)[0][1][0]
                made = [(label, [*cells, last]) for label, cells in made]
            rows += made
        elif quantity.values.ndim <= 2 and quantity.name not in of_noise:
            others.append(_range(quantity))
    if not rows:
        return others
    groups = len(rows[0][1]) - bool(of_noise)
    names = family.group_names(data) or tuple(str(k + 1) for k in range(groups))
    header = (say("cli.fit.group"), *names, *((say("group.noise"),) if of_noise else ()))
    return [*table(header, [(name, *cells) for name, cells in rows]), *others]


def _rows(quantity: Quantity, result: FitResult) -> list[tuple[str, list[str]]]:
    label = translated(quantity.label)
    if quantity.values.ndim <= 1:
        decimals = _SOFT_COUNT_DECIMALS if quantity.name.endswith("rows") else _DECIMALS
        errors = _errors(quantity, result)
        errors = None if errors is None else np.atleast_1d(errors)
        return [(label, _cells(np.atleast_1d(quantity.values), errors, decimals))]
    names = quantity.columns or result.spec.columns
    second = names if len(names) == quantity.values.shape[1] else None
    errors = _errors(quantity, result)
    rows = []
    for position, values in enumerate(quantity.values.T):
        name = second[position] if second else str(position + 1)
        decimals = _DECIMALS
        if quantity.spread_of_column and second:
            decimals = decimals_for(float(np.nanstd(result.dataset.column(name).values)))
        own = None if errors is None else errors[:, position]
        rows.append((f"{label} {name}", _cells(values, own, decimals)))
    return rows


def _errors(quantity: Quantity, result: FitResult) -> F64 | None:
    """The standard errors of a quantity, where there are any."""
    return None if result.uncertainty is None else result.uncertainty.quantities.get(quantity.name)


def _cells(values: F64, errors: F64 | None, decimals: int) -> list[str]:
    """The numbers of a row, each with its standard error behind it."""
    shown = [fixed(float(v), decimals) for v in values]
    if errors is None:
        return shown
    aside = [say("uncertainty.plus_minus", error=fixed(float(e), decimals)) for e in errors]
    return [f"{value} {error}" for value, error in zip(shown, aside, strict=True)]


def _single(value: float, decimals: int) -> str:
    """A number alone, with a digit or two where so many decimals would show none."""
    return short(value) if 0 < abs(value) < 10.0**-decimals else fixed(value, decimals)


def _range(quantity: Quantity) -> str:
    if quantity.values.ndim == 0:
        is_count = quantity.name.endswith("rows")
        value = _single(float(quantity.values), _SOFT_COUNT_DECIMALS if is_count else _DECIMALS)
        return f"  {say('cli.fit.single', label=translated(quantity.label), value=value)}"
    told = say(
        "cli.fit.range",
        label=translated(quantity.label),
        shape=" x ".join(str(size) for size in quantity.values.shape),
        least=criterion(float(np.nanmin(quantity.values))),
        greatest=criterion(float(np.nanmax(quantity.values))),
    )
    return f"  {told}"
