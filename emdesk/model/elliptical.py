"""What laws of elliptical groups have in common: covariance structures as a setting, scaling of the columns, floors.

A structure holds in a metric in which the data have variance one in every direction that is scaled; the params of a
fit are in units next to that which are powers of two, so that they lose no digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.elliptical_holding import UNTIED, Holding, Names, holding_of
from emdesk.model.elliptical_prior import Conjugate, PriorSettings, conjugate_of
from emdesk.model.elliptical_sums import outer
from emdesk.model.fields import Choice, Field
from emdesk.model.law import Weakness
from emdesk.model.numerics.covariance import STRUCTURES, FactorAnalytic, Second, Structure
from emdesk.model.numerics.factors import most_factors
from emdesk.model.rows import Rows
from emdesk.model.scaling import Scaling, scaling_of
from emdesk.texts import say

F64 = NDArray[np.float64]
ALIASES = {"E": "EEE", "V": "VVV"}
FACTORED = "FA"
START_FLOOR = 1e-6
"""Starts are cautious: their common variance is at least this share of the data's."""
LEAST_DEVIATION, MOST_DEVIATION = 1e-153, 1e153
"""Beyond these a variance is no number that a computer holds with all its digits."""
COVARIANCE = Field(
    say("elliptical.covariance"),
    say("elliptical.covariance_help"),
    choices=tuple(
        Choice(word, word, say(f"elliptical.{word}")) for word in (*STRUCTURES, FACTORED, *ALIASES)
    ),
)
"""The setting; its default is VVV."""


def _has_factors(values: Mapping[str, Any]) -> bool:
    return values.get("covariance") == FACTORED


FACTORS = Field(
    say("elliptical.factors"),
    say("elliptical.factors_help"),
    low=1,
    high=100,
    applies=_has_factors,
)
"""How many factors the structure FA has; its default is 1."""


@dataclass(frozen=True, eq=False)
class EllipticalConstants:
    """What is known before the fit: the scaling, the structure, the floor, whether cells are missing, what is held,
    and the prior."""

    scaling: Scaling
    structure: Structure
    floor: float
    names: tuple[str, ...]
    has_gaps: bool
    holding: Holding | None
    prior: Conjugate | None

    @property
    def d(self) -> int:
        return len(self.names)

    @cached_property
    def _metric(self) -> F64:
        """(d, d) what one unit of the structure's metric is in standardised units: there the data have variance one."""
        ratios = self.scaling.ratios
        return np.asarray(ratios[:, None] * ratios[None, :])

    def measured(self, matrices: F64) -> F64:
        """Matrices (K, d, d) in the metric in which the structure and its floor hold."""
        return np.asarray(matrices / self._metric)

    def best(self, rows: F64, scatter: F64, floor: float, near: F64 | None = None) -> F64:
        """(K, d, d) the structure's maximum for effective rows (K,) and scatter as it needs it."""
        d, second = self.d, self.structure.second
        held = self.holding_of(len(rows))
        if held is not None:
            rows, scatter = held.pooled(rows, scatter, second)
        metric = second.of(self._metric[None])[0] / (d if second is Second.SPHERE else 1)
        here = None if near is None else self.measured(near)
        made = self.structure.maximise(rows, scatter / metric, d, floor, near=here)
        return np.asarray(made * self._metric)

    def maximum(
        self,
        counts: F64,
        mass: F64,
        means: F64,
        scatter: F64,
        near: F64 | None,
        pulls: F64 | None = None,
    ) -> tuple[F64, F64]:
        """Means (K, d) and matrices (K, d, d) that are best for effective rows `counts` (K,), means that the rows pull
        on with `mass` (K,), and the scatter about them, divided by `pulls` (K,); with the prior and what is held."""
        rows = counts
        if self.prior is not None:
            rows, mass, means, scatter = self.prior.shrunk(counts, mass, means, scatter)
        means, more = self.moved(means, near, mass)
        scatter = scatter + more
        if pulls is not None:
            scatter = scatter / pulls.reshape((-1,) + (1,) * (scatter.ndim - 1))
        return self.with_held(means, self.best(rows, scatter, self.floor, near))

    def log_prior(self, means: F64, matrices: F64) -> float:
        """The log prior of means (K, d) and matrices (K, d, d), 0 without one."""
        return 0.0 if self.prior is None else self.prior.log_density(means, matrices)

    def shared(self, counts: F64, scatter: F64) -> F64:
        """(K, d, d) one cautious matrix for every component of a start."""
        floor = max(START_FLOOR, self.floor)
        total = np.array([counts.sum()])
        made = self.best(total, scatter.sum(axis=0, keepdims=True), floor)
        return np.repeat(made, len(counts), axis=0)

    def project(self, matrices: F64) -> F64:
        """The nearest matrices (K, d, d) of the structure; those that have it already stay."""
        weights = np.full(len(matrices), 1.0 / len(matrices))
        measured = self.measured(matrices)
        made = self.structure.project(measured, weights, self.floor)
        return matrices if made is measured else np.asarray(made * self._metric)

    def holding_of(self, groups: int) -> Holding | None:
        """What is held of so many groups; nothing of all rows taken as one."""
        held = self.holding
        return held if held is not None and len(held.means) == groups else None

    def with_held(self, means: F64, matrices: F64) -> tuple[F64, F64]:
        """Means and matrices with the held ones in their places."""
        held = self.holding_of(len(means))
        if held is None:
            return means, matrices
        return held.put_means(means), held.put_matrices(matrices)

    def moved(self, means: F64, near: F64 | None, mass: F64) -> tuple[F64, F64 | float]:
        """The best means (K, d) under what is held, and what the scatter about them is greater by, for groups of `mass`
        (K,) at the matrices `near`."""
        held = self.holding_of(len(means))
        if held is None:
            return means, 0.0
        matrices = np.repeat(np.eye(self.d)[None], len(means), axis=0) if near is None else near
        shifts = held.shifts(means, matrices, mass)
        more = outer(np.sqrt(mass)[:, None] * shifts, self.structure.second)
        return held.put_means(means + shifts), more

    def free_parameters(self, groups: int) -> int:
        """How many means and covariances are estimated."""
        free, means = groups, groups * self.d
        held = self.holding_of(groups)
        if held is not None:
            means -= held.count
            free -= int(held.matrices.sum())
        if free == 0:
            return means
        # a structure that can hold single matrices leaves the others as they would be alone
        counted = free if self.structure.id in UNTIED else groups
        fewer = 0 if held is None else held.fewer(self.structure.second)
        return means + self.structure.free_parameters(counted, self.d) - fewer

    def weaknesses(self, matrices: F64) -> tuple[Weakness, ...]:
        """The components (K, d, d) whose estimated matrices touch the floor, or stretch to keep a common volume."""
        structure, measured = self.structure, self.measured(matrices)
        held = self.holding_of(len(matrices))
        is_free = np.ones(len(matrices), dtype=np.bool_) if held is None else ~held.matrices
        touching = np.flatnonzero(structure.on_floor(measured, self.floor) & is_free)
        if touching.size and structure.is_equal:
            return (Weakness(0, "floor", "elliptical.weak_common"),)
        stretched = np.flatnonzero(structure.on_ceiling(measured, self.floor) & is_free)
        return (
            *(Weakness(int(k), "floor", "elliptical.weak_floor") for k in touching),
            *(
                Weakness(int(k), "ceiling", "elliptical.weak_stretched")
                for k in np.setdiff1d(stretched, touching)
            ),
        )

    def matrices_from_units(self, matrices: F64) -> F64:
        """Given matrices (K, d, d), standardised; a SettingProblem for one that is not positive definite."""
        scale = self.scaling.scales
        made = np.asarray(matrices / scale[:, None] / scale[None, :])
        for k, matrix in enumerate(made):
            symmetric = np.allclose(matrix, matrix.T, rtol=1e-9, atol=0)
            if not symmetric or np.linalg.eigvalsh(matrix)[0] <= 0:
                raise SettingProblem(
                    say("elliptical.not_positive", component=k + 1),
                    setting="start",
                    remedy=say("elliptical.give_positive"),
                )
        return made


class EllipticalSettings(PriorSettings, Protocol):
    """What the settings of every elliptical law say."""

    @property
    def covariance(self) -> str: ...
    @property
    def factors(self) -> int: ...
    @property
    def floor(self) -> float: ...


def constants_of(
    rows: Rows, settings: EllipticalSettings, names: Names, holdable: tuple[str, ...]
) -> EllipticalConstants:
    """The constants of an elliptical law; a DataProblem or SettingProblem for what does not fit it."""
    wanted = checked_structure(settings.covariance, rows.names, settings.factors)
    scaling, structure = checked_scaling(rows, wanted)
    rows.held.refuse_others(holdable)
    return EllipticalConstants(
        scaling,
        structure,
        settings.floor,
        rows.names,
        bool(rows.missing.any()),
        holding_of(rows.held, rows.groups, scaling, structure, names),
        conjugate_of(scaling, structure, rows, settings),
    )


def structure_of(word: str, factors: int = 1) -> Structure:
    """The structure that the settings name."""
    if word == FACTORED:
        return FactorAnalytic(factors=factors)
    return STRUCTURES[ALIASES.get(word, word)]


def checked_structure(word: str, names: tuple[str, ...], factors: int = 1) -> Structure:
    """The same, or a SettingProblem if it is for one column and there are more, or for more columns than there are."""
    if word in ALIASES and len(names) > 1:
        raise SettingProblem(
            say("elliptical.one_column_only", word=word, count=len(names)),
            setting="covariance",
            remedy=say("elliptical.use_instead", word=ALIASES[word]),
        )
    most = most_factors(len(names))
    if word == FACTORED and factors > most:
        raise SettingProblem(
            say("elliptical.too_many_factors", factors=factors, count=len(names), most=most),
            setting="factors" if most else "covariance",
            remedy=say("elliptical.fewer_factors" if most else "elliptical.more_columns"),
        )
    return structure_of(word, factors)


def checked_scaling(rows: Rows, structure: Structure) -> tuple[Scaling, Structure]:
    """The scaling under which the structure stays what it is, and the structure with what that says of the data; a
    DataProblem for a column without a variance that a computer holds."""
    for name, missing in zip(rows.names, rows.missing, strict=True):
        if missing.all():
            raise DataProblem(
                say("data.all_missing", name=name),
                columns=(name,),
                remedy=say("data.leave_constant_out"),
            )
    by_column = structure.is_closed_under_column_scaling
    scaling = scaling_of(rows.columns, rows.weights, by_column, exact=True, of_bulk=True)
    measured = zip(rows.names, scaling.deviations, scaling.spreads, strict=True)
    for name, deviation, spread in measured:
        if not deviation > 0:
            raise DataProblem(
                say("elliptical.constant_column", name=name),
                columns=(name,),
                remedy=say("data.leave_constant_out"),
            )
        if not LEAST_DEVIATION < spread <= deviation < MOST_DEVIATION:
            raise DataProblem(
                say("elliptical.out_of_range", name=name, deviation=f"{deviation:.3g}"),
                columns=(name,),
                remedy=say("elliptical.change_unit"),
            )
    widest = float(np.max((scaling.deviations / scaling.spreads) ** 2))
    return scaling, replace(structure, widest=widest)
