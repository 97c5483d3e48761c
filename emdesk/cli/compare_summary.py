"""The plain table of a comparison: for reading, not for scripts (they have `--json`)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from emdesk.app.comparison.cells import CV, LARGER_IS_BETTER, Cell
from emdesk.app.comparison.outcome import Comparison, name_of, verdict
from emdesk.app.comparison.places import Place
from emdesk.cli.output import table
from emdesk.texts import say
from emdesk.texts.numbers import criterion as number
from emdesk.texts.numbers import duration, probability, whole

_SHOWN = 5
_NONE = "-"


def comparison_lines(made: Comparison, chosen: str, notes: Sequence[str]) -> list[str]:
    """The criterion of every cell, the best cells in full, the tests, and what to know."""
    lines = [_head(made), ""]
    if made.grid.varied:
        lines += [_sign(chosen), *_grid(made, chosen), ""]
    lines += [*_details(made, chosen), "", verdict(made, chosen)]
    lines += [_test(made, i) for i in range(len(made.tests))]
    told = [*_reasons(made), *notes]
    if told:
        lines += ["", *(say("cli.fit.note", sentence=note.rstrip(".")) for note in told)]
    return lines


def _head(made: Comparison) -> str:
    return say(
        "compare.head",
        cells=whole(len(made.cells)),
        starts=whole(made.grid.base.fit.starts),
        seed=made.grid.base.fit.seed,
        seconds=duration(made.seconds),
    )


def _sign(chosen: str) -> str:
    better = "larger" if chosen in LARGER_IS_BETTER else "smaller"
    return say(f"compare.sign.{better}", criterion=say(f"criteria.{chosen}"))


def _grid(made: Comparison, chosen: str) -> list[str]:
    """Counts down, variants across; the best is marked."""
    best = made.best(chosen)
    rows = []
    for count in made.grid.counts:
        row = [str(count)]
        for variant in made.grid.variants:
            cell = made.cells.get(Place(count, variant))
            text = _value(cell, chosen)
            row.append(f"*{text}" if cell is not None and cell is best else text)
        rows.append(row)
    return table(("", *made.grid.variants), rows, left=())


def _value(cell: Cell | None, chosen: str) -> str:
    value = math.nan if cell is None else cell.value(chosen)
    return _NONE if math.isnan(value) else number(value)


def _details(made: Comparison, chosen: str) -> list[str]:
    """The cells in full: all of them where only the count varies, else the best few."""
    ranked = made.ranked(chosen)
    shown = ranked[:_SHOWN] if made.grid.varied else sorted(ranked, key=lambda c: c.place)
    names = list(dict.fromkeys(("log_likelihood", "free", "bic", "aic", "icl", chosen)))
    rows = []
    for cell in shown:
        values = [
            whole(cell.free_parameters or 0) if name == "free" else _value(cell, name)
            for name in names
        ]
        agree = say(
            "compare.agree", agreeing=cell.agreement.agreeing, finished=cell.agreement.finished
        )
        mark = "*" if cell is ranked[0] and not made.grid.varied else ""
        rows.append([f"{mark}{name_of(made.grid, cell.place)}", *values, agree])
    heads = [say("compare.head_free") if n == "free" else say(f"criteria.{n}") for n in names]
    head = made.grid.varied or say("compare.head_components")
    return table((head, *heads, say("compare.head_agree")), rows, left=())


def _test(made: Comparison, index: int) -> str:
    test = made.tests[index]
    key = "compare.test_early" if test.outcome.is_settled_early else "compare.test"
    return say(
        key,
        smaller=name_of(made.grid, test.smaller),
        larger=test.larger.components,
        ratio=number(test.outcome.ratio),
        p=probability(test.outcome.p_value),
        drawn=whole(test.outcome.drawn),
        planned=whole(test.outcome.planned),
        level=f"{test.outcome.level:g}",
    )


def _reasons(made: Comparison) -> list[str]:
    """Why cells hold nothing: cells of the same reason together."""
    found: dict[str, list[str]] = {}
    for cell in made.cells.values():
        if not cell.is_sound:
            found.setdefault(cell.reason.rstrip("."), []).append(name_of(made.grid, cell.place))
        failed = cell.cross_validation
        if failed is not None and failed.reason:
            reason = say("compare.no_cv", criterion=say(f"criteria.{CV}"), why=failed.reason)
            found.setdefault(reason, []).append(name_of(made.grid, cell.place))
    return [
        say("compare.reason", names="; ".join(names), reason=reason)
        for reason, names in found.items()
    ]
