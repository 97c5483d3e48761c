"""What the panels show of a hidden Markov model: the series on its states, and the laws of the states."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emdesk.model.law import Law
from emdesk.model.marks import (
    NO_GROUP,
    AxisOption,
    Bands,
    Curve,
    Mark,
    Picture,
    Place,
    Points,
    Stack,
    View,
)
from emdesk.model.needs import Role
from emdesk.model.pictures.groups import Groups, density, histogram
from emdesk.texts import declare, say
from emdesk.texts.numbers import whole
from tests.families.hidden_markov_data import HiddenMarkovParams, Series

F64 = NDArray[np.float64]
MOST_ROWS = 20_000
MOST_LEVELS = 120
"""Level lines are drawn stretch by stretch; above so many stretches the tints alone say it."""
TEXTS = {
    "markov.step": "Step",
    "markov.with_states": "with the probability of each state",
    "markov.law": "Emission law",
    "markov.of_states": "{law}, {states} states",
    "markov.spoken": "Series of {y}, {rows} rows, {states} states",
    "markov.spoken_before": "Series of {y}, {rows} rows, nothing fitted yet",
}
declare(TEXTS)


def picture(
    data: Series,
    law: Law,
    shown: HiddenMarkovParams | None,
    probabilities: F64 | None,
    view: View,
) -> Picture:
    """The picture of a place; `shown` are params in units, `probabilities` (K, n) in the order of the series."""
    if view.place is Place.PICTURE:
        return _series(data, law, shown, probabilities, view)
    shares = None if probabilities is None else probabilities.mean(axis=1)
    groups = Groups(
        data.projections,
        data.rows,
        data.row_numbers,
        None,
        law,
        shares,
        None if shown is None else shown.law,
    )
    made = histogram(groups, view) if len(data.columns) == 1 else density(groups, view)
    states = 0 if shares is None else len(shares)
    subtitle = say("markov.of_states", law=law.label, states=states) if states else made.subtitle
    return replace(made, title=say("markov.law"), subtitle=subtitle)


def _series(
    data: Series,
    law: Law,
    shown: HiddenMarkovParams | None,
    probabilities: F64 | None,
    view: View,
) -> Picture:
    name = view.y.removeprefix("column:")
    column = data.columns.index(name) if name in data.columns else 0
    chosen = np.arange(data.rows)
    if data.rows > min(view.raster_above, MOST_ROWS):
        chosen = np.unique(np.linspace(0, data.rows - 1, MOST_ROWS).astype(np.intp))
    is_timed = data.has_time and len(data.lengths) == 1
    steps = data.times if is_timed else np.arange(1.0, len(data.seen) + 1)
    x = np.asarray(steps[data.seen][chosen], dtype=np.float64)
    y = data.values(column)[chosen]
    marks: list[Mark] = [Curve(x, y, NO_GROUP)]
    states = 0
    if shown is None or probabilities is None:
        nobody = np.full(len(x), NO_GROUP)
        marks.append(Points(x, y, nobody, data.row_numbers[chosen]))
    else:
        states = len(probabilities)
        shares = probabilities[:, chosen]
        label = np.argmax(shares, axis=0)
        edges = np.concatenate(
            [x[:1] - 0.5 * _step(x), (x[1:] + x[:-1]) / 2, x[-1:] + 0.5 * _step(x)]
        )
        means, _ = law.moments(shown.law)
        marks.insert(0, Bands(edges, label))
        marks += _levels(edges, label, means[:, column])
        marks.append(Points(x, y, label, data.row_numbers[chosen], shares.max(axis=0), states))
        marks.append(Stack(x, shares, say("markov.law")))
    options = tuple(AxisOption(f"column:{n}", n) for n in data.columns)
    key = "markov.spoken" if states else "markov.spoken_before"
    y_label = data.columns[column]
    return Picture(
        title=y_label,
        subtitle=say("markov.with_states") if states else "",
        marks=tuple(marks),
        x_label=data.roles[Role.TIME][0] if is_timed else say("markov.step"),
        y_label=y_label,
        y_options=options,
        groups=tuple(str(k + 1) for k in range(states)),
        description=say(key, y=y_label, rows=whole(data.rows), states=states),
        x_is_time=is_timed,
    )


def _step(x: F64) -> float:
    return float(np.median(np.diff(x))) if len(x) > 1 else 1.0


def _levels(edges: F64, label: NDArray[np.intp], means: F64) -> list[Mark]:
    """A line at the mean of the state over each stretch that is spent in it."""
    change = np.concatenate([[0], np.flatnonzero(np.diff(label)) + 1, [len(label)]])
    if len(change) - 1 > MOST_LEVELS:
        return []
    return [
        Curve(edges[[a, b]], np.full(2, means[label[a]]), int(label[a]))
        for a, b in itertools.pairwise(change)
    ]
