"""The conjugate prior of elliptical laws (Fraley and Raftery 2007, J. Classif. 24, 155-181, sections 3 and 4).

Given a matrix S, a mean is normal about the data's mean with covariance S / kappa. A full S is inverse Wishart with
nu degrees of freedom and scale L; a variance along an axis, or of a round component, is inverse gamma with shape nu / 2
and scale l / 2. Components that share their matrix have its prior once. The scale is the data's variance over
K^(2 / d), the volume that each of K components would have. S is the covariance of a Gaussian law, and the scale matrix
of a t law: given the hidden scales of its rows that is Gaussian too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.elliptical_sums import outer
from emdesk.model.fields import Choice, Field
from emdesk.model.numerics.covariance import Second, Structure
from emdesk.model.rows import Rows
from emdesk.model.scaling import Scaling
from emdesk.texts import say

F64 = NDArray[np.float64]
LEAST_BELIEVED, TAKING_PART = 1e-13, 1e-3
"""The least eigenvalue of the correlations that a prior can be about, and the share with which a column is in it."""
MOST_APART = 1e100
"""Spreads of two columns with a larger ratio have squares that one number does not hold beside each other."""
NONE, CONJUGATE = "none", "conjugate"


def _has_prior(values: Mapping[str, Any]) -> bool:
    return values.get("prior") == CONJUGATE


PRIOR = Field(
    say("elliptical.prior"),
    say("elliptical.prior_help"),
    section=say("elliptical.prior"),
    more=True,
    choices=(
        Choice(NONE, say("elliptical.no_prior"), say("elliptical.no_prior_help")),
        Choice(CONJUGATE, say("elliptical.conjugate"), say("elliptical.conjugate_help")),
    ),
)
SHRINKAGE = Field(
    say("elliptical.prior_shrinkage"),
    say("elliptical.prior_shrinkage_help"),
    low=0.0,
    high=1000.0,
    section=say("elliptical.prior"),
    more=True,
    applies=_has_prior,
)
DEGREES = Field(
    say("elliptical.prior_degrees"),
    say("elliptical.prior_degrees_help"),
    low=0.1,
    high=1000.0,
    section=say("elliptical.prior"),
    more=True,
    applies=_has_prior,
)
SCALE = Field(
    say("elliptical.prior_scale"),
    say("elliptical.prior_scale_help"),
    low=1e-6,
    high=1000.0,
    section=say("elliptical.prior"),
    more=True,
    logarithmic=True,
    applies=_has_prior,
)


class PriorSettings(Protocol):
    """What the settings of a law say of its prior."""

    @property
    def prior(self) -> str: ...
    @property
    def prior_shrinkage(self) -> float: ...
    @property
    def prior_degrees(self) -> float: ...
    @property
    def prior_scale(self) -> float: ...


@dataclass(frozen=True, eq=False)
class Conjugate:
    """Everything in standardised units: `mean` (d,), `shrinkage` kappa, `degrees` nu, `spread` (d, d) of the data,
    `scales` (d,) what one is in the analyst's units."""

    mean: F64
    shrinkage: float
    degrees: float
    spread: F64
    scales: F64
    structure: Structure

    def scale(self, groups: int) -> F64:
        """What is added to the scatter as the structure needs it: (d, d), (d,) or (1,)."""
        d = len(self.mean)
        share = groups ** (2.0 / d)
        second = self.structure.second
        if second is Second.FULL:
            return np.asarray(self.spread / share)
        # one believed variance for all columns, in the analyst's units
        each = float(np.diagonal(self.spread) @ self.scales**2) / d / share
        return np.asarray(each / self.scales[: 1 if second is Second.SPHERE else d] ** 2)

    def rows(self, groups: int) -> float:
        """How many rows each component's covariance is counted with beyond its own."""
        d, second = len(self.mean), self.structure.second
        belief = self.degrees + d + 1 if second is Second.FULL else self.degrees + 2
        if second is Second.SPHERE:
            belief /= d
        if self.structure.is_equal:
            belief /= groups
        return belief + (1.0 if self.shrinkage > 0 else 0.0)

    def shrunk(self, counts: F64, mass: F64, means: F64, scatter: F64) -> tuple[F64, F64, F64, F64]:
        """Rows (K,), mass (K,), means (K, d) and scatter about them, with the prior's share in each; `mass` is what
        the rows pull on their mean."""
        groups = len(counts)
        total = mass + self.shrinkage
        safe = np.where(total > 0, total, 1.0)
        away = means - self.mean
        shrunk = self.mean + (mass / safe)[:, None] * away
        apart = outer(np.sqrt(mass * self.shrinkage / safe)[:, None] * away, self.structure.second)
        share = self.scale(groups) / (groups if self.structure.is_equal else 1)
        return counts + self.rows(groups), total, shrunk, scatter + apart + share

    def log_density(self, means: F64, covariances: F64) -> float:
        """The log prior of means (K, d) and covariances (K, d, d) in the analyst's units, all constants included."""
        groups, d = means.shape
        each = self._log_covariance(covariances)
        total = float(each[0] if self.structure.is_equal else each.sum())
        if self.shrinkage > 0:
            _, log_determinants = np.linalg.slogdet(covariances)
            away = means - self.mean
            distances = np.einsum(
                "ki,ki->k", away, np.linalg.solve(covariances, away[..., None])[..., 0]
            )
            constant = d * np.log(self.shrinkage / (2 * np.pi))
            total += 0.5 * float((constant - log_determinants - self.shrinkage * distances).sum())
            total -= groups * float(np.log(self.scales).sum())
        return total

    def _log_covariance(self, covariances: F64) -> F64:
        from scipy.special import gammaln, multigammaln

        d, nu = len(self.mean), self.degrees
        groups, scale = len(covariances), self.scale(len(covariances))
        second = self.structure.second
        if second is Second.FULL:
            _, log_scale = np.linalg.slogdet(scale)
            _, log_determinants = np.linalg.slogdet(covariances)
            constant = 0.5 * nu * (log_scale - d * np.log(2)) - multigammaln(0.5 * nu, d)
            traces = np.trace(np.linalg.solve(covariances, scale[None]), axis1=1, axis2=2)
            made = constant - 0.5 * (nu + d + 1) * log_determinants - 0.5 * traces
            return np.asarray(made - (d + 1) * np.log(self.scales).sum())
        variances = np.diagonal(covariances, axis1=1, axis2=2)
        if second is Second.SPHERE:
            variances = variances[:, :1]
        constant = 0.5 * nu * np.log(0.5 * scale) - gammaln(0.5 * nu)
        made = constant - (0.5 * nu + 1) * np.log(variances) - 0.5 * scale / variances
        jacobian = 2 * np.log(self.scales)[: variances.shape[1]]
        return np.asarray((made - jacobian).sum(axis=1)).reshape(groups)


def conjugate_of(
    scaling: Scaling, structure: Structure, rows: Rows, settings: PriorSettings
) -> Conjugate | None:
    """The prior of the settings about the mean and variance of the data (over n - 1, as in the source)."""
    if settings.prior == NONE:
        return None
    d = len(scaling.scales)
    complete = ~rows.missing.any(axis=0)
    made = scaling.standardised(rows.columns[:, complete])
    weights = None if rows.weights is None else rows.weights[complete]
    spread = np.diag(scaling.variances)
    if made.shape[1] > d:  # else the complete rows say nothing of the correlations
        spread = np.atleast_2d(np.cov(made, aweights=weights, ddof=1))
    if structure.second is Second.FULL:
        _refuse_flat(spread, rows.names)
    else:
        _refuse_apart(scaling.deviations, rows.names)
    return Conjugate(
        scaling.means,
        settings.prior_shrinkage,
        d + settings.prior_degrees,
        spread * settings.prior_scale,
        scaling.scales,
        structure,
    )


def _refuse_apart(deviations: F64, names: tuple[str, ...]) -> None:
    """A DataProblem for columns of which one believed variance is no number in the units of both."""
    narrow, wide = int(np.argmin(deviations)), int(np.argmax(deviations))
    if deviations[wide] < MOST_APART * deviations[narrow]:
        return
    found = (names[narrow], names[wide])
    raise DataProblem(
        say("elliptical.prior_apart", narrow=found[0], wide=found[1]),
        columns=found,
        remedy=say("elliptical.like_units"),
    )


def _refuse_flat(spread: F64, names: tuple[str, ...]) -> None:
    """A DataProblem that names the columns that go together exactly in the variances (d, d) that a prior is about."""
    deviations = np.sqrt(np.diagonal(spread))
    values, vectors = np.linalg.eigh(spread / deviations[:, None] / deviations[None, :])
    if values[0] > LEAST_BELIEVED:
        return
    taking_part = np.flatnonzero(np.abs(vectors[:, 0]) > TAKING_PART)
    found = tuple(names[j] for j in taking_part)
    raise DataProblem(
        say("elliptical.flat_prior", names=", ".join(found)),
        columns=found,
        remedy=say("elliptical.leave_flat_out"),
    )
