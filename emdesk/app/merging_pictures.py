"""The merge tree of a result's components, and the entropy over the number of clusters, as pictures."""

from __future__ import annotations

import numpy as np

from emdesk.em.merging import Merging
from emdesk.model.marks import ALL_GROUPS, NO_GROUP, Curve, Mark, Picture, Points
from emdesk.texts import say

MOST_NUMBERS = 12


def tree_picture(merging: Merging, names: tuple[str, ...], clusters: int) -> Picture:
    """Components at the foot, each pair joined at the number of clusters that is left then; a line at the chosen
    number."""
    count = merging.components
    order = _leaves(merging)
    at = {k: float(i) for i, k in enumerate(order)}
    foot = dict.fromkeys(range(count), 0.0)
    chosen = merging.step(clusters)
    cluster = {k: i for i, own in enumerate(chosen.groups) for k in own}
    marks: list[Mark] = []
    for step in merging.steps[1:]:
        assert step.merged is not None
        a, b = step.merged
        height = float(count - step.clusters)
        group = cluster[a] if step.clusters >= clusters else NO_GROUP
        x = np.array([at[a], at[a], at[b], at[b]])
        y = np.array([foot[a], height, height, foot[b]])
        if group == NO_GROUP:
            # below the cut each half is of its own cluster
            marks += _stems(a, b, at, foot, height, cluster, count - clusters)
        else:
            marks.append(Curve(x, y, group))
        at[a], foot[a] = 0.5 * (at[a] + at[b]), height
    if count > clusters:
        level = count - clusters + 0.5
        marks.append(Curve(np.array([-0.6, count - 0.4]), np.full(2, level), ALL_GROUPS))
    shown = names or tuple(str(k + 1) for k in range(count))
    return Picture(
        title=say("merging.tree"),
        marks=tuple(marks),
        y_label=say("merging.clusters"),
        x_names=tuple((float(i), shown[k]) for i, k in enumerate(order)),
        y_names=_numbers(count),
        extent=(-0.6, count - 0.4, -0.25, count - 0.6),
        groups=tuple(str(i + 1) for i in range(clusters)),
        description=say("spoken.merge_tree", components=count, clusters=clusters),
    )


def _stems(
    a: int,
    b: int,
    at: dict[int, float],
    foot: dict[int, float],
    height: float,
    cluster: dict[int, int],
    cut: int,
) -> list[Mark]:
    """A join above the cut: grey, but for the part of its stems that is a whole cluster."""
    made: list[Mark] = [
        Curve(np.array([at[a], at[b]]), np.full(2, height), NO_GROUP),
    ]
    for k in (a, b):
        stem = np.array([foot[k], height])
        made.append(Curve(np.full(2, at[k]), stem, cluster[k] if foot[k] <= cut else NO_GROUP))
    return made


def _leaves(merging: Merging) -> tuple[int, ...]:
    """The components in an order in which no lines of the tree cross."""
    strands = {k: [k] for k in range(merging.components)}
    for step in merging.steps[1:]:
        assert step.merged is not None
        a, b = step.merged
        strands[a] = strands[a] + strands.pop(b)
    return tuple(next(iter(strands.values())))


def _numbers(count: int) -> tuple[tuple[float, str], ...]:
    every = max(1, -(-count // MOST_NUMBERS))
    return tuple((float(count - n), str(n)) for n in reversed(range(1, count + 1, every)))


def entropy_picture(merging: Merging, clusters: int) -> Picture:
    """The entropy over the number of clusters, the broken line that fits it best, and the chosen number."""
    x = np.array([float(step.clusters) for step in merging.steps[::-1]])
    y = np.array([step.entropy for step in merging.steps[::-1]])
    marks: list[Mark] = [Curve(x, y, ALL_GROUPS)]
    line = merging.line
    if line is not None:
        few, many = x[x <= line.clusters], x[x >= line.clusters]
        marks.append(Curve(few, line.few[0] * few + line.few[1], NO_GROUP))
        marks.append(Curve(many, line.many[0] * many + line.many[1], NO_GROUP))
    marks.append(Points(x, y, np.full(len(x), NO_GROUP), np.full(len(x), -1)))
    tall = float(y.max() - y.min()) or 1.0
    ends = np.array([float(y.min()) - tall, float(y.max()) + tall])
    marks.append(Curve(np.full(2, float(clusters)), ends, ALL_GROUPS))
    return Picture(
        title=say("merging.entropy"),
        marks=tuple(marks),
        x_label=say("merging.clusters"),
        y_label=say("merging.entropy"),
        extent=(
            0.7,
            merging.components + 0.3,
            float(y.min()) - 0.06 * tall,
            float(y.max()) + 0.06 * tall,
        ),
        x_names=tuple(
            (float(n), str(n))
            for n in range(
                1, merging.components + 1, max(1, -(-merging.components // MOST_NUMBERS))
            )
        ),
        description=say("spoken.merge_entropy", components=merging.components),
    )
