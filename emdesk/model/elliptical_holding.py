"""Means and matrices of elliptical groups that are held while the other parameters are estimated."""

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


@dataclass(frozen=True)
class Names:
    """What a law calls its matrices, and the square roots of their diagonals."""

    matrices: str
    widths: str


def holding_of(
    held: Held, groups: int, scaling: Scaling, structure: Structure, names: Names
) -> Holding | None:
    """What is held of an elliptical law, None if nothing is; a SettingProblem for what this structure cannot hold."""
    if not held:
        return None
    d = len(scaling.scales)
    nothing = np.zeros((groups, d), dtype=bool)
    mean_mask, mean_values = held.of("means", (groups, d)) or (nothing, np.zeros((groups, d)))
    matrices, values = _matrices(held, groups, structure, d, names)
    if matrices.any() and not matrices.all() and structure.id not in UNTIED:
        said = say(
            "elliptical.hold_tied",
            matrices=names.matrices,
            widths=names.widths,
            word=structure.id,
        )
        raise SettingProblem(said, setting="held", remedy=say("elliptical.hold_all"))
    scaled = values / scaling.scales[:, None] / scaling.scales[None, :]
    for k in np.flatnonzero(matrices):
        if np.linalg.eigvalsh((scaled[k] + scaled[k].T) / 2)[0] <= 0:
            raise SettingProblem(
                say("elliptical.not_positive", component=k + 1),
                setting="held",
                remedy=say("elliptical.give_positive"),
            )
    centred = (mean_values - scaling.centres) / scaling.scales
    return Holding(mean_mask, np.where(mean_mask, centred, 0.0), matrices, scaled)


def _matrices(
    held: Held, groups: int, structure: Structure, d: int, names: Names
) -> tuple[NDArray[np.bool_], F64]:
    mask, values = held.of(names.matrices, (groups, d, d)) or (
        np.zeros((groups, d, d), dtype=bool),
        np.zeros((groups, d, d)),
    )
    whole = np.asarray(mask.all(axis=(1, 2)), dtype=np.bool_).reshape(groups)
    _refuse_parts(np.asarray(mask.any(axis=(1, 2)) & ~whole))
    found = held.of(names.widths, (groups, d))
    if found is None:
        return whole, values
    if d > 1 and structure.second is Second.FULL:
        raise SettingProblem(
            say("elliptical.hold_along", widths=names.widths),
            setting="held",
            remedy=say("elliptical.hold_instead", matrices=names.matrices),
        )
    width_mask, widths = found
    _refuse_parts(np.asarray(width_mask.any(axis=1) & ~width_mask.all(axis=1)))
    for k in np.flatnonzero(width_mask.all(axis=1)):
        if not (np.isfinite(widths[k]).all() and (widths[k] > 0).all()):
            shown = ", ".join(f"{width:g}" for width in widths[k])
            said = say(
                "elliptical.hold_positive", widths=names.widths, component=k + 1, value=shown
            )
            raise SettingProblem(said, setting="held")
        whole[k], values[k] = True, np.diag(widths[k] ** 2)
    return whole, values


def _refuse_parts(is_part: NDArray[np.bool_]) -> None:
    """A SettingProblem for the first component of which a part of the matrix is held."""
    if np.any(is_part):
        raise SettingProblem(
            say("elliptical.hold_part", component=int(np.flatnonzero(is_part)[0]) + 1),
            setting="held",
            remedy=say("elliptical.hold_matrix"),
        )
