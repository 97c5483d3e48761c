"""What groups look like column by column: a line a group over the chances of categories or the shares of columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.category_law import CategoryLaw
from emdesk.model.category_names import category_name
from emdesk.model.law import Law
from emdesk.model.marks import Curve, Mark, Picture
from emdesk.model.numerics.categories import sizes_of
from emdesk.model.params import Domain, Parameter, declared
from emdesk.model.pictures.groups import Groups
from emdesk.texts import say, translated

F64 = NDArray[np.float64]
Words = tuple[tuple[str, ...], ...]
GAP = 1.0
"""Between the categories of one column and those of the next, in steps of one category."""
MOST_PLACES = 400
EXCEPT = frozenset({"geometric"})
"""Laws whose chances are no profile: they are as hard to read as the rates they come from."""


@dataclass(frozen=True, eq=False)
class _Lines:
    """One line a group: places (q,), heights (K, q) with NaN where a line is broken, and what the places are called."""

    x: F64
    heights: F64
    names: tuple[tuple[float, str], ...]
    y_label: str


def has_profile(law: Law) -> bool:
    """Whether a profile says more of a law than a density over two columns."""
    return isinstance(law, CategoryLaw) or _shares_field(law) is not None


def has_categories(law: Law) -> bool:
    """Whether the rows of a law are patterns of categories."""
    return isinstance(law, CategoryLaw) or law.id == "bernoulli"


def profiles(groups: Groups, words: Words) -> Picture:
    """The profile of every group; a hint before the first start."""
    title, names = say("picture.profiles"), groups.projections.names
    if groups.params is None:
        return Picture(title=title, marks=(), hint=say("picture.profiles_after_run"))
    lines = _lines(groups, words)
    marks: list[Mark] = [
        Curve(lines.x, height, k, groups.names[k]) for k, height in enumerate(lines.heights)
    ]
    low, high = (float(np.nanmin(lines.x)), float(np.nanmax(lines.x)))
    top = _top(lines.heights)
    return Picture(
        title=title,
        subtitle=lines.y_label,
        marks=tuple(marks),
        y_label=lines.y_label,
        groups=groups.names,
        extent=(low - 0.4, high + 0.4, -0.03 * top, 1.03 * top),
        x_names=lines.names,
        description=say(
            "spoken.profiles", columns=", ".join(names), groups=groups.count, label=lines.y_label
        ),
    )


def _top(heights: F64) -> float:
    """1, or less where all shares are small: of many columns each has little."""
    highest = float(np.nanmax(heights, initial=0.0))
    return 1.0 if highest > 0.5 else max(highest, 1e-6)


def _lines(groups: Groups, words: Words) -> _Lines:
    law, params, names = groups.law, groups.params, groups.projections.names
    if not isinstance(law, CategoryLaw):
        field = _shares_field(law)
        assert field is not None, "asked of laws that have a profile"
        heights = getattr(params, field.name)
        return _by_column(heights, names, translated(field.axes.label))
    sizes, chances = sizes_of(params.values), law.probabilities(params)
    if sizes.max() <= 2:
        # of two categories one says all, and the line runs through the columns
        last = chances[:, np.arange(len(sizes)), sizes - 1]
        tops = {
            category_name(float(params.values[j, size - 1]), words[j])
            for j, size in enumerate(sizes)
        }
        one = tops.pop() if len(tops) == 1 else ""
        label = say("picture.chance_of", category=one) if one else say("picture.chance_of_last")
        return _by_column(last, names, label)
    return _by_category(params, chances, sizes, names, words)


def _by_column(heights: F64, names: tuple[str, ...], label: str) -> _Lines:
    shown = heights[:, :MOST_PLACES]
    x = np.arange(float(shown.shape[1]))
    return _Lines(x, shown, tuple(zip(x.tolist(), names, strict=False)), label)


def _by_category(
    params: Any, chances: F64, sizes: NDArray[np.intp], names: tuple[str, ...], words: Words
) -> _Lines:
    """A piece of line for each column over its categories, the column's name in the second line of the middle one."""
    x: list[float] = []
    heights: list[F64] = []
    called: list[tuple[float, str]] = []
    place = 0.0
    for j, size in enumerate(sizes):
        for c in range(size):
            word = category_name(float(params.values[j, c]), words[j])
            called.append((place, f"{word}\n{names[j]}" if c == (size - 1) // 2 else word))
            x.append(place)
            heights.append(chances[:, j, c])
            place += 1.0
        x.append(place - 1.0 + 0.5 * GAP)
        heights.append(np.full(len(chances), np.nan))
        place += GAP
        if len(x) > MOST_PLACES:
            break
    made = np.stack(heights[:-1], axis=1)
    return _Lines(np.array(x[:-1]), made, tuple(called), say("picture.probability"))


def _shares_field(law: Law) -> Parameter | None:
    """The parameter that is a chance or a share of every column, if that is the first one of the law."""
    first = declared(law.Params)[0] if law.id not in EXCEPT and law.id != "joint" else None
    if not isinstance(first, Parameter) or first.axes.names != ("component", "column"):
        return None
    return first if first.domain in (Domain.UNIT, Domain.SIMPLEX) else None
