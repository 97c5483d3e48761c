"""What is said of a cell: in its tooltip, to a screen reader, beside the grid."""

from __future__ import annotations

import math

from emdesk.app.comparison.cells import LARGER_IS_BETTER, Badge, Cell
from emdesk.app.comparison.exploration import MANY_COLLAPSED, Exploration, criteria_of
from emdesk.app.comparison.outcome import long_name_of
from emdesk.app.comparison.places import GridSpec, Place
from emdesk.texts import say, say_count
from emdesk.texts.numbers import criterion as number
from emdesk.texts.numbers import probability, whole


def variant_label(grid: GridSpec, variant: str) -> str:
    """What stands over a column."""
    return grid.label(variant) if grid.varied else say("explorer.all_models")


def sign_of(exploration: Exploration) -> str:
    """Which way the criterion goes, as it is shown."""
    name = exploration.criterion
    larger = name in LARGER_IS_BETTER or exploration.larger_is_better
    return say(
        f"explorer.sign.{'larger' if larger else 'lower'}", criterion=say(f"criteria.{name}")
    )


def formula_of(exploration: Exploration) -> str:
    """How the criterion is defined, with the sign that it is shown with."""
    name = exploration.criterion
    formula = say(f"explorer.formula.{name}")
    if exploration.larger_is_better and name not in LARGER_IS_BETTER:
        return say("explorer.formula.turned", formula=formula)
    return formula


def value_text(exploration: Exploration, cell: Cell, name: str = "") -> str:
    """A criterion of a cell in words."""
    value = exploration.shown(cell, name)
    return say("explorer.none") if math.isnan(value) else number(value)


def agreement_text(cell: Cell) -> str:
    """`4 of 5`."""
    return say(
        "compare.agree",
        agreeing=whole(cell.agreement.agreeing),
        finished=whole(cell.agreement.finished),
    )


def doubts(cell: Cell) -> list[str]:
    """What must be known before a cell is trusted."""
    found = [cell.reason] if cell.reason else []
    if cell.is_sound and cell.agreement.collapsed >= MANY_COLLAPSED:
        found.append(say_count("explorer.collapsed", cell.agreement.collapsed))
    if Badge.ONCE in cell.badges:
        found.append(say("explorer.once"))
    return found


def cell_tip(exploration: Exploration, place: Place) -> str:
    """All that is known of a cell; of one that waits that it may be asked for."""
    made = exploration.comparison
    if made is None:
        return ""
    name = long_name_of(made.grid, place)
    cell = exploration.cell(place)
    if cell is None:
        key = "explorer.tip.waiting" if exploration.is_busy else "explorer.tip.not_fitted"
        return say(key, name=name)
    lines = [name]
    if cell.is_sound:
        lines += [
            say(
                "explorer.tip.value",
                name=say(f"criteria.{c}"),
                value=value_text(exploration, cell, c),
            )
            for c in criteria_of(exploration)
            if not math.isnan(cell.value(c))
        ]
        lines.append(say("explorer.tip.agree", agree=agreement_text(cell)))
    return "\n".join([*lines, *doubts(cell)])


def said_cell(exploration: Exploration, place: Place) -> str:
    """A cell for a screen reader."""
    made, cell = exploration.comparison, exploration.cell(place)
    if made is None:
        return ""
    name = long_name_of(made.grid, place)
    if cell is None:
        return say("explorer.says.waiting", name=name)
    words = say(
        "explorer.says",
        name=name,
        criterion=say(f"criteria.{exploration.criterion}"),
        value=value_text(exploration, cell),
        agree=agreement_text(cell),
    )
    return ". ".join([words, *doubts(cell)])


def facts(exploration: Exploration, cell: Cell) -> list[tuple[str, str, str]]:
    """Name, value and definition of what stands beside the grid about a cell."""
    name = exploration.criterion
    shown = [name] if name != "log_likelihood" else []
    made = [(c, value_text(exploration, cell, c)) for c in (*shown, "log_likelihood")]
    lines = [
        (say(f"criteria.{c}"), text, f"{cell.value(c)!r}\n{say(f'criteria.{c}_is')}")
        for c, text in made
    ]
    free = whole(cell.free_parameters or 0)
    lines.append((say("criteria.free"), free, say("criteria.free_is")))
    entropy = cell.criteria.entropy_r2 if cell.criteria is not None else math.nan
    if not math.isnan(entropy):
        tip = say("criteria.entropy_r2_is")
        lines.append((say("criteria.entropy_r2"), probability(entropy), tip))
    lines.append((say("explorer.agree"), agreement_text(cell), say("explorer.agree_is")))
    return lines


def difference_lines(
    exploration: Exploration, cell: Cell, other: Cell
) -> list[tuple[str, str, str]]:
    """What a cell has more or less than the one it is compared with."""
    name = exploration.criterion
    chosen = list(dict.fromkeys((name, "log_likelihood")))
    lines = []
    for c in chosen:
        gap = exploration.shown(cell, c) - exploration.shown(other, c)
        lines.append((say(f"criteria.{c}"), _signed(gap), say(f"criteria.{c}_is")))
    free = (cell.free_parameters or 0) - (other.free_parameters or 0)
    lines.append((say("criteria.free"), _signed(free, is_whole=True), say("criteria.free_is")))
    return lines


def _signed(value: float, is_whole: bool = False) -> str:
    text = whole(value) if is_whole else number(value)
    return f"+{text}" if value > 0 else text
