"""Means and matrices of elliptical groups that are held, or equal in several groups, while others are estimated.

Means under linear constraints are generalised least squares at the current matrices, and the matrices then the best
about them: two conditional maximisations, each uphill (Meng and Rubin 1993, Biometrika 80, 267-278).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.model.held import Held
from emdesk.model.numerics.covariance import Second, Structure
from emdesk.model.scaling import Scaling
from emdesk.model.tied import Classes, in_company, levelled, saved
from emdesk.texts import say

F64 = NDArray[np.float64]
UNTIED = frozenset({"VII", "VVI", "VVV"})
"""Structures in which the matrix of one component says nothing about the others'."""


LEAST_SHARE = 1e-12
"""A group without rows has this share of all of them where it is tied to others, which then decide."""


@dataclass(frozen=True, eq=False)
class Holding:
    """What is held, in standardised units: cells of the means (K, d), and whole matrices (K,) with values (K, d, d);
    and which free cells of means (K, d) and matrices (K, d, d) are equal."""

    means: NDArray[np.bool_]
    mean_values: F64
    matrices: NDArray[np.bool_]
    matrix_values: F64
    mean_classes: Classes | None = None
    matrix_classes: Classes | None = None

    @property
    def count(self) -> int:
        """How many means fewer than cells are estimated."""
        tied = 0 if self.mean_classes is None else saved(self.mean_classes)
        return tied + int(self.means.sum())

    def fewer(self, second: Second) -> int:
        """How many numbers fewer the ties leave of the matrices."""
        classes = self.matrix_classes
        if classes is None:
            return 0
        d = classes.shape[1]
        if second is Second.FULL:
            return saved(classes[:, 0, 0]) * int(d * (d + 1) // 2)
        return saved(self._variances(second))

    def _variances(self, second: Second) -> Classes:
        """(K, d), or (K, 1) where one number is all there is."""
        assert self.matrix_classes is not None
        made = np.diagonal(self.matrix_classes, axis1=1, axis2=2)
        return np.asarray(made if second is Second.DIAGONAL else made[:, :1])

    def shifts(self, means: F64, covariances: F64, mass: F64) -> F64:
        """(K, d) how far the best means under the held and tied cells lie from the free ones, of groups of `mass` (K,):
        a free coordinate follows the others of its component by regression under the current covariance."""
        made = np.where(self.means, self.mean_values - means, 0.0)
        together = self._together()
        for k in np.flatnonzero(self.means.any(axis=1) & ~self.means.all(axis=1)):
            if k in together:
                continue
            held = np.flatnonzero(self.means[k])
            free = np.flatnonzero(~self.means[k])
            matrix = covariances[k]
            follow = np.linalg.solve(matrix[np.ix_(held, held)], made[k, held])
            made[k, free] = matrix[np.ix_(free, held)] @ follow
        if together.size:
            made[together] = self._tied_means(means, covariances, mass)[together] - means[together]
        return made

    def _together(self) -> NDArray[np.intp]:
        """The groups whose means are tied."""
        classes = self.mean_classes
        if classes is None:
            return np.zeros(0, dtype=np.intp)
        return np.flatnonzero(in_company(classes).any(axis=1))

    def _tied_means(self, means: F64, covariances: F64, mass: F64) -> F64:
        """(K, d) the means of generalised least squares: of the groups that are tied, all at once."""
        assert self.mean_classes is not None
        chosen = self._together()
        held, classes = self.means[chosen].ravel(), self.mean_classes[chosen].ravel()
        _, which = np.unique(classes[~held], return_inverse=True)
        moves = np.zeros((held.size, int(which.max(initial=-1)) + 1))
        moves[np.flatnonzero(~held), which] = 1.0
        fixed = np.where(self.means, self.mean_values, 0.0)[chosen].ravel()
        weights = np.maximum(mass[chosen], LEAST_SHARE * max(float(mass.sum()), LEAST_SHARE))
        d = means.shape[1]
        left = (means[chosen].ravel() - fixed).reshape(len(chosen), d)
        pulled = np.zeros((len(chosen), d, moves.shape[1] + 1))
        both = np.concatenate([moves, left.reshape(-1, 1)], axis=1).reshape(len(chosen), d, -1)
        for i, k in enumerate(chosen):
            pulled[i] = weights[i] * np.linalg.solve(covariances[k], both[i])
        flat = pulled.reshape(held.size, -1)
        made = means.copy()
        if moves.shape[1]:
            fixed = fixed + moves @ np.linalg.solve(moves.T @ flat[:, :-1], moves.T @ flat[:, -1])
        made[chosen] = fixed.reshape(len(chosen), d)
        return made

    def pooled(self, rows: F64, scatter: F64, second: Second) -> tuple[F64, F64]:
        """Rows (K,) and scatter, as the structure needs it, in which tied groups have the average of their class."""
        if self.matrix_classes is None:
            return rows, scatter
        rows = np.maximum(rows, LEAST_SHARE * float(rows.sum()))
        classes = self._variances(second)
        made = scatter.copy()
        for number in np.unique(classes[in_company(classes)]):
            groups, columns = np.nonzero(classes == number)
            places = (groups,) if second is Second.FULL else (groups, columns)
            mean = scatter[places].sum(axis=0) / rows[groups].sum()
            made[places] = rows[groups].reshape((-1,) + (1,) * np.ndim(mean)) * mean
        return rows, made

    def put_matrices(self, covariances: F64) -> F64:
        """The matrices with the held ones in their places, and the tied ones at their average."""
        made = np.where(self.matrices[:, None, None], self.matrix_values, covariances)
        return made if self.matrix_classes is None else levelled(made, self.matrix_classes)

    def put_means(self, means: F64) -> F64:
        """The means with the held cells at their values, and the tied ones at their average."""
        made = np.where(self.means, self.mean_values, means)
        return made if self.mean_classes is None else levelled(made, self.mean_classes)


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
    classes = _matrix_classes(held, groups, structure, d, names)
    if classes is not None and np.any(in_company(classes)[matrices]):
        raise SettingProblem(
            say("elliptical.tie_held", matrices=names.matrices),
            setting="tied",
            remedy=say("elliptical.tie_or_hold"),
        )
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
    tied_means = held.tied("means", (groups, d))
    kept = np.where(mean_mask, centred, 0.0)
    return Holding(mean_mask, kept, matrices, scaled, tied_means, classes)


def _matrix_classes(
    held: Held, groups: int, structure: Structure, d: int, names: Names
) -> Classes | None:
    """(K, d, d) which cells of the matrices are equal; a SettingProblem for what this structure cannot tie."""
    whole, widths = held.tied(names.matrices, (groups, d, d)), held.tied(names.widths, (groups, d))
    if whole is None and widths is None:
        return None
    if structure.id not in UNTIED:
        raise SettingProblem(
            say("elliptical.tie_tied", widths=names.widths, word=structure.id),
            setting="tied",
            remedy=say("elliptical.tie_untied"),
        )
    if widths is not None and d > 1 and structure.second is Second.FULL:
        raise SettingProblem(
            say("elliptical.tie_along", widths=names.widths),
            setting="tied",
            remedy=say("elliptical.tie_instead", matrices=names.matrices),
        )
    if whole is None:
        whole = np.arange(groups * d * d, dtype=np.intp).reshape(groups, d, d)
    if widths is not None:
        for number in np.unique(widths[in_company(widths)]):
            k, j = np.nonzero(widths == number)
            whole[np.isin(whole, whole[k, j, j])] = whole[k[0], j[0], j[0]]
    together = in_company(whole)
    parts = together.any(axis=(1, 2)) & ~together.all(axis=(1, 2))
    if structure.second is Second.DIAGONAL and d > 1:
        parts = np.zeros(groups, dtype=np.bool_)
    if structure.second is Second.SPHERE:
        inner = np.diagonal(together, axis1=1, axis2=2)
        parts = inner.any(axis=1) & ~inner.all(axis=1)
    if np.any(parts):
        raise SettingProblem(
            say("elliptical.tie_part", matrices=names.matrices),
            setting="tied",
            remedy=say("elliptical.tie_matrix"),
        )
    return whole


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
