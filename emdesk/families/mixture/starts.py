"""Where EM begins: k-means++, random rows, random partition, labels, means, parameters.

Random methods choose K centres or random groups, make a partition of all rows and take the law's cautious
first step from it. k-means++: Arthur and Vassilvitskii (2007), SODA, 1027-1035.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.families.mixture.data import MixtureData
from emdesk.families.mixture.settings import MixtureParams
from emdesk.model.family import Block, ByLabels, ByMeans, ByParams
from emdesk.model.law import Law, Workspace
from emdesk.model.params import declared, from_arrays
from emdesk.texts import say

F64 = NDArray[np.float64]
METHODS = ("kmeans++", "random-rows", "random-partition")
SEEDING_ROWS = 20_000
"""Centres are sought among this many random rows; the partition uses all of them."""


def by_method(
    data: MixtureData, law: Law, blocks: Sequence[Block], method: str, rng: np.random.Generator
) -> MixtureParams:
    """Params from a random partition of one of the METHODS."""
    groups = data.settings.components
    if method == "random-partition":
        codes = rng.integers(groups, size=data.rows)
        return _from_partition(data, law, blocks, groups, lambda b: codes[b.start : b.stop])
    chosen = np.arange(data.rows)
    if data.rows > SEEDING_ROWS:
        chosen = rng.choice(data.rows, SEEDING_ROWS, replace=False)
    points = law.coordinates(data.encoded[:, chosen], data.constants)
    weights = None if data.weights is None else data.weights[chosen]
    centres = _centres(points, weights, groups, rng, is_spread=method == "kmeans++")

    def nearest(block: Block) -> NDArray[np.intp]:
        rows = law.coordinates(data.encoded[:, block.start : block.stop], data.constants)
        half = 0.5 * (centres**2).sum(axis=0)
        return np.asarray(np.argmin(half[:, None] - centres.T @ rows, axis=0))

    return _from_partition(data, law, blocks, groups, nearest)


def by_labels(data: MixtureData, law: Law, blocks: Sequence[Block], how: ByLabels) -> MixtureParams:
    """An M-step from the partition of a label column; rows without a label do not count."""
    groups = data.settings.components
    if len(how.names) != groups:
        raise SettingProblem(
            say("start.label_count", found=len(how.names), groups=groups),
            setting="components",
            remedy=say("start.set_components", found=len(how.names)),
        )
    codes = how.codes[data.used]
    missing = [how.names[k] for k in range(groups) if not np.any(codes == k)]
    if missing:
        raise DataProblem(
            say("start.empty_label", label=missing[0]), remedy=say("start.choose_labels")
        )
    statistics = _partition_sums(data, law, blocks, groups, lambda b: codes[b.start : b.stop])
    return MixtureParams(
        _weights(data, statistics.counts), law.maximise(statistics, None, data.constants)
    )


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
    return MixtureParams(
        np.full(groups, 1.0 / groups), law.means_at(how.means, spread, data.constants)
    )


def by_params(data: MixtureData, law: Law, how: ByParams) -> MixtureParams:
    """Given parameters in the analyst's units, taken as they are."""
    groups, d = data.settings.components, len(data.columns)
    sizes = {"component": groups, "column": d}
    values: dict[str, Any] = {}
    for entry in (*declared(MixtureParams), *declared(law.Params)):
        if isinstance(entry, str):
            continue
        expected = tuple(sizes[name] for name in entry.axes.names)
        if entry.name not in how.values:
            raise SettingProblem(say("start.param_missing", name=entry.name), setting="start")
        try:
            array = np.asarray(how.values[entry.name], dtype=np.float64)
        except (TypeError, ValueError):
            array = np.full((), np.nan)
        if array.shape != expected or not np.isfinite(array).all():
            raise SettingProblem(
                say(
                    "start.param_shape",
                    name=entry.name,
                    expected=_shape(expected),
                    found=_shape(array.shape),
                ),
                setting="start",
                remedy=say("start.match_model", groups=groups, columns=d),
            )
        values[entry.name] = array
    weights = values["weights"]
    if np.any(weights < 0) or abs(weights.sum() - 1) > 1e-6:
        raise SettingProblem(
            say("start.weights_sum", total=f"{weights.sum():.6g}"), setting="start"
        )
    if abs(weights.sum() - 1) > 1e-12:
        weights = weights / weights.sum()
    if data.settings.weights == "equal":
        weights = np.full(groups, 1.0 / groups)
    return MixtureParams(weights, law.from_units(from_arrays(law.Params, values), data.constants))


def _shape(shape: tuple[int, ...]) -> str:
    return " \u00d7 ".join(str(size) for size in shape) or "1"


def _weights(data: MixtureData, counts: F64) -> F64:
    if data.settings.weights == "equal":
        return np.full(len(counts), 1.0 / len(counts))
    return np.asarray(counts / counts.sum())


def _centres(
    points: F64, weights: F64 | None, groups: int, rng: np.random.Generator, is_spread: bool
) -> F64:
    """(d, K) distinct centres among points (d, m); spread: each with a chance by its squared distance."""
    m = points.shape[1]
    mass = np.ones(m) if weights is None else weights
    chosen = [int(rng.choice(m, p=mass / mass.sum()))]
    distance = ((points - points[:, chosen]) ** 2).sum(axis=0)
    while len(chosen) < groups:
        away = distance > 0
        chances = mass * (distance if is_spread else away)
        total = chances.sum()
        # fewer distinct rows than groups: any row will do, the sentinel reports the twin
        following = int(rng.choice(m, p=chances / total)) if total > 0 else int(rng.integers(m))
        chosen.append(following)
        gap = ((points - points[:, following : following + 1]) ** 2).sum(axis=0)
        np.minimum(distance, gap, out=distance)
    return np.asarray(points[:, chosen])


def _from_partition(
    data: MixtureData,
    law: Law,
    blocks: Sequence[Block],
    groups: int,
    codes_of: Callable[[Block], NDArray[np.intp]],
) -> MixtureParams:
    statistics = _partition_sums(data, law, blocks, groups, codes_of)
    return MixtureParams(
        _weights(data, statistics.counts + 0.5), law.start(statistics, data.constants)
    )


def _partition_sums(
    data: MixtureData,
    law: Law,
    blocks: Sequence[Block],
    groups: int,
    codes_of: Callable[[Block], NDArray[np.intp]],
) -> Any:
    """The law's statistics of a partition; code -1 is no group."""
    work = Workspace()
    total: Any = None
    for block in blocks:
        codes = codes_of(block)
        weights = data.weights_of(block)
        members = (codes[None] == np.arange(groups)[:, None]).astype(np.float64)
        if weights is not None:
            members *= weights
        features = law.features(data.encoded[:, block.start : block.stop], data.constants, work)
        part = law.statistics(features, members, None, data.constants, work)
        total = part if total is None else total + part
    return total
