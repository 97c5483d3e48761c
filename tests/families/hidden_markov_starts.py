"""Where a hidden Markov model begins: from a partition of the rows, labels, means or parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.family import ByLabels, ByMeans, ByMethod, ByParams, Start
from emdesk.model.law import Law, Workspace
from emdesk.model.params import rebuild
from emdesk.texts import declare, say
from tests.families.hidden_markov_data import HiddenMarkovParams, Series

F64 = NDArray[np.float64]
METHODS = ("kmeans++", "random-rows", "random-partition")
STAY = 0.8
TEXTS = {
    "markov.label_count": "The label column has {found} groups and the model {states} states",
    "markov.set_states": "Set states to {found}, or choose another column",
    "markov.means_shape": "The typed means must be {states} rows of {columns} numbers",
    "markov.match": "Give parameters of {states} states and {columns} columns",
    "markov.shares": "Each row of {name} must be 0 or more and add to 1",
}
declare(TEXTS)


def start(data: Series, law: Law, how: Start, rng: np.random.Generator) -> HiddenMarkovParams:
    """Params from any of the four ways."""
    match how:
        case ByMethod():
            sums = _partition_sums(data, law, _random_codes(data, law, how.method, rng))
            return _sticky(data.settings.states, law.start(sums, data.constants))
        case ByLabels():
            return _by_labels(data, law, how)
        case ByMeans():
            return _by_means(data, law, how)
        case ByParams():
            return _by_params(data, law, how)


def _sticky(states: int, law_params: Any) -> HiddenMarkovParams:
    """A chain that mostly stays where it is, over the given law."""
    moves = np.full((states, states), (1 - STAY) / max(states - 1, 1))
    np.fill_diagonal(moves, STAY if states > 1 else 1.0)
    return HiddenMarkovParams(np.full(states, 1 / states), moves, law_params)


def _random_codes(
    data: Series, law: Law, method: str, rng: np.random.Generator
) -> NDArray[np.intp]:
    """The group of each step: random, or that of the nearest of some rows."""
    states = data.settings.states
    if method == "random-partition":
        return np.asarray(rng.integers(states, size=len(data.seen)))
    points = law.coordinates(data.encoded, data.constants)
    seen = np.flatnonzero(data.seen)
    chosen = [int(rng.choice(seen))]
    nearest = _squared(points, chosen[0])
    while len(chosen) < states:
        mass = nearest[seen] if method == "kmeans++" else (nearest[seen] > 0).astype(np.float64)
        chances = mass / mass.sum() if mass.sum() > 0 else None
        chosen.append(int(rng.choice(seen, p=chances)))
        nearest = np.minimum(nearest, _squared(points, chosen[-1]))
    return np.asarray(np.argmin(np.stack([_squared(points, c) for c in chosen]), axis=0))


def _squared(points: F64, centre: int) -> F64:
    return np.asarray(((points - points[:, centre : centre + 1]) ** 2).sum(axis=0))


def _partition_sums(data: Series, law: Law, codes: NDArray[np.intp], states: int = 0) -> Any:
    groups = states or data.settings.states
    members = ((codes == np.arange(groups)[:, None]) & data.seen).astype(np.float64)
    work = Workspace()
    features = law.features(data.encoded, data.constants, work)
    return law.statistics(features, members, None, data.constants, work)


def _by_labels(data: Series, law: Law, how: ByLabels) -> HiddenMarkovParams:
    """An M-step from a partition, as if the states were known; moves that never occur may still come."""
    states = data.settings.states
    if len(how.names) != states:
        raise SettingProblem(
            say("markov.label_count", found=len(how.names), states=states),
            setting="states",
            remedy=say("markov.set_states", found=len(how.names)),
        )
    codes = how.codes[data.rows_of_file]
    sums = _partition_sums(data, law, codes)
    empty = np.flatnonzero(sums.counts == 0)
    if empty.size:
        raise DataProblem(
            say("start.empty_label", label=how.names[empty[0]]), remedy=say("start.choose_labels")
        )
    moves, first = np.full((states, states), 0.5), np.full(states, 0.5)
    within = np.ones(len(codes), dtype=bool)
    within[data.firsts[:-1]] = False
    known = within & (codes >= 0) & (np.roll(codes, 1) >= 0)
    np.add.at(moves, (np.roll(codes, 1)[known], codes[known]), 1.0)
    opening = codes[data.firsts[:-1]]
    np.add.at(first, opening[opening >= 0], 1.0)
    return HiddenMarkovParams(
        first / first.sum(),
        moves / moves.sum(axis=1, keepdims=True),
        law.maximise(sums, None, data.constants),
    )


def _by_means(data: Series, law: Law, how: ByMeans) -> HiddenMarkovParams:
    states, d = data.settings.states, len(data.columns)
    if how.means.shape != (states, d) or not np.isfinite(how.means).all():
        raise SettingProblem(
            say("markov.means_shape", states=states, columns=d),
            setting="start",
            remedy=say("start.type_means"),
        )
    sums = _partition_sums(data, law, np.zeros(len(data.seen), dtype=np.intp), 1)
    spread = law.maximise(sums, None, data.constants)
    return _sticky(states, law.means_at(how.means, spread, data.constants))


def _by_params(data: Series, law: Law, how: ByParams) -> HiddenMarkovParams:
    states, d = data.settings.states, len(data.columns)
    sums = _partition_sums(data, law, np.zeros(len(data.seen), dtype=np.intp))
    # params of the right names and shapes, whatever the law
    shown = law.in_units(law.start(sums, data.constants), data.constants)
    like = _sticky(states, shown)
    given = rebuild(like, lambda p, value: _given(how, p.name, value.shape, states, d))
    for name, shares in (("initial", given.initial), ("transitions", given.transitions)):
        if np.any(shares < 0) or np.any(np.abs(shares.sum(axis=-1) - 1) > 1e-6):
            raise SettingProblem(say("markov.shares", name=name), setting="start")
    return HiddenMarkovParams(
        given.initial, given.transitions, law.from_units(given.law, data.constants)
    )


def _given(how: ByParams, name: str, expected: tuple[int, ...], states: int, d: int) -> F64:
    if name not in how.values:
        raise SettingProblem(say("start.param_missing", name=name), setting="start")
    array = np.asarray(how.values[name], dtype=np.float64)
    if array.shape != expected or not np.isfinite(array).all():
        raise SettingProblem(
            say(
                "start.param_shape",
                name=name,
                expected=" × ".join(map(str, expected)),
                found=" × ".join(map(str, array.shape)),
            ),
            setting="start",
            remedy=say("markov.match", states=states, columns=d),
        )
    return array
