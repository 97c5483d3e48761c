"""What most laws have in common: the answers of a law without prior, ties, ellipses or anything special."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.law import Invariance, Weakness
from emdesk.model.marks import Picture, View
from emdesk.model.needs import Role
from emdesk.model.rows import Rows

if TYPE_CHECKING:
    from emdesk.model.law import Law

F64 = NDArray[np.float64]


class PlainLaw:
    """A base for laws; each answer is replaced where a law knows better."""

    roles: ClassVar[tuple[Role, ...]] = ()
    leaves_cells_out: ClassVar[bool] = False
    holdable: ClassVar[tuple[str, ...]] = ()
    tieable: ClassVar[tuple[str, ...]] = ()

    def under(self, settings: Any, columns: int) -> Any:
        """Most settings leave a law what it is."""
        return self

    def invariance(self, settings: Any) -> Invariance:
        return Invariance()

    def coordinates(self, encoded: F64, constants: Any) -> F64:
        return encoded

    def expected(self, statistics: Any, params: Any, constants: Any) -> F64 | None:
        return None

    def log_prior(self, params: Any, constants: Any) -> float:
        return 0.0

    def in_units(self, params: Any, constants: Any) -> Any:
        return params

    def weaknesses(self, params: Any, constants: Any) -> tuple[Weakness, ...]:
        return ()

    def least_distinct_rows(self, constants: Any) -> int:
        return 1

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: Any,
        constants: Any,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        """A law that leaves no cells out has none to fill in."""
        points = self.coordinates(encoded, constants)
        return points, np.zeros_like(points)

    def simulate_at(
        self,
        encoded: F64,
        params: Any,
        constants: Any,
        groups: NDArray[np.intp],
        rng: np.random.Generator,
    ) -> F64:
        """A law that takes nothing as given draws rows as they come."""
        law: Any = self
        drawn: F64 = law.simulate(law.in_units(params, constants), groups, rng)
        return drawn

    def picture(
        self, groups: Any, rows: Rows, units: Mapping[str, str], view: View
    ) -> Picture | None:
        return None

    def is_elliptical(self) -> bool:
        return False

    def is_discrete(self) -> bool:
        return False

    def retract(self, params: Any, constants: Any) -> Any:
        return params


def complete_independent(
    law: Law,
    columns: F64,
    responsibilities: F64,
    params: Any,
    rng: np.random.Generator | None,
) -> tuple[F64, F64]:
    """`complete` of a law whose columns are independent given the group: columns (d, m) in the analyst's units with
    NaN where missing, posterior probabilities (K, m), params in units.

    The mean of a missing cell is the mean of the groups' means by their probabilities, its variance the mean of their
    variances plus the variance of their means.
    """
    means, covariances = law.moments(params)
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    missing = np.isnan(columns)
    centre = means.T @ responsibilities
    # about the mean, not the difference of two large squares
    away = means.T[:, :, None] - centre[:, None, :]
    spread = np.einsum("dkm,km->dm", variances.T[:, :, None] + away**2, responsibilities)
    if rng is not None:
        chosen = drawn_groups(responsibilities, rng)
        centre = law.simulate(params, chosen, rng)
    values = np.where(missing, centre, columns)
    return values, np.where(missing, np.sqrt(spread), 0.0)


def drawn_groups(responsibilities: F64, rng: np.random.Generator) -> NDArray[np.intp]:
    """(m,) a group for each row, drawn by its probabilities (K, m)."""
    steps = np.cumsum(responsibilities, axis=0)
    chances = rng.random(responsibilities.shape[1]) * steps[-1]
    return np.asarray((steps < chances).sum(axis=0), dtype=np.intp)
