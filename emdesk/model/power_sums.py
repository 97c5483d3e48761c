"""Log densities and sufficient statistics of elliptical groups in powers of the columns, for a block of rows.

The sums of a group are moments of its transformed rows x and, where powers are estimated, of the first two derivatives
of x by the power: from these follow the moments at another power to second order, by which the M-step moves power,
centre and matrix together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.elliptical_sums import Moments
from emdesk.model.numerics.box_cox import logs_and_signs, powered, powered_slopes
from emdesk.model.numerics.covariance import Second
from emdesk.model.numerics.whitening import Whitening

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Units:
    """Transformed values in the units of the fit, x = stretch v + shift, (d,) each, and the logarithm of what a density
    gains by them."""

    stretch: F64
    shift: F64
    log_volume: float

    def of(self, powers: F64) -> F64:
        """x (d, m) of v (d, m)."""
        return np.asarray(powers * self.stretch[:, None] + self.shift[:, None])


@dataclass(frozen=True, eq=False)
class Sums:
    """Counts (K,), sums of the logarithms (K,), moments of the rows by their pulls `mass` (K,): `first` (K, q) and
    `second` (K, q, q) about `reference` (K, q), with q = d, or 3 d where they have the derivatives. They were made at
    `powers` (K,) and the params `own` of the law itself, None for a partition; `tails` are what that law sums besides.
    """

    counts: F64
    logs: F64
    mass: F64
    first: F64
    second: F64
    reference: F64
    powers: F64
    own: Any
    tails: tuple[Any, ...]
    has_slopes: bool

    def __add__(self, other: Self) -> Self:
        return replace(
            self,
            counts=self.counts + other.counts,
            logs=self.logs + other.logs,
            mass=self.mass + other.mass,
            first=self.first + other.first,
            second=self.second + other.second,
            tails=tuple(a + b for a, b in zip(self.tails, other.tails, strict=True)),
        )

    def scaled(self, factor: float) -> Self:
        """All sums times a factor."""
        return replace(
            self,
            counts=factor * self.counts,
            logs=factor * self.logs,
            mass=factor * self.mass,
            first=factor * self.first,
            second=factor * self.second,
            tails=tuple(part.scaled(factor) for part in self.tails),
        )

    def moved(self, steps: F64 | None, second: Second) -> Moments:
        """The moments of the transformed rows at powers that are (K,) more, None for nothing."""
        groups, q = self.first.shape
        if not self.has_slopes or steps is None:
            d = q // 3 if self.has_slopes else q
            return _moments(
                self.mass, self.first[:, :d], self.second[:, :d, :d], self.reference[:, :d], second
            )
        d = q // 3
        taylor = np.stack([np.ones(groups), steps, 0.5 * steps**2], axis=1)
        onto = (np.eye(d)[None, :, None, :] * taylor[:, None, :, None]).reshape(groups, d, q)
        first = np.einsum("kij,kj->ki", onto, self.first)
        products = onto @ self.second @ np.swapaxes(onto, 1, 2)
        reference = np.einsum("kij,kj->ki", onto, self.reference)
        return _moments(self.mass, first, products, reference, second)


def _moments(mass: F64, first: F64, products: F64, reference: F64, second: Second) -> Moments:
    if second is Second.FULL:
        rows, columns = np.triu_indices(first.shape[1])
        return Moments(mass, first, products[:, rows, columns], reference)
    return Moments(mass, first, np.array(second.of(products)), reference)


@dataclass(frozen=True, eq=False)
class Kernel:
    """What the blocks of a sweep share: the law's own params, powers (K,), means (K, d), the references (K, q) of the
    sums, the whitening, constants (K,) with the offsets, and the units of the fit."""

    own: Any
    powers: F64
    means: F64
    references: F64
    whitening: Whitening
    constant: F64
    units: Units


@dataclass(eq=False)
class Rows:
    """Logarithms (d, m) and signs (d, m) or None of a block, and what a kernel has found out about them: transformed
    rows for each group, and squared distances (K, m)."""

    logs: F64
    signs: F64 | None
    seen_by: Kernel | None = None
    transformed: tuple[F64, ...] = ()
    squares: F64 | None = None

    def look(self, shared: Kernel) -> F64:
        """(K, m) the squared distances, found out once for every kernel."""
        if self.seen_by is shared and self.squares is not None:
            return self.squares
        self.transformed = self._for_each_power(
            shared.powers, lambda k, p: shared.units.of(powered(self.logs, self.signs, p))
        )
        squares = np.empty((len(shared.powers), self.logs.shape[1]))
        for k, rows in enumerate(self.transformed):
            white = shared.whitening.of(k, rows, shared.means[k])
            np.einsum("ij,ij->j", white, white, out=squares[k])
        self.seen_by, self.squares = shared, squares
        return squares

    def with_slopes(self, shared: Kernel) -> tuple[F64, ...]:
        """For each group (3 d, m) transformed rows, and their first two derivatives by the power."""
        stretch = shared.units.stretch[:, None]

        def both(k: int, power: float) -> F64:
            slope, bend = powered_slopes(self.logs, self.signs, power)
            return np.concatenate([self.transformed[k], slope * stretch, bend * stretch])

        return self._for_each_power(shared.powers, both)

    def _for_each_power(self, powers: F64, make: Callable[[int, float], F64]) -> tuple[F64, ...]:
        """What is made for each group, once for groups with the same power."""
        made: dict[float, F64] = {}
        for k, power in enumerate(powers.tolist()):
            if power not in made:
                made[power] = make(k, power)
        return tuple(made[power] for power in powers.tolist())


def references_of(places: F64, powers: F64, units: Units, has_slopes: bool) -> F64:
    """(K, q) what the sums are taken about: places (K, d), and the derivatives by the power there."""
    if not has_slopes:
        return places
    made = []
    for at, power in zip(places, powers.tolist(), strict=True):
        logs, signs = logs_and_signs((at - units.shift) / units.stretch, power)
        logs = np.where(np.isfinite(logs), logs, 0.0)
        slope, bend = powered_slopes(logs, signs, power)
        made.append(np.concatenate([at, slope * units.stretch, bend * units.stretch]))
    return np.stack(made)


def sums_about(rows: Sequence[F64], pulls: F64, references: F64) -> tuple[F64, F64]:
    """Sums (K, q) and (K, q, q) of the rows (q, m) of each group about its reference, weighted by pulls (K, m)."""
    groups, q = references.shape
    first, second = np.empty((groups, q)), np.empty((groups, q, q))
    for k, (own, weights, at) in enumerate(zip(rows, pulls, references, strict=True)):
        centred = own - at[:, None]
        weighted = centred * weights
        first[k], second[k] = weighted.sum(axis=1), weighted @ centred.T
    return first, second
