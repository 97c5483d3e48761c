"""The conjugate prior of the Gaussian law (Fraley and Raftery 2007, J. Classif. 24, 155-181, sections 3 and 4).

Given a covariance S, a mean is normal about the data's mean with covariance S / kappa. A full S is inverse Wishart with
nu degrees of freedom and scale L; a variance along an axis, or of a round component, is inverse gamma with shape nu / 2
and scale l / 2. Components that share their covariance have its prior once. The scale is the data's variance over
K^(2 / d), the volume that each of K components would have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.model.elliptical import outer
from emdesk.model.numerics.covariance import Second, Structure

F64 = NDArray[np.float64]


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

    def shrunk(self, counts: F64, means: F64, scatter: F64) -> tuple[F64, F64, F64]:
        """Rows (K,), means (K, d) and scatter about them, with the prior's share in each."""
        groups = len(counts)
        total = counts + self.shrinkage
        safe = np.where(total > 0, total, 1.0)
        away = means - self.mean
        shrunk = self.mean + (counts / safe)[:, None] * away
        apart = outer(
            np.sqrt(counts * self.shrinkage / safe)[:, None] * away, self.structure.second
        )
        share = self.scale(groups) / (groups if self.structure.is_equal else 1)
        return counts + self.rows(groups), shrunk, scatter + apart + share

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
