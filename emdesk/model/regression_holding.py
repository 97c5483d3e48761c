"""Coefficients of regressions that are held, or equal in several groups: linear equations that every step keeps."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.held import Held
from emdesk.model.numerics.regression import Constraint, newton_step
from emdesk.model.tied import in_company

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BoundCoefficients:
    """The constraint of each group by itself, None where nothing of it is held; and where coefficients are tied one
    constraint of all groups, whose coefficients stand one after the other."""

    each: tuple[Constraint | None, ...] = ()
    joint: Constraint | None = None

    @property
    def count(self) -> int:
        """How many coefficients fewer are estimated."""
        if self.joint is not None:
            return len(self.joint.values)
        return sum(len(c.values) for c in self.each if c is not None)

    def are_of(self, groups: int) -> bool:
        """Whether params of so many groups are bound; all rows taken as one hold nothing."""
        return groups == len(self.each)

    def is_bound(self, group: int, groups: int) -> bool:
        """Whether anything of a group is held, or tied to others."""
        if not self.are_of(groups):
            return False
        return self.joint is not None or self.each[group] is not None

    def put(self, coefficients: F64) -> F64:
        """(K, p) the nearest coefficients that keep the constraints."""
        if not self.are_of(len(coefficients)):
            return coefficients
        if self.joint is not None:
            return self.joint.onto(coefficients.ravel()).reshape(coefficients.shape)
        made = coefficients.copy()
        for k, constraint in enumerate(self.each):
            if constraint is not None:
                made[k] = constraint.onto(made[k])
        return made

    def steps(self, score: F64, information: F64, precision: F64 | None = None) -> F64:
        """(K, p) Newton's steps from score (K, p) and information (K, p, p), which count by the precision (K,) of their
        groups where these are bound together."""
        groups, p = score.shape
        if self.joint is None or not self.are_of(groups):
            bound = self.each if self.are_of(groups) else (None,) * groups
            each = zip(score, information, bound, strict=True)
            return np.stack([newton_step(g, h, constraint) for g, h, constraint in each])
        weights = np.ones(groups) if precision is None else precision
        whole = np.zeros((groups, p, groups, p))
        every = np.arange(groups)
        whole[every, :, every, :] = weights[:, None, None] * information
        flat = (weights[:, None] * score).ravel()
        made = newton_step(flat, whole.reshape(groups * p, groups * p), self.joint)
        return made.reshape(groups, p)


def bound_coefficients(
    held: Held, shape: tuple[int, int], to_units: Callable[[F64], F64]
) -> BoundCoefficients:
    """What of coefficients of that shape is held and tied: `to_units` takes coefficients (K, p) of the fit to the
    analyst's units, and is affine."""
    found, classes = held.of("coefficients", shape), held.tied("coefficients", shape)
    if found is None and classes is None:
        return BoundCoefficients()
    size = shape[1]
    level = to_units(np.zeros((1, size)))[0]
    matrix = (to_units(np.eye(size)) - level).T
    mask, values = (np.zeros(shape, dtype=np.bool_), np.zeros(shape)) if found is None else found
    each = tuple(
        Constraint(matrix[own], values[k, own] - level[own]) if own.any() else None
        for k, own in enumerate(mask)
    )
    if classes is None:
        return BoundCoefficients(each)
    rows: list[F64] = []
    targets: list[float] = []
    for k, j in np.argwhere(mask).tolist():
        row = np.zeros(shape)
        row[k] = matrix[j]
        rows.append(row.ravel())
        targets.append(float(values[k, j] - level[j]))
    for number in np.unique(classes[in_company(classes)]):
        places = np.argwhere(classes == number).tolist()
        for before, after in itertools.pairwise(places):
            row = np.zeros(shape)
            row[before[0]] = matrix[before[1]]
            row[after[0]] = -matrix[after[1]]
            rows.append(row.ravel())
            targets.append(float(level[after[1]] - level[before[1]]))
    return BoundCoefficients(each, Constraint(np.array(rows), np.array(targets)))
