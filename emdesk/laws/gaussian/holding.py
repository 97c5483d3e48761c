"""Means and covariances that are held while the other parameters are estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.model.held import Held
from emdesk.model.numerics.covariance import Second, Structure
from emdesk.model.scaling import Scaling
from emdesk.texts import say

F64 = NDArray[np.float64]
UNTIED = frozenset({"VII", "VVI", "VVV"})
"""Structures in which the matrix of one component says nothing about the others'."""


@dataclass(frozen=True, eq=False)
class Holding:
    """What is held, in standardised units: cells of the means (K, d), and whole matrices (K,) with values (K, d, d)."""

    means: NDArray[np.bool_]
    mean_values: F64
    matrices: NDArray[np.bool_]
    matrix_values: F64

    @property
    def count(self) -> int:
        """How many cells of the means are held."""
        return int(self.means.sum())

    def shifts(self, means: F64, covariances: F64) -> F64:
        """(K, d) how far the best means under the held cells lie from the free ones: a free coordinate follows the
        held ones of its component by regression under the current covariance."""
        made = np.where(self.means, self.mean_values - means, 0.0)
        for k in np.flatnonzero(self.means.any(axis=1) & ~self.means.all(axis=1)):
            held = np.flatnonzero(self.means[k])
            free = np.flatnonzero(~self.means[k])
            matrix = covariances[k]
            follow = np.linalg.solve(matrix[np.ix_(held, held)], made[k, held])
            made[k, free] = matrix[np.ix_(free, held)] @ follow
        return made

    def put_matrices(self, covariances: F64) -> F64:
        """The matrices with the held ones in their places."""
        return np.where(self.matrices[:, None, None], self.matrix_values, covariances)

    def put_means(self, means: F64) -> F64:
        """The means with the held cells at their values."""
        return np.where(self.means, self.mean_values, means)


def holding_of(held: Held, groups: int, scaling: Scaling, structure: Structure) -> Holding | None:
    """What is held of a Gaussian law, None if nothing is; a SettingProblem for what this structure cannot hold."""
    if not held:
        return None
    d = len(scaling.scales)
    nothing = np.zeros((groups, d), dtype=bool)
    mean_mask, mean_values = held.of("means", (groups, d)) or (nothing, np.zeros((groups, d)))
    matrices, values = _matrices(held, groups, structure, d)
    if matrices.any() and not matrices.all() and structure.id not in UNTIED:
        raise SettingProblem(
            say("gaussian.whole_matrices", word=structure.id),
            setting="held",
            remedy=say("gaussian.hold_all"),
        )
    scaled = values / scaling.scales[:, None] / scaling.scales[None, :]
    for k in np.flatnonzero(matrices):
        if np.linalg.eigvalsh((scaled[k] + scaled[k].T) / 2)[0] <= 0:
            raise SettingProblem(
                say("gaussian.not_positive", component=k + 1),
                setting="held",
                remedy=say("gaussian.give_positive"),
            )
    centred = (mean_values - scaling.centres) / scaling.scales
    return Holding(mean_mask, np.where(mean_mask, centred, 0.0), matrices, scaled)


def _matrices(
    held: Held, groups: int, structure: Structure, d: int
) -> tuple[NDArray[np.bool_], F64]:
    mask, values = held.of("covariances", (groups, d, d)) or (
        np.zeros((groups, d, d), dtype=bool),
        np.zeros((groups, d, d)),
    )
    whole = np.asarray(mask.all(axis=(1, 2)), dtype=np.bool_).reshape(groups)
    partly = np.flatnonzero(mask.any(axis=(1, 2)) & ~whole)
    if partly.size:
        raise SettingProblem(
            say("gaussian.whole_matrix", component=partly[0] + 1),
            setting="held",
            remedy=say("gaussian.hold_matrix"),
        )
    found = held.of("sds", (groups, d))
    if found is None:
        return whole, values
    if d > 1 and structure.second is Second.FULL:
        raise SettingProblem(
            say("gaussian.sds_along"), setting="held", remedy=say("gaussian.hold_covariances")
        )
    sd_mask, sds = found
    for k in range(groups):
        if not sd_mask[k].any():
            continue
        if not sd_mask[k].all():
            raise SettingProblem(
                say("gaussian.whole_matrix", component=k + 1),
                setting="held",
                remedy=say("gaussian.hold_matrix"),
            )
        if not (np.isfinite(sds[k]).all() and (sds[k] > 0).all()):
            shown = ", ".join(f"{sd:g}" for sd in sds[k])
            raise SettingProblem(
                say("gaussian.held_sd", component=k + 1, value=shown), setting="held"
            )
        whole[k], values[k] = True, np.diag(sds[k] ** 2)
    return whole, values
