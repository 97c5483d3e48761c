"""Starts for a model from the solution of a special case of it, with as many groups or fewer.

Twice the same group is the same mixture, so every solution with K groups is one with K + 1. It is a saddle of the
likelihood, from which EM climbs once the two halves are moved apart (Ueda, Nakano, Ghahramani and Hinton 2000, Neural
Computation 12, 2109-2128, split groups in the same way).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.row_outputs import row_output_of
from emdesk.model.dataset import Dataset
from emdesk.model.family import ByLabels, ByParams, Family, Start
from emdesk.model.params import Domain, Parameter, arrays, walk

F64 = NDArray[np.float64]
APART = (0.15, 0.75)
"""How far the halves of a group are moved apart, in its standard deviations: hardly, and by much."""
LEAST_ROWS = 4
_MOVED = (Domain.REAL, Domain.UNIT, Domain.POSITIVE, Domain.SIMPLEX)
"""The kinds of parameters that are moved: the first that a law has."""


@dataclass(frozen=True, eq=False)
class Solution:
    """Where a fit ended: its params are internal, in the standardised units of its data."""

    family: Family
    dataset: Dataset
    data: Any
    params: Any


def starts_from(
    solution: Solution, groups: int, seed: int, sweeper: Sweeper, control: RunControl
) -> tuple[Start, ...]:
    """Starts with `groups` groups at a solution, or close beside it: with more groups than it has, each of its groups
    is halved in turn, by its rows and by its params."""
    shown = solution.family.in_units(solution.data, solution.params)
    own = group_count(shown, solution.family.group_axis)
    if own is None or own == groups:
        return (ByParams(dict(arrays(shown))),)
    made: list[Start] = list(_halved_rows(solution, own, groups, sweeper, control))
    for amount in APART:
        halving = _Halving.of(solution, shown, amount, seed)
        if halving is not None:
            made += [ByParams(halving.until(groups, group)) for group in range(own)]
    return tuple(made)


def group_count(params: object, axis: str) -> int | None:
    """How many groups params have; None where none of them has that axis."""
    for parameter, value in walk(params):
        if axis in parameter.axes.names:
            return int(value.shape[parameter.axes.names.index(axis)])
    return None


# ------------------------------------------------------------ halves of params


@dataclass(frozen=True, eq=False)
class _Halving:
    """Params by name with the axis of their groups, the name of the weights, and by how much the halves of each group
    are moved apart."""

    values: Mapping[str, F64]
    places: Mapping[str, int]
    domains: Mapping[str, Domain]
    steps: Mapping[str, F64]
    weights: str

    @classmethod
    def of(cls, solution: Solution, shown: Any, amount: float, seed: int) -> _Halving | None:
        """None where the groups hang together by more than their weights, as the states of a chain do."""
        axis = solution.family.group_axis
        entries = [(p, v) for p, v in walk(shown) if axis in p.axes.names]
        shares = [p for p, _ in entries if p.domain is Domain.SIMPLEX and p.axes.names[-1] == axis]
        if len(shares) != 1 or shares[0].axes.names != (axis,):
            return None
        own = [(p, v) for p, v in entries if p is not shares[0]]
        rng = np.random.default_rng(seed)
        domain = next((d for d in _MOVED if any(p.domain is d for p, _ in own)), None)
        steps = {
            p.name: _step(solution, shown, p, v, amount, rng) for p, v in own if p.domain is domain
        }
        return cls(
            arrays(shown),
            {p.name: p.axes.names.index(axis) for p, _ in entries},
            {p.name: p.domain for p, _ in entries},
            steps,
            shares[0].name,
        )

    def until(self, groups: int, first: int) -> dict[str, F64]:
        """The params of so many groups: `first` is halved, then the heaviest one as often as needed."""
        now, group = self, first
        while len(now.values[self.weights]) < groups:
            now = now._halved(group)
            group = int(np.argmax(now.values[self.weights]))
        return dict(now.values)

    def _halved(self, group: int) -> _Halving:
        values = dict(self.values)
        for name, place in self.places.items():
            rows = np.moveaxis(self.values[name], place, 0)
            halves = rows[group] / 2 if name == self.weights else rows[group]
            pair = [halves, halves]
            if name in self.steps:
                step = np.moveaxis(self.steps[name], place, 0)[group]
                pair = [_moved(halves, self.domains[name], sign * step) for sign in (1, -1)]
            made = np.concatenate([rows, pair[1][None]])
            made[group] = pair[0]
            values[name] = np.moveaxis(made, 0, place)
        steps = {
            name: np.concatenate(
                [step, np.take(step, [group], axis=self.places[name])], axis=self.places[name]
            )
            for name, step in self.steps.items()
        }
        return _Halving(values, self.places, self.domains, steps, self.weights)


def _step(
    solution: Solution,
    shown: Any,
    parameter: Parameter,
    value: F64,
    amount: float,
    rng: np.random.Generator,
) -> F64:
    """How far a parameter is moved: means by the standard deviations of their groups, other real numbers by their
    spread over the groups, positive ones and shares by a factor."""
    signs = np.where(rng.random(value.shape) < 0.5, -amount, amount)
    if parameter.domain is not Domain.REAL:
        return np.asarray(signs)
    law = solution.family.law
    if law is not None and parameter.axes.names == (solution.family.group_axis, "column"):
        _, covariances = law.moments(getattr(shown, "law", shown))
        names = solution.data.columns
        # one of several laws has the means of its own columns
        own = [names.index(name) for name in parameter.columns or names]
        return np.asarray(signs * np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))[:, own])
    spread = np.std(value, axis=0, keepdims=True)
    return np.asarray(signs * np.where(spread > 0, spread, np.maximum(np.abs(value), 1.0)))


def _moved(value: F64, domain: Domain, step: F64) -> F64:
    """A parameter moved inside its domain."""
    if domain is Domain.REAL:
        return np.asarray(value + step)
    moved = value * np.exp(step)
    if domain is Domain.UNIT:
        return np.asarray(moved / (1 - value + moved))
    if domain is Domain.SIMPLEX:
        return np.asarray(moved / moved.sum(axis=-1, keepdims=True))
    return np.asarray(moved)


# ------------------------------------------------------------ halves of rows


def _halved_rows(
    solution: Solution, own: int, groups: int, sweeper: Sweeper, control: RunControl
) -> Iterator[ByLabels]:
    """Partitions in which the rows of a group are cut across their longest direction."""
    output = row_output_of(solution.family, solution.data, solution.params, sweeper, control)
    used = np.sort(solution.data.row_numbers)
    points = _points(solution, used)
    if output is None or points is None:
        return
    names = tuple(str(k + 1) for k in range(groups))
    labels = np.argmax(output.probabilities[: output.groups], axis=0)
    for group in range(own):
        codes = _cut(points, labels, group, own, groups)
        if codes is not None:
            every = np.full(solution.dataset.rows, -1, dtype=np.intp)
            every[used] = codes
            yield ByLabels(every, names)


def _points(solution: Solution, used: NDArray[np.intp]) -> F64 | None:
    """(n, d) the used rows of the numeric columns, each in its own scale; None without any."""
    dataset = getattr(solution.data, "dataset", solution.dataset)
    columns = [dataset.column(name) for name in solution.data.columns]
    values = [c.values[used] for c in columns if c.is_numeric]
    if not values:
        return None
    points = np.stack(values, axis=1)
    points = points - np.nanmean(points, axis=0)
    points = np.where(np.isnan(points), 0.0, points)
    spread = points.std(axis=0)
    return np.asarray(points / np.where(spread > 0, spread, 1.0))


def _cut(
    points: F64, labels: NDArray[np.intp], group: int, own: int, groups: int
) -> NDArray[np.intp] | None:
    """(n,) the labels after `group`, and then the largest groups, were halved; None where a group has too few rows."""
    codes = labels.copy()
    for made in range(own, groups):
        rows = np.flatnonzero(codes == group)
        if len(rows) < LEAST_ROWS:
            return None
        centred = points[rows] - points[rows].mean(axis=0)
        _, directions = np.linalg.eigh(centred.T @ centred)
        along = centred @ directions[:, -1]
        codes[rows[along > np.median(along)]] = made
        group = int(np.argmax(np.bincount(codes, minlength=made + 1)))
    counts = np.bincount(codes, minlength=groups)
    return codes if np.all(counts > 0) else None
