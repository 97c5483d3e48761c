"""Multinomial profiles that groups tilt: log p_c in proportion to a_c + b_k s_c, fitted by Newton's method.

The expected log-likelihood sum n_kc log p_kc is concave in the intercepts a and the slopes b, so that damped Newton
steps end at its maximum (Agresti 2002, Categorical Data Analysis, section 4.6). All columns are stepped at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
STEEPEST = 40.0
"""A slope times the range of the scores goes no further: beyond, a category has probability 0 to every digit."""
NEVER = -500.0
"""The intercept of a category that no row has."""
MOST_STEPS = 60
MOST_HALVINGS = 30
DECREMENT = 1e-14
"""Newton ends where another step would gain less than this share of the rows."""
RIDGE = 1e-10


@dataclass(frozen=True, eq=False)
class Tilts:
    """Intercepts (d, C), slopes (K, d), scores (d, C) and which places are categories (d, C)."""

    intercepts: F64
    slopes: F64
    scores: F64
    real: Mask

    @cached_property
    def log_probabilities(self) -> F64:
        """(K, d, C), -inf where there is no category."""
        # a score for all categories changes nothing, and without it scores far from 0 lose no digits
        logits = self.intercepts + self.slopes[:, :, None] * self._steps
        logits = np.where(self.real, logits, -np.inf)
        logits -= logits.max(axis=2, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=2, keepdims=True)))

    @cached_property
    def _steps(self) -> F64:
        """(d, C) the scores above those of the first categories."""
        return np.asarray(self.scores - self.scores[:, :1])

    @property
    def probabilities(self) -> F64:
        """(K, d, C), 0 where there is no category."""
        return np.asarray(np.exp(self.log_probabilities))

    def normalised(self, possible: Mask) -> Tilts:
        """The same probabilities with slopes that add to 0 over the groups and a first intercept of 0, which is what
        makes them unique; what no row has is set apart."""
        middle = self.slopes.mean(axis=0)
        slopes = np.where(possible.sum(axis=1) > 1, self.slopes - middle, 0.0)
        level = self.intercepts + middle[:, None] * self._steps
        first = np.take_along_axis(level, possible.argmax(axis=1)[:, None], axis=1)
        intercepts = np.where(possible, level - first, np.where(self.real, NEVER, 0.0))
        return Tilts(intercepts, slopes, self.scores, self.real)


def best_tilts(cells: F64, start: Tilts) -> Tilts:
    """The tilts that maximise sum cells log p for cells (K, d, C), from a start that is normalised."""
    possible = start.real & (start.intercepts > NEVER / 2)
    low = np.where(possible, start.scores, np.inf).min(axis=1)
    reach = np.where(possible, start.scores, -np.inf).max(axis=1) - low
    reach = np.where(reach > 0, reach, 1.0)
    scores = np.where(possible, (start.scores - low[:, None]) / reach[:, None], 0.0)
    climb = _Climb(cells, scores, possible)
    level = np.where(possible, start.intercepts + 0.0, 0.0)
    # a_c + b (low + reach z) = (a_c + mean terms) + (b reach) z, and the slopes add to 0
    made = climb.run(Tilts(level, start.slopes * reach, scores, possible))
    back = Tilts(made.intercepts, made.slopes / reach, start.scores, start.real)
    back = Tilts(np.where(possible, back.intercepts, NEVER), back.slopes, back.scores, back.real)
    return back.normalised(possible)


class _Climb:
    """Damped Newton steps on all columns at once, each with its own length."""

    def __init__(self, cells: F64, scores: F64, possible: Mask) -> None:
        self.cells = np.where(possible, cells, 0.0)
        self.rows = self.cells.sum(axis=2)
        self.scores, self.possible = scores, possible

    def height(self, tilts: Tilts) -> F64:
        """(d,) the expected log-likelihood of each column."""
        logs = np.where(self.possible, tilts.log_probabilities, 0.0)
        return np.asarray((self.cells * logs).sum(axis=(0, 2)))

    def run(self, tilts: Tilts) -> Tilts:
        """Step until no column gains."""
        height = self.height(tilts)
        enough = DECREMENT * np.maximum(1.0, self.rows.sum(axis=0))
        for _ in range(MOST_STEPS):
            step, decrement = self._newton(tilts)
            moving = decrement > enough
            if not moving.any():
                break
            tilts, height, moved = self._stepped(tilts, height, step, moving)
            if not moved:
                break
        return tilts

    def _newton(self, tilts: Tilts) -> tuple[F64, F64]:
        """(d, C + K) Newton's step and (d,) what it promises to gain, half the decrement."""
        chances, rows, z = tilts.probabilities, self.rows, self.scores
        count, width = self.scores.shape
        groups = len(rows)
        left = self.cells - rows[:, :, None] * chances
        gradient = np.concatenate([left.sum(axis=0), (left * z).sum(axis=2).T], axis=1)
        middle = (chances * z).sum(axis=2)
        away = z - middle[:, :, None]
        weighted = rows[:, :, None] * chances
        hessian = np.zeros((count, width + groups, width + groups))
        hessian[:, :width, :width] = -np.einsum("kdc,kde->dce", weighted, chances)
        diagonal = np.arange(width)
        hessian[:, diagonal, diagonal] += weighted.sum(axis=0)
        mixed = np.moveaxis(weighted * away, 0, 2)
        hessian[:, :width, width:] = mixed
        hessian[:, width:, :width] = np.swapaxes(mixed, 1, 2)
        own = width + np.arange(groups)
        hessian[:, own, own] = (weighted * away**2).sum(axis=2).T
        # a slope at its bound that wants to go on stays there, and so does what is no category
        slopes = tilts.slopes.T
        outward = (np.abs(slopes) >= STEEPEST) & (slopes * gradient[:, width:] > 0)
        still = np.concatenate([~self.possible, outward], axis=1)
        gradient = np.where(still, 0.0, gradient)
        hessian = np.where(still[:, :, None] | still[:, None, :], 0.0, hessian)
        every = np.arange(width + groups)
        scale = np.maximum(np.trace(hessian, axis1=1, axis2=2), 1e-300)[:, None]
        hessian[:, every, every] += np.where(still, scale, RIDGE * scale)
        step = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0]
        return step, 0.5 * (step * gradient).sum(axis=1)

    def _stepped(
        self, tilts: Tilts, height: F64, step: F64, moving: Mask
    ) -> tuple[Tilts, F64, bool]:
        """The tilts after a step that is halved, column by column, until it does not fall."""
        width = self.scores.shape[1]
        length = np.where(moving, 1.0, 0.0)
        most = np.maximum(STEEPEST, np.abs(tilts.slopes))
        for _ in range(MOST_HALVINGS):
            intercepts = tilts.intercepts + length[:, None] * step[:, :width]
            slopes = np.clip(tilts.slopes + length * step[:, width:].T, -most, most)
            made = Tilts(intercepts, slopes, tilts.scores, tilts.real)
            found = self.height(made)
            lower = (length > 0) & ~(found >= height)
            if not lower.any():
                return made, found, bool((length > 0).any())
            length = np.where(lower, length / 2, length)
        stuck = lower
        length = np.where(stuck, 0.0, length)
        made = Tilts(
            tilts.intercepts + length[:, None] * step[:, :width],
            np.clip(tilts.slopes + length * step[:, width:].T, -most, most),
            tilts.scores,
            tilts.real,
        )
        return made, self.height(made), bool((length > 0).any())
