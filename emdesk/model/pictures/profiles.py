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
BESIDE = 1e-6
"""A column's name stands so far beside a category: no two names have the same place."""
MOST_PLACES = 400
EXCEPT = frozenset({"geometric"})
"""Laws whose chances are no profile: they are as hard to read as the rates they come from."""


@dataclass(frozen=True, eq=False)
class _Lines:
    """Pieces of line, each with its places (q,) and heights (K, q), what the places are called, and what is up."""

    pieces: tuple[tuple[F64, F64], ...]
    names: tuple[tuple[float, str], ...]
    y_label: str


def has_profile(law: Law, columns: int) -> bool:
    """Whether a profile says more of a law over so many columns than a density over two of them."""
    return isinstance(law, CategoryLaw) or (columns > 1 and _shares_field(law) is not None)


def has_categories(law: Law) -> bool:
    """Whether the rows of a law are patterns of categories."""
    return isinstance(law, CategoryLaw) or law.id == "bernoulli"


def profiles(groups: Groups, words: Words) -> Picture:
    """The profile of every group; a hint before the first start."""
    title, names = say("picture.profiles"), groups.projections.names
    if groups.params is None:
        hint = say("picture.profiles_after_run")
        return Picture(title=title, marks=(), hint=hint, description=hint)
    lines = _lines(groups, words)
    marks: list[Mark] = [
        Curve(x, height, k, groups.names[k])
        for x, heights in lines.pieces
        for k, height in enumerate(heights)
    ]
    low, high = lines.pieces[0][0][0], lines.pieces[-1][0][-1]
    top = _top(max(float(heights.max()) for _, heights in lines.pieces))
    return Picture(
        title=title,
        subtitle=lines.y_label,
        marks=tuple(marks),
        x_label=say("picture.columns"),
        y_label=lines.y_label,
        groups=groups.names,
        extent=(float(low) - 0.4, float(high) + 0.4, -0.03 * top, 1.03 * top),
        x_names=lines.names,
        description=say(
            "spoken.profiles", columns=", ".join(names), groups=groups.count, label=lines.y_label
        ),
    )


def _top(highest: float) -> float:
    """1, or less where all shares are small: of many columns each has little."""
    return 1.0 if highest > 0.5 else max(highest, 1e-6)


def _lines(groups: Groups, words: Words) -> _Lines:
    law, params, names = groups.law, groups.params, groups.projections.names
    if not isinstance(law, CategoryLaw):
        field = _shares_field(law)
        assert field is not None, "asked of laws that have a profile"
        heights = getattr(params, field.name)
        return _by_column(heights, names, translated(field.axes.label))
    sizes, chances = sizes_of(params.values), law.probabilities(params)
    if sizes.max() <= 2 and len(sizes) > 1:
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
    return _Lines(((x, shown),), tuple(zip(x.tolist(), names, strict=False)), label)


def _by_category(
    params: Any, chances: F64, sizes: NDArray[np.intp], names: tuple[str, ...], words: Words
) -> _Lines:
    """A piece of line for each column over its categories, the column's name in a second line below them."""
    pieces: list[tuple[F64, F64]] = []
    called: list[tuple[float, str]] = []
    place = 0.0
    for j, size in enumerate(sizes.tolist()):
        for c in range(size):
            called.append((place + c, category_name(float(params.values[j, c]), words[j])))
        called.append((place + (size - 1) // 2 + BESIDE, f"\n{names[j]}"))
        x, heights = place + np.arange(float(size)), chances[:, j, :size]
        if size == 1:
            x, heights = place + np.array([-0.3, 0.3]), np.repeat(heights, 2, axis=1)
        pieces.append((x, heights))
        place += size + GAP
        if place > MOST_PLACES:
            break
    return _Lines(tuple(pieces), tuple(called), say("picture.probability"))


def _shares_field(law: Law) -> Parameter | None:
    """The parameter that is a chance or a share of every column, if that is the first one of the law."""
    first = declared(law.Params)[0] if law.id not in EXCEPT and law.id != "joint" else None
    if not isinstance(first, Parameter) or first.axes.names != ("component", "column"):
        return None
    return first if first.domain in (Domain.UNIT, Domain.SIMPLEX) else None
