"""Where components begin whose means are held: at these means, so that the others begin elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.families.mixture.data import MixtureData
from emdesk.model.law import Law, Workspace

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
SAME = 1e-9
"""Means nearer than this, in spreads of their column, are the same."""
NEAREST = 0.1
"""A component of which some coordinates are held begins at one of this share of the rows, the nearest in these."""


@dataclass(frozen=True, eq=False)
class Centre:
    """Coordinates (d,) of a component of which those in the mask (d,) are known."""

    known: Mask
    place: F64

    @property
    def is_whole(self) -> bool:
        """Whether all coordinates are known."""
        return bool(self.known.all())

    def among(self, points: F64, chances: F64, rng: np.random.Generator) -> F64:
        """(d,) the place, its free coordinates those of one of the points (d, m) that are nearest in the known ones,
        by their chances (m,)."""
        if self.is_whole:
            return self.place
        away = ((points - self.place[:, None])[self.known] ** 2).sum(axis=0)
        near = np.argsort(away, kind="stable")[: max(1, int(NEAREST * len(away)))]
        total = chances[near].sum()
        drawn = rng.choice(near, p=chances[near] / total) if total > 0 else rng.choice(near)
        return np.where(self.known, self.place, points[:, drawn])


def held_centres(
    data: MixtureData,
    law: Law,
    chosen: NDArray[np.intp],
    points: F64,
    rng: np.random.Generator,
) -> Mapping[int, Centre]:
    """The centres of the components of which something of the mean is held, by component, among points (d, m) of the
    chosen rows; none where the coordinates are not those of the columns."""
    if not data.has_held or data.given is not None or len(points) != len(data.columns):
        return {}
    means, known = _held_means(data, law, chosen, rng)
    columns = [data.values(j)[chosen] for j in range(len(points))]
    found = {}
    for k in np.flatnonzero(known.any(axis=1)).tolist():
        place = np.zeros(len(points))
        for j in np.flatnonzero(known[k]):
            place[j] = _placed(means[k, j], columns[j], points[j])
        found[k] = Centre(known[k], place)
    return found


def _held_means(
    data: MixtureData, law: Law, chosen: NDArray[np.intp], rng: np.random.Generator
) -> tuple[F64, Mask]:
    """The means (K, d) of a start from all rows in every group, and which of them stay the same when the rows count
    otherwise."""
    groups, work = data.settings.components, Workspace()
    features = law.features(data.encoded[:, chosen], data.constants, work)
    found = []
    for members in (np.ones(len(chosen)), rng.exponential(size=len(chosen))):
        shared = np.repeat(members[None], groups, axis=0)
        sums = law.statistics(features, shared, None, data.constants, work)
        found.append(law.in_units(law.start(sums, data.constants), data.constants))
    (means, spreads), (others, _) = (law.moments(params) for params in found)
    widths = np.sqrt(np.diagonal(spreads, axis1=1, axis2=2))
    return means, np.abs(means - others) <= SAME * widths


def _placed(value: float, column: F64, coordinates: F64) -> float:
    """The coordinate of a value of a column (m,) whose rows have these coordinates (m,)."""
    there = ~np.isnan(column)
    values, places = column[there], coordinates[there]
    order = np.argsort(values)
    values, places = values[order], places[order]
    if values[0] <= value <= values[-1] or values[0] == values[-1]:
        return float(np.interp(value, values, places))
    slope = (places[-1] - places[0]) / (values[-1] - values[0])
    return float(places[0] + slope * (value - values[0]))
