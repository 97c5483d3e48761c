"""The audit of a fit: how far it is from its limit, whether the objective ever fell, and what each group rests on.

The limit is Aitken's (Boehning et al. 1994). Near its limit plain EM leaves the largest fraction of missing
information of the distance at each iteration (Dempster, Laird and Rubin 1977, section 3), and the gains, which go with
the square of the distance, shrink by the square of that fraction. A group is looked at before it collapses: a
likelihood grows without bound as a covariance matrix goes to zero on a few rows (Day 1969; Hathaway 1985), so a group
that rests on hardly more distinct rows than it has parameters, or is far narrower than the data, is named.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.row_outputs import row_output_of
from emdesk.em.stopping import ROUNDING, outlook
from emdesk.em.trace import Trace
from emdesk.model.dataset import Dataset
from emdesk.model.family import Family, RowOutput
from emdesk.model.joint import Joint
from emdesk.model.law import Ascent, Weakness
from emdesk.model.numerics.spread import relative_spread, row_identities, shape_of
from emdesk.model.params import declared

F64 = NDArray[np.float64]

NEAR_FLOOR = 1e-4
"""A group is near the floor where its variance in some direction is below this share of the data's in the same
direction: a hundredth of the standard deviation."""
THIN = 2.0
"""A group is thin where it rests on fewer distinct rows than this times the free parameters of a group."""
RESTING = 0.05
"""A group rests on the rows whose responsibility is at least this share of its largest."""
WINDOW = 10
"""The growth of the objective that a shrinking group drives is taken over so many iterations."""


class Health(StrEnum):
    """What can be said of a group in a word."""

    SOUND = "sound"
    THIN = "thin"
    NEAR_FLOOR = "near the floor"
    COLLAPSED = "collapsed"


@dataclass(frozen=True)
class GroupAudit:
    """One group: effective rows and the distinct rows it rests on; its least variance in any direction as a share of
    the data's in that direction, and the condition of its covariance (columns in their standard deviations); the part
    of the growth of the objective over the last WINDOW iterations that its shrinking drives. None: not defined."""

    group: int
    rows: float
    distinct: int
    smallest: float | None
    condition: float | None
    shrinking: float | None
    health: Health


@dataclass(frozen=True)
class Certificate:
    """Whether the objective never fell beyond rounding: `holds` is None where the M-step promises nothing.

    `largest_fall` is at iteration `at` (0: it never fell at all); `halvings` counts the steps that were halved, None
    where they are not counted.
    """

    holds: bool | None
    iterations: int
    largest_fall: float
    at: int
    halvings: int | None


@dataclass(frozen=True, eq=False)
class Audit:
    """How far the fit is from its limit and how sound its groups are.

    `limit`, `remaining` and `rate` (of the gains) are Aitken's, None where it says nothing; `iterations_left` until
    within `tolerance` (times the size of the objective) of the limit, infinite where it never comes there at this rate.
    """

    objective: float
    tolerance: float
    limit: float | None
    remaining: float | None
    rate: float | None
    iterations_left: float | None
    evaluations: float
    certificate: Certificate
    groups: tuple[GroupAudit, ...]

    @property
    def missing_information(self) -> float | None:
        """The largest fraction of missing information: near the limit the gains of EM shrink by its square."""
        return None if self.rate is None or self.rate <= 0 else math.sqrt(self.rate)

    @property
    def worst(self) -> Health:
        """The word of the least sound group."""
        order = list(Health)
        return max((g.health for g in self.groups), key=order.index, default=Health.SOUND)


def audit(
    family: Family,
    data: Any,
    dataset: Dataset,
    trace: Trace,
    at: int,
    tolerance: float,
    weaknesses: Sequence[Weakness],
    sweeper: Sweeper,
    control: RunControl,
) -> Audit:
    """The audit of iteration `at` of a trace; a pass over the rows. Raises Cancelled.

    Aitken's estimate is asked for where each iteration is one EM map: only then it means anything.
    """
    is_plain = trace.is_plain
    objectives = trace.objectives[: at + 1]
    ahead = outlook(objectives) if is_plain and family.ascent(data) is not Ascent.NONE else None
    if ahead is not None and not math.isfinite(ahead.remaining):
        ahead = None
    size = max(1.0, abs(objectives[-1]))
    params = trace.params_at(at, family, data, sweeper, control)
    return Audit(
        objective=objectives[-1],
        tolerance=tolerance,
        limit=None if ahead is None else ahead.limit,
        remaining=None if ahead is None else ahead.remaining,
        rate=None if ahead is None else ahead.rate,
        iterations_left=None if ahead is None else ahead.iterations_until(tolerance * size),
        evaluations=trace.evaluations[at],
        certificate=certificate(family, data, trace, at),
        groups=_groups(family, data, dataset, trace, at, params, weaknesses, sweeper, control),
    )


def certificate(family: Family, data: Any, trace: Trace, at: int) -> Certificate:
    """Whether the objective never fell up to iteration `at`."""
    values = np.array(trace.objectives[: at + 1])
    falls = values[:-1] - values[1:]
    worst = int(np.argmax(falls)) if falls.size else 0
    largest = max(0.0, float(falls[worst])) if falls.size else 0.0
    beyond = falls > ROUNDING * np.maximum(1.0, np.abs(values[:-1]))
    promise = family.ascent(data)
    counted = trace.is_plain and len(family.schedule(data)) == 1
    return Certificate(
        holds=None if promise is Ascent.NONE else not bool(beyond.any()),
        iterations=at,
        largest_fall=largest,
        at=worst + 1 if largest > 0 else 0,
        # every iteration is one sweep; what was swept besides was a step that fell and was halved
        halvings=round(trace.evaluations[at] - (at + 1)) if counted else None,
    )


def _groups(
    family: Family,
    data: Any,
    dataset: Dataset,
    trace: Trace,
    at: int,
    params: Any,
    weaknesses: Sequence[Weakness],
    sweeper: Sweeper,
    control: RunControl,
) -> tuple[GroupAudit, ...]:
    output = row_output_of(family, data, params, sweeper, control)
    if output is None:
        return ()
    rows = np.sort(data.row_numbers)
    columns = np.stack([dataset.column(name).values[rows] for name in data.columns])
    weights = _weights_in_file_order(family, data)
    members = output.probabilities[: output.groups]  # noise rests on whatever rows are left
    effective = members.sum(axis=1)
    if weights is not None:
        effective = members @ weights
    distinct = distinct_rows(columns, output)
    whole = shape_of(columns[_smooth(family, len(columns))], weights)
    covariances = _covariances(family, data, params)
    shrinking = _shrinking(family, data, trace, at, covariances, effective)
    per_group = family.free_parameters(data, params) / len(effective)
    collapsed = {w.group for w in weaknesses}
    made = []
    for k in range(len(effective)):
        smallest, condition = (
            (None, None) if covariances is None else _widths(covariances[k], whole)
        )
        health = Health.SOUND
        if k in collapsed:
            health = Health.COLLAPSED
        elif smallest is not None and smallest < NEAR_FLOOR:
            health = Health.NEAR_FLOOR
        elif covariances is not None and distinct[k] < THIN * per_group:
            health = Health.THIN
        drives = None if shrinking is None else float(shrinking[k])
        made.append(
            GroupAudit(
                k, float(effective[k]), int(distinct[k]), smallest, condition, drives, health
            )
        )
    return tuple(made)


def distinct_rows(columns: F64, output: RowOutput) -> NDArray[np.intp]:
    """(K,) how many distinct rows of `columns` (d, n) each group rests on."""
    identities = row_identities(columns)
    members = output.probabilities[: output.groups]
    top = members.max(axis=1, keepdims=True)
    resting = (members >= RESTING * top) & (top > 0)
    return np.array([np.unique(identities[chosen]).size for chosen in resting], dtype=np.intp)


def _weights_in_file_order(family: Family, data: Any) -> F64 | None:
    parts = [data.weights_of(block) for block in family.blocks(data)]
    if any(part is None for part in parts):
        return None
    return np.asarray(np.concatenate(parts)[np.argsort(data.row_numbers)])


def _covariances(family: Family, data: Any, params: Any) -> F64 | None:
    """(K, d, d) covariances of the groups in the analyst's units, of the columns whose laws can narrow; None where none
    can."""
    law = family.law
    if law is None or law.is_discrete():
        return None
    own = _law_params(family.in_units(data, params), law.Params)
    if own is None:
        return None
    with np.errstate(all="ignore"):
        _, covariances = law.moments(own)
    smooth = _smooth(family, covariances.shape[1])
    covariances = covariances[:, smooth][:, :, smooth]
    return covariances if np.all(np.isfinite(covariances)) else None


def _smooth(family: Family, columns: int) -> NDArray[np.intp]:
    """The columns of so many whose laws are densities; those of counts and categories do not narrow."""
    law = family.law
    if not isinstance(law, Joint):
        return np.arange(columns, dtype=np.intp)
    places = [part.places for part in law.parts if not part.law.is_discrete()]
    return np.sort(np.concatenate([np.arange(columns, dtype=np.intp)[own] for own in places]))


def _law_params(params: Any, kind: type[Any]) -> Any | None:
    """The law's params among those of a family."""
    if isinstance(params, kind):
        return params
    nested = (entry for entry in declared(type(params)) if isinstance(entry, str))
    found = (_law_params(getattr(params, entry), kind) for entry in nested)
    return next((part for part in found if part is not None), None)


def _widths(covariance: F64, whole: F64) -> tuple[float, float]:
    """The least variance of a group as a share of the data's, and its condition in units of the columns' deviations."""
    deviations = np.sqrt(np.diag(whole))
    scale = np.where(deviations > 0, deviations, 1.0)
    values = np.linalg.eigvalsh(covariance / scale[:, None] / scale)
    condition = float(values[-1] / values[0]) if values[0] > 0 else math.inf
    return relative_spread(covariance, whole), condition


def _shrinking(
    family: Family, data: Any, trace: Trace, at: int, now: F64 | None, effective: F64
) -> F64 | None:
    """(K,) half the rows times the fall of log |covariance| over the last iterations, which is what shrinking adds to
    the objective."""
    earlier = max((i for i in trace.kept() if i <= at - WINDOW), default=None)
    if now is None or earlier is None:
        return None
    before = _covariances(family, data, trace.params_if_kept(earlier))
    if before is None:
        return None
    with np.errstate(invalid="ignore"):  # of two matrices that are singular
        gained = 0.5 * effective * (np.linalg.slogdet(before)[1] - np.linalg.slogdet(now)[1])
    return np.asarray(gained) if np.all(np.isfinite(gained)) else None
