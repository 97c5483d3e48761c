"""Where EM begins: k-means++, random rows, random partition, labels, means, parameters.

Random methods choose K centres or random groups, make a partition of all rows and take the law's cautious
first step from it. k-means++: Arthur and Vassilvitskii (2007), SODA, 1027-1035. A component whose mean is held has its
centre there, and the others are sought away from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.families.mixture.data import MixtureData
from emdesk.families.mixture.gating import (
    GatedMixtureParams,
    gating_from_units,
    with_gate,
    with_noise_odds,
)
from emdesk.families.mixture.held_centres import Centre, held_centres
from emdesk.families.mixture.noise import NoisyMixtureParams, with_noise
from emdesk.families.mixture.settings import MixtureParams
from emdesk.families.mixture.weights import best_weights
from emdesk.model.family import Block, ByLabels, ByMeans, ByParams
from emdesk.model.law import Law, Workspace
from emdesk.model.params import Parameter, rebuild
from emdesk.model.power_law import with_first_powers
from emdesk.texts import say

F64 = NDArray[np.float64]
METHODS = ("kmeans++", "random-rows", "random-partition")
NOISE = frozenset({"noise", "noise_low", "noise_sides"})
GATING = frozenset({"gating", "noise_gating"})
TRIES = 6
"""Where something of a centre is known, each other centre is the best of so many that were drawn."""
SEEDING_ROWS = 20_000
"""Centres are sought among this many random rows; the partition uses all of them."""


def by_method(
    data: MixtureData, law: Law, blocks: Sequence[Block], method: str, rng: np.random.Generator
) -> MixtureParams:
    """Params from a random partition of one of the METHODS; rows whose label is known are in their group."""
    groups = data.settings.components
    if method == "random-partition":
        codes = rng.integers(groups, size=data.rows)
        return _from_partition(data, law, blocks, groups, lambda b: codes[b.start : b.stop])
    chosen = np.arange(data.rows)
    if data.rows > SEEDING_ROWS:
        chosen = rng.choice(data.rows, SEEDING_ROWS, replace=False)
    points = law.coordinates(data.encoded[:, chosen], data.constants)
    middle = _middle(points)
    points = _filled(points, middle)
    weights = None if data.weights is None else data.weights[chosen]
    given = dict(held_centres(data, law, chosen, points, rng))
    for group, centre in _known_centres(points, data.known_of(chosen)).items():
        own = given.get(group)
        place = centre if own is None else np.where(own.known, own.place, centre)
        given[group] = Centre(np.ones(len(place), dtype=bool), place)
    centres = _centres(points, weights, groups, rng, method == "kmeans++", given)

    def nearest(block: Block) -> NDArray[np.intp]:
        rows = law.coordinates(data.encoded[:, block.start : block.stop], data.constants)
        half = 0.5 * (centres**2).sum(axis=0)
        return np.asarray(np.argmin(half[:, None] - centres.T @ _filled(rows, middle), axis=0))

    return _from_partition(data, law, blocks, groups, nearest)


def _middle(points: F64) -> F64:
    """(d,) the means of the observed coordinates, 0 where none is observed."""
    there = ~np.isnan(points)
    return np.asarray(np.where(there, points, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1))


def _filled(points: F64, middle: F64) -> F64:
    """Points (d, m) with missing coordinates in the middle, where they say nothing of the groups."""
    return np.where(np.isnan(points), middle[:, None], points)


def _known_centres(points: F64, known: NDArray[np.intp] | None) -> dict[int, F64]:
    """The means (d,) of the points whose group is known, by group."""
    if known is None:
        return {}
    return {int(k): points[:, known == k].mean(axis=1) for k in np.unique(known[known >= 0])}


def by_labels(data: MixtureData, law: Law, blocks: Sequence[Block], how: ByLabels) -> MixtureParams:
    """An M-step from the partition of a label column; rows without a label do not count."""
    groups = data.settings.components
    if len(how.names) != groups:
        raise SettingProblem(
            say("start.label_count", found=len(how.names), groups=groups),
            setting="components",
            remedy=say("start.set_components", found=len(how.names)),
        )
    codes = how.codes[data.row_numbers]
    missing = [how.names[k] for k in range(groups) if not np.any(codes == k)]
    if missing:
        raise DataProblem(
            say("start.empty_label", label=missing[0]), remedy=say("start.choose_labels")
        )
    statistics = _partition_sums(data, law, blocks, groups, lambda b: codes[b.start : b.stop])
    made = law.maximise(statistics, None, data.constants)
    return _with_more(MixtureParams(_weights(data, statistics.counts), made), data)


def by_means(data: MixtureData, law: Law, blocks: Sequence[Block], how: ByMeans) -> MixtureParams:
    """Given means, the spread of all rows around their common mean, equal weights."""
    groups, d = data.settings.components, len(data.columns)
    if how.means.shape != (groups, d) or not np.isfinite(how.means).all():
        raise SettingProblem(
            say("start.means_shape", groups=groups, columns=d),
            setting="start",
            remedy=say("start.type_means"),
        )
    statistics = _partition_sums(data, law, blocks, 1, lambda b: np.zeros(b.size, dtype=np.intp))
    spread = law.maximise(statistics, None, data.constants)
    placed = law.means_at(how.means, spread, data.constants)
    made = MixtureParams(_weights(data, np.ones(groups)), law.retract(placed, data.constants))
    return _with_more(made, data)


def by_params(data: MixtureData, law: Law, blocks: Sequence[Block], how: ByParams) -> MixtureParams:
    """Given parameters in the analyst's units, taken as they are."""
    groups = data.settings.components
    statistics = _partition_sums(
        data, law, blocks, groups, lambda b: np.zeros(b.size, dtype=np.intp)
    )
    # params of the right names and shapes, whatever the law: their values are not looked at
    shown = law.in_units(law.start(statistics, data.constants), data.constants)
    how = ByParams(with_first_powers(how.values, shown))
    plain = MixtureParams(np.full(groups, 1.0 / groups), shown)
    like = _with_more(plain, data)
    # a model without noise is a start for one with it, and one without covariates for one with them
    own = NOISE.difference(how.values) if NOISE.isdisjoint(how.values) else frozenset()
    own |= GATING.difference(how.values)

    def given_or_own(parameter: Parameter, value: F64) -> F64:
        return value if parameter.name in own else _given(data, how, parameter, value.shape)

    given = rebuild(like, given_or_own)
    _check_noise(given)
    weights = given.weights
    if np.any(weights < 0) or abs(weights.sum() - 1) > 1e-6:
        raise SettingProblem(
            say("start.weights_sum", total=f"{weights.sum():.6g}"), setting="start"
        )
    if abs(weights.sum() - 1) > 1e-12:
        weights = weights / weights.sum()
    made = replace(
        given,
        weights=_weights(data, weights),
        law=law.from_units(given.law, data.constants),
    )
    if not isinstance(made, GatedMixtureParams) or data.gate is None:
        return made
    if "gating" in own:
        return with_gate(made, data.gate)
    if "noise_gating" in own:
        made = with_noise_odds(made)
    return gating_from_units(made, data.gate, data.weights)


def _with_more(params: MixtureParams, data: MixtureData) -> MixtureParams:
    """The params of a start with what the model has besides: noise, or covariates without effect."""
    return with_gate(with_noise(params, data.noise), data.gate)


def _check_noise(given: MixtureParams) -> None:
    """A SettingProblem for a share of noise that is none, or a box without volume."""
    if not isinstance(given, NoisyMixtureParams):
        return
    if not 0 <= float(given.noise) < 1 or np.any(given.noise_sides <= 0):
        raise SettingProblem(
            say("start.noise", share=f"{float(given.noise):.6g}"),
            setting="start",
            remedy=say("start.noise_inside"),
        )


def _given(
    data: MixtureData, how: ByParams, parameter: Parameter, expected: tuple[int, ...]
) -> F64:
    name = parameter.name
    if name not in how.values:
        raise SettingProblem(say("start.param_missing", name=name), setting="start")
    try:
        array = np.asarray(how.values[name], dtype=np.float64)
    except (TypeError, ValueError):
        array = np.full((), np.nan)
    if array.shape != expected or not np.isfinite(array).all():
        raise SettingProblem(
            say(
                "start.param_shape",
                name=name,
                expected=_shape(expected),
                found=_shape(array.shape),
            ),
            setting="start",
            remedy=say(
                "start.match_model", groups=data.settings.components, columns=len(data.columns)
            ),
        )
    return array


def _shape(shape: tuple[int, ...]) -> str:
    return " \u00d7 ".join(str(size) for size in shape) or "1"


def _weights(data: MixtureData, counts: F64) -> F64:
    """The weights of a start, from rows or shares (K,) of the groups."""
    groups = len(counts)
    return best_weights(data, counts, np.full(groups, 1.0 / groups), with_prior=False)


def _centres(
    points: F64,
    weights: F64 | None,
    groups: int,
    rng: np.random.Generator,
    is_spread: bool,
    given: Mapping[int, Centre],
) -> F64:
    """(d, K) distinct centres among points (d, m), those of the `given` groups as far as these are known; spread: each
    with a chance by its squared distance from the others."""
    d, m = points.shape
    mass = np.ones(m) if weights is None else weights
    centres = np.empty((d, groups))
    distance = np.full(m, np.inf)

    def place(group: int, centre: F64) -> None:
        centres[:, group] = centre
        np.minimum(distance, ((points - centre[:, None]) ** 2).sum(axis=0), out=distance)

    is_first, tries = True, (TRIES if is_spread and given else 1)
    # what is known first, so that the others keep away from it
    for group in sorted(
        range(groups), key=lambda k: 2 if k not in given else not given[k].is_whole
    ):
        chances = mass if is_first else mass * (distance if is_spread else distance > 0)
        is_first = False
        if group in given:
            place(group, given[group].among(points, chances, rng))
            continue
        place(group, points[:, _drawn(points, mass, chances, distance, tries, rng)])
    return centres


def _drawn(
    points: F64, mass: F64, chances: F64, distance: F64, tries: int, rng: np.random.Generator
) -> int:
    """A row drawn by its chances (m,); of several tries the one that leaves the rows nearest to a centre, with their
    mass and their squared distance (m,) from the centres there are."""
    total, m = chances.sum(), points.shape[1]
    if total <= 0:
        # fewer distinct rows than groups: any row will do, the sentinel reports the twin
        return int(rng.integers(m))
    drawn = rng.choice(m, size=tries, p=chances / total)
    if tries == 1:
        return int(drawn[0])
    left = [
        mass @ np.minimum(distance, ((points - points[:, [row]]) ** 2).sum(axis=0)) for row in drawn
    ]
    return int(drawn[int(np.argmin(left))])


def _from_partition(
    data: MixtureData,
    law: Law,
    blocks: Sequence[Block],
    groups: int,
    codes_of: Callable[[Block], NDArray[np.intp]],
) -> MixtureParams:
    statistics = _partition_sums(data, law, blocks, groups, codes_of)
    made = law.start(statistics, data.constants)
    return _with_more(MixtureParams(_weights(data, statistics.counts + 0.5), made), data)


def _partition_sums(
    data: MixtureData,
    law: Law,
    blocks: Sequence[Block],
    groups: int,
    codes_of: Callable[[Block], NDArray[np.intp]],
) -> Any:
    """The law's statistics of a partition; code -1 is no group, and rows whose label is known are in their group."""
    work = Workspace()
    total: Any = None
    for block in blocks:
        codes = codes_of(block)
        known = data.known_of(slice(block.start, block.stop))
        if known is not None and groups > 1:
            codes = np.where(known >= 0, known, codes)
        weights = data.weights_of(block)
        members = (codes[None] == np.arange(groups)[:, None]).astype(np.float64)
        if weights is not None:
            members *= weights
        features = law.features(data.encoded[:, block.start : block.stop], data.constants, work)
        part = law.statistics(features, members, None, data.constants, work)
        total = part if total is None else total + part
    return total
