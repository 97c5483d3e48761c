"""What laws of elliptical groups have in common beyond their constants: everything that needs means and matrices alone.

A subclass says which of its params the matrices are (beside `means`, and `carried`, the count of factors), and what
else there is to a row beside the normal law.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.dataset import Kind
from emdesk.model.elliptical import structure_of
from emdesk.model.elliptical_factors import factor_quantities, factors_of
from emdesk.model.elliptical_holding import Names
from emdesk.model.elliptical_prior import NONE
from emdesk.model.elliptical_sums import Moments, Unknown
from emdesk.model.law import Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.covariance import Second
from emdesk.model.numerics.patterns import Pattern, Regressions, patterns_of
from emdesk.model.plain_law import PlainLaw, drawn_groups
from emdesk.texts import say

F64 = NDArray[np.float64]


class EllipticalLaw(PlainLaw):
    """A base for laws whose groups have means and matrices; `names` are what the matrices are called."""

    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}), least=1
    )
    leaves_cells_out: ClassVar[bool] = True
    names: ClassVar[Names]
    centre_label: ClassVar[str]
    """The keys of what the table calls the means and the square roots of the diagonals."""
    width_label: ClassVar[str]

    @abstractmethod
    def matrices_of(self, params: Any) -> F64:
        """(K, d, d) the matrices of the params."""

    @abstractmethod
    def placed(self, params: Any, means: F64, matrices: F64) -> Any:
        """The params with other means and matrices; where there are more groups, each is the first in all else."""

    @abstractmethod
    def log_height(self, params: Any, columns: int) -> F64:
        """(K,) the log density at the centre in so many columns for the unit matrix."""

    @abstractmethod
    def log_fall(self, params: Any, squares: F64, columns: int) -> F64:
        """(K, m) what the log density has lost at squared distances (K, m)."""

    @abstractmethod
    def sums_of(self, moments: Moments, counts: F64, params: Any | None, tails: Any) -> Any:
        """The statistics of moments that were made at params, None for a partition, from groups of effective rows
        `counts` (K,) and what `tails_of` has found."""

    def pulled(self, params: Any, squares: F64, members: F64, columns: int) -> F64:
        """(K, m) what rows at squared distances (K, m) weigh in the moments, from `members` (K, m)."""
        return members

    def tails_of(
        self, params: Any, squares: F64, members: F64, constants: Any, work: Workspace
    ) -> tuple[Any, ...]:
        """What is summed beside the moments over complete rows at squared distances (K, m)."""
        return ()

    def residual_factor(
        self, regressions: Regressions, pattern: Pattern, params: Any
    ) -> F64 | None:
        """(K, m) what the covariance of the missing cells of a row is multiplied by, None for one."""
        return None

    def drawn_factor(
        self, regressions: Regressions, pattern: Pattern, params: Any, rng: np.random.Generator
    ) -> F64 | None:
        """(K, m) what the matrix of the missing cells of a row is multiplied by in a draw, None for one."""
        return None

    def stretches(
        self, params: Any, group: int, rows: int, rng: np.random.Generator
    ) -> F64 | float:
        """What the distance from the centre of rows drawn from a normal law is multiplied by."""
        return 1.0

    def other_quantities(self, params: Any) -> tuple[Quantity, ...]:
        """What the table shows beside means and matrices."""
        return ()

    def invariance(self, settings: Any) -> Invariance:
        structure = structure_of(settings.covariance)
        closed = structure.is_closed_under_column_scaling
        if settings.prior != NONE and structure.second is Second.DIAGONAL:
            closed = False  # the prior believes in one variance for all columns
        return Invariance(shift=True, scale_all=True, scale_each=closed)

    def encode(self, rows: Any, constants: Any) -> F64:
        made: F64 = constants.scaling.standardised(rows.columns)
        return made

    def log_peak(self, params: Any, constants: Any) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        _, log_determinants = np.linalg.slogdet(self.matrices_of(params))
        height = self.log_height(params, constants.d) - 0.5 * log_determinants
        return np.asarray(height - constants.scaling.log_volume)

    def unknown(self, constants: Any) -> Unknown:
        """What is known of a missing cell before there are params."""
        return Unknown(constants.scaling.means, constants.scaling.variances)

    def retract(self, params: Any, constants: Any) -> Any:
        kept = constants.project(self.matrices_of(params))
        return self.placed(params, *constants.with_held(params.means, kept))

    def from_units(self, params: Any, constants: Any) -> Any:
        scaling = constants.scaling
        means = (params.means - scaling.centres) / scaling.scales
        matrices = constants.matrices_from_units(self.matrices_of(params))
        return self.retract(self.placed(params, means, matrices), constants)

    def in_units(self, params: Any, constants: Any) -> Any:
        scale, centre = constants.scaling.scales, constants.scaling.centres
        matrices = self.matrices_of(params) * scale[:, None] * scale[None, :]
        made = self.placed(params, params.means * scale + centre, matrices)
        return replace(made, carried=factors_of(constants.structure))

    def means_at(self, means: F64, spread: Any, constants: Any) -> Any:
        scaled = (means - constants.scaling.centres) / constants.scaling.scales
        shared = self.matrices_of(spread)[:1]
        return self.placed(spread, scaled, np.repeat(shared, len(means), axis=0))

    def weaknesses(self, params: Any, constants: Any) -> tuple[Weakness, ...]:
        found: tuple[Weakness, ...] = constants.weaknesses(self.matrices_of(params))
        return found

    def least_distinct_rows(self, constants: Any) -> int:
        return int(constants.structure.least_distinct_rows(constants.d))

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: Any,
        constants: Any,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        regressions = Regressions(params.means, self.matrices_of(params))
        values, spread = encoded.copy(), np.zeros_like(encoded)
        drawn = None if rng is None else drawn_groups(responsibilities, rng)
        for pattern in patterns_of(encoded):
            if not pattern.missing.size:
                continue
            cells = np.ix_(pattern.missing, pattern.chosen)
            members = responsibilities[:, pattern.chosen]
            factor = self.residual_factor(regressions, pattern, params)
            values[cells], spread[cells] = regressions.filled(pattern, members, factor, None, None)
            if rng is not None and drawn is not None:
                chosen = drawn[pattern.chosen]
                factor = self.drawn_factor(regressions, pattern, params, rng)
                values[cells], _ = regressions.filled(pattern, members, factor, rng, chosen)
        return constants.scaling.raw(values), spread * constants.scaling.scales[:, None]

    def quantities(self, params: Any, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        matrices, axes = self.matrices_of(params), ("component", "column")
        widths = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
        shown = (
            Quantity("means", say(self.centre_label), axes, params.means, True),
            Quantity(self.names.widths, say(self.width_label), axes, widths, True),
            *self.other_quantities(params),
        )
        if len(names) == 1:
            return shown
        correlations = matrices / widths[:, :, None] / widths[:, None, :]
        told = say("quantity.correlation")
        return (
            *shown,
            Quantity("correlations", told, (*axes, "column"), correlations),
            *factor_quantities(params.carried, correlations),
        )

    def is_elliptical(self) -> bool:
        return True

    def log_marginal(self, params: Any, directions: F64, centre: F64, points: F64) -> F64 | None:
        # a projection of an elliptical law is the same law in fewer columns
        means = (params.means - centre) @ directions.T
        factors = np.linalg.cholesky(directions @ self.matrices_of(params) @ directions.T)
        white = np.linalg.solve(factors, points[None] - means[:, :, None])
        height = self.log_height(params, len(directions))
        height = height - np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        fall = self.log_fall(params, (white**2).sum(axis=1), len(directions))
        return np.asarray(height[:, None] - fall)

    def simulate(self, params: Any, groups: NDArray[np.intp], rng: np.random.Generator) -> F64:
        factors = np.linalg.cholesky(self.matrices_of(params))
        d = params.means.shape[1]
        rows = np.empty((d, len(groups)))
        for k, mean in enumerate(params.means):
            chosen = np.flatnonzero(groups == k)
            noise = rng.standard_normal((d, len(chosen)))
            noise *= self.stretches(params, k, len(chosen), rng)
            rows[:, chosen] = mean[:, None] + factors[k] @ noise
        return rows
