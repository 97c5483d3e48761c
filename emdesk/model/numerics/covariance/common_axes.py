"""EVE and VVE: one orientation for all components, with eigenvalues of their own (common principal components).

For given axes the eigenvalues are exact under the floor. The axes are a minimum to machine precision, and the lowest
of several: those of the current matrices, of every component, of all rows together, of the proportional
model and of the columns are compared, so that no model nested in this one ends above it from the same scatter.
In two dimensions a fan of
angles is searched as well. No method is known that proves the lowest minimum in more.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from emdesk.model.numerics.covariance.orientation import (
    Fitted,
    Spectrum,
    best_axes,
    cost,
    diagonals_in,
)
from emdesk.model.numerics.covariance.proportional import Proportional
from emdesk.model.numerics.covariance.structure import Second, Structure, assembled
from emdesk.model.numerics.covariance.volumes import common_volume

F64 = NDArray[np.float64]
TRIES = 10
"""So many of the starts are followed to their minimum when there are no current matrices to begin at."""
FAN = 16
PROPORTIONAL = Proportional("VEE", Second.FULL, False, True)


class CommonAxes(Structure):
    """One orientation; a subclass says which eigenvalues go with it."""

    def _maximise(self, share: F64, spread: F64, d: int, floor: float, near: F64 | None) -> F64:
        fitted = self._spectrum_of(share, float(np.log(floor)))
        if near is not None:
            starts = [_axes_of(near, share)[:1], _axes_of(spread, share)]
            tries = 1
        else:
            starts = [_axes_of(spread, share), self._nested(share, spread, d, floor)]
            tries = TRIES
            if d == 2:
                starts.append(_fan())
        axes = best_axes(spread, np.concatenate(starts), fitted, tries)
        along = diagonals_in(spread, axes)
        return assembled(axes, np.exp(fitted(along).log_values))

    def _nested(self, share: F64, spread: F64, d: int, floor: float) -> F64:
        """(S, d, d) axes of the best models nested in this one."""
        proportional = PROPORTIONAL._maximise(share, spread, d, floor, None)
        return np.linalg.eigh(proportional[:1])[1]

    @abstractmethod
    def _spectrum_of(self, share: F64, log_floor: float) -> Fitted:
        """The best eigenvalues for diagonals (K, d)."""


class CommonAxesEqualVolume(CommonAxes):
    """EVE: lambda D A_k D' (Celeux and Govaert 1995)."""

    def _spectrum_of(self, share: F64, log_floor: float) -> Fitted:
        def fitted(along: F64) -> Spectrum:
            found = common_volume(along, log_floor, self.widest)
            open_axes = found.is_free.sum(axis=1)
            couplings = np.where(open_axes > 0, found.multipliers / np.maximum(open_axes, 1), 0.0)
            reached = cost(share, along, found.log_values)
            return Spectrum(reached, found.log_values, found.multipliers, found.is_free, couplings)

        return fitted


class CommonAxesOwnVolume(CommonAxes):
    """VVE: D B_k D', Flury's (1984) common principal components, J. Amer. Statist. Assoc. 79, 892-898."""

    def _spectrum_of(self, share: F64, log_floor: float) -> Fitted:
        log_share = np.log(share)[:, None]

        def fitted(along: F64) -> Spectrum:
            with np.errstate(divide="ignore"):
                wanted = np.log(along) - log_share
            log_values = np.maximum(wanted, log_floor)
            reached = cost(share, along, log_values)
            return Spectrum(reached, log_values, share, wanted > log_floor, None)

        return fitted

    def _nested(self, share: F64, spread: F64, d: int, floor: float) -> F64:
        equal = EQUAL_VOLUME._maximise(share, spread, d, floor, None)
        return np.concatenate(
            [super()._nested(share, spread, d, floor), _axes_of(equal, share)[:1]]
        )


EQUAL_VOLUME = CommonAxesEqualVolume("EVE", Second.FULL, False, False)


def _axes_of(matrices: F64, share: F64) -> F64:
    """Axes (S, d, d) of sums and of each of the matrices (K, d, d), and those of the columns."""
    groups, d, _ = matrices.shape
    traces = np.trace(matrices, axis1=1, axis2=2)
    traces = np.where(traces > 0, traces, 1.0)
    # matrices with common axes keep them in any sum; uneven weights keep the sums' eigenvalues apart
    uneven = 1.0 + 0.61803398875 * np.arange(groups) % 1.0
    sums = np.stack(
        [
            np.tensordot(uneven / traces, matrices, 1),
            np.tensordot(share * uneven[::-1] / traces, matrices, 1),
            matrices.sum(axis=0),
        ]
    )
    return np.concatenate([np.linalg.eigh(np.concatenate([sums, matrices]))[1], np.eye(d)[None]])


def _fan() -> F64:
    """(S, 2, 2) evenly spread axes of the plane."""
    angles = np.arange(FAN) * (np.pi / 2 / FAN)
    cosines, sines = np.cos(angles), np.sin(angles)
    return np.moveaxis(np.array([[cosines, -sines], [sines, cosines]]), 2, 0)
