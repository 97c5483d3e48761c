"""The frame that laws of one response given predictors share: design, coefficients, steps, constraints, tables.

Given its group a row's response has a law whose linear predictor is a sum of terms, each with the coefficient of the
group. In a fit the terms are orthogonal (see `design`); a pass keeps score and information of every group at the
current coefficients, and an M-step moves along them. A missing response says nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.design import Design, Terms, coded, design_of, raw_terms
from emdesk.model.law import Quantity, Workspace
from emdesk.model.marks import Picture, View
from emdesk.model.needs import Role
from emdesk.model.numerics.regression import cross_products, matrices_of, pairs
from emdesk.model.pictures.groups import Groups
from emdesk.model.pictures.regression import Regression, regression_picture
from emdesk.model.plain_law import PlainLaw, drawn_groups
from emdesk.model.positive import chosen_columns
from emdesk.model.regression_holding import BoundCoefficients, bound_coefficients
from emdesk.model.regression_sums import Block, Kernel, RegressionConstants, RegressionSums
from emdesk.model.rows import Rows
from emdesk.texts import say

F64 = NDArray[np.float64]
P = TypeVar("P")
C = TypeVar("C", bound="RegressionConstants")


class RegressionLaw(PlainLaw, ABC, Generic[P, C]):
    """A base for laws of a response given predictors; P are its params, C its constants."""

    roles: ClassVar[tuple[Role, ...]] = (Role.PREDICTORS,)
    leaves_cells_out: ClassVar[bool] = True
    holdable: ClassVar[tuple[str, ...]] = ("coefficients",)
    tieable: ClassVar[tuple[str, ...]] = ("coefficients",)

    # what a law says of itself

    @abstractmethod
    def log_terms(self, block: Block, predictors: F64, kernel: Kernel, out: F64) -> None:
        """Write the log densities (K, m) at linear predictors (K, m) into out, which may be the same array."""

    @abstractmethod
    def residuals(self, block: Block, predictors: F64, work: Workspace) -> tuple[F64, F64 | None]:
        """The derivatives (K, m) of the log density by the linear predictor, up to a factor of each group, and minus
        the second ones; None for 1."""

    @abstractmethod
    def params_of(self, coefficients: F64, params: P | None, constants: C) -> P:
        """Params with these coefficients (K, p) of the fit, the others as in `params` or neutral."""

    @abstractmethod
    def spreads_of(self, params: P) -> F64:
        """(K,) what the kernel needs besides the coefficients."""

    @abstractmethod
    def base(self, constants: C) -> F64:
        """(p,) the coefficients that residuals are taken from where there are no params yet."""

    @abstractmethod
    def means_and_variances(self, predictors: F64, trials: F64, params: P) -> tuple[F64, F64]:
        """Means and variances (K, m) of the response at linear predictors (K, m) in units."""

    @abstractmethod
    def draw(
        self, predictors: F64, trials: F64, groups: NDArray[np.intp], params: P, rng: Any
    ) -> F64:
        """(m,) responses drawn at linear predictors (m,) in units."""

    def settle(self, block: Block, predictors: F64) -> None:
        """Turn linear predictors (K, m) in place into what `log_terms` and `residuals` are given."""

    # what follows

    def coefficients_of(self, params: P) -> F64:
        """(K, p) the coefficients."""
        found: F64 = params.coefficients  # type: ignore[attr-defined]
        return found

    def carried_by(self, params: P) -> Terms:
        """What the coefficients belong to."""
        found: Terms = params.carried  # type: ignore[attr-defined]
        return found

    def checked_design(self, rows: Rows, has_intercept: bool) -> Design:
        """The design of the predictors; a DataProblem if there is not one response, or no predictor."""
        rows.held.refuse_others(self.holdable)
        if len(rows.names) > 1:
            raise DataProblem(
                say("regression.one_response", count=len(rows.names)),
                columns=rows.names,
                remedy=say("regression.choose_response"),
            )
        if not len(rows.roles.get(Role.PREDICTORS, ())):
            raise DataProblem(
                say("regression.no_predictors"),
                columns=rows.names,
                remedy=say("regression.choose_predictors", name=rows.names[0]),
            )
        if np.isnan(rows.columns).all():
            raise DataProblem(
                say("data.all_missing", name=rows.names[0]),
                columns=rows.names,
                remedy=say("data.leave_constant_out"),
            )
        return design_of(rows, Role.PREDICTORS, has_intercept)

    def bound_of(self, rows: Rows, size: int, to_units: Callable[[F64], F64]) -> BoundCoefficients:
        """What of the coefficients is held and tied: `to_units` takes coefficients (K, p) of the fit to the analyst's
        units, and is affine."""
        return bound_coefficients(rows.held, (rows.groups, size), to_units)

    def laid_out(self, terms: F64, responses: F64, extras: F64) -> F64:
        """The encoded rows: terms, response (NaN where missing), extra numbers."""
        return np.concatenate([terms, responses[None], extras])

    def coordinates(self, encoded: F64, constants: C) -> F64:
        """What one regression of all rows leaves of the response, times each term: a row of a group whose line is
        higher or steeper pulls the common coefficients the same way as the others of its group, wherever it lies."""
        return np.asarray(encoded[: constants.design.size] * self.left_over(encoded, constants))

    def left_over(self, encoded: F64, constants: C) -> F64:
        """(m,) the response without what one regression of all rows explains, in units of its spread."""
        return np.asarray(encoded[constants.design.size])

    def feature_rows(self, constants: C) -> int:
        p = constants.design.size
        return p + 1 + constants.extras + pairs(p) + 6

    def features(self, encoded: F64, constants: C, work: Workspace) -> Block:
        p = constants.design.size
        responses, marks = encoded[p], None
        if constants.has_gaps or np.isnan(responses).any():
            there = ~np.isnan(responses)
            responses, marks = np.where(there, responses, 0.0), there.astype(np.float64)
        return Block(encoded[:p], responses, encoded[p + 1 :], marks)

    def kernel(self, params: P, offsets: F64, constants: C) -> Kernel:
        return Kernel(self.coefficients_of(params), self.spreads_of(params), offsets)

    def log_peak(self, params: P, constants: C) -> F64 | None:
        return None

    def _predictors(self, block: Block, kernel: Kernel, work: Workspace) -> F64:
        if block.seen is not None and block.seen[0] is kernel:
            return block.seen[1]
        groups, m = len(kernel.coefficients), block.terms.shape[1]
        made = work.array("regression.predictors", groups, m)
        np.matmul(kernel.coefficients, block.terms, out=made)
        self.settle(block, made)
        block.seen = kernel, made
        return made

    def log_density(self, features: Block, kernel: Kernel, out: F64, work: Workspace) -> None:
        self.log_terms(features, self._predictors(features, kernel, work), kernel, out)
        if features.marks is not None:
            out *= features.marks
        out += kernel.offsets[:, None]

    def statistics(
        self,
        features: Block,
        responsibilities: F64,
        kernel: Kernel | None,
        constants: C,
        work: Workspace,
    ) -> RegressionSums:
        groups, p = len(responsibilities), len(features.terms)
        if kernel is None:
            at = np.tile(self.base(constants), (groups, 1))
            kernel = Kernel(constants.bound.put(at), np.ones(groups), np.zeros(groups))
        counts = responsibilities.sum(axis=1)
        members, seen = responsibilities, counts
        if features.marks is not None:
            members = responsibilities * features.marks
            seen = members.sum(axis=1)
        left, bend = self.residuals(features, self._predictors(features, kernel, work), work)
        weighted = work.array("regression.weighted", *left.shape)
        np.multiply(members, left, out=weighted)
        score = weighted @ features.terms.T
        squares = np.vecdot(weighted, left)
        products = cross_products(
            features.terms, work.array("regression.products", pairs(p), features.terms.shape[1])
        )
        of_rows = members if bend is None else np.multiply(members, bend, out=weighted)
        information = matrices_of(of_rows @ products.T, p)
        return RegressionSums(counts, seen, score, information, squares, kernel.coefficients)

    def least_distinct_rows(self, constants: C) -> int:
        return constants.design.size + 1

    def means_at(self, means: F64, spread: P, constants: C) -> P:
        """The common coefficients, moved as little as gives these means at the average predictors."""
        average = constants.design.average
        common = np.repeat(self.coefficients_of(spread)[:1], len(means), axis=0)
        short = self.linked(means[:, 0], constants) - common @ average
        moved = common + short[:, None] * average / max(float(average @ average), 1e-300)
        return self.params_of(
            constants.bound.put(moved), self.repeated(spread, len(means)), constants
        )

    @abstractmethod
    def linked(self, means: F64, constants: C) -> F64:
        """(K,) the linear predictors of the fit at which the response has these means."""

    @abstractmethod
    def repeated(self, params: P, groups: int) -> P:
        """The first group of params so many times."""

    def quantities(self, params: P, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        terms = self.carried_by(params)
        return (
            Quantity(
                "coefficients",
                say("quantity.coefficient"),
                ("component", "term"),
                self.coefficients_of(params),
                columns=terms.names,
            ),
        )

    def _at_average(self, params: P) -> tuple[F64, F64]:
        terms = self.carried_by(params)
        predictors = self.coefficients_of(params) @ terms.averages + terms.level
        trials = np.full((1, 1), terms.trials)
        return self.means_and_variances(predictors[:, None], trials, params)

    def moments(self, params: P) -> tuple[F64, F64]:
        """At the average predictors."""
        means, variances = self._at_average(params)
        return means, variances[:, :, None]

    def log_marginal(self, params: P, directions: F64, centre: F64, points: F64) -> F64 | None:
        """At the average predictors."""
        if chosen_columns(directions, centre) is None:
            return None
        terms = self.carried_by(params)
        predictors = self.coefficients_of(params) @ terms.averages + terms.level
        return self.log_response(points[0], predictors[:, None], terms.trials, params)

    @abstractmethod
    def log_response(self, values: F64, predictors: F64, trials: float, params: P) -> F64:
        """(K, m) log densities of responses (m,) at linear predictors (K, 1) in units."""

    def draw_given(
        self, params: P, rows: Rows, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        """(1, n) responses of the given groups at the predictors of rows, whatever their responses; params in units."""
        predictors = self._linear(self.raw(rows), params) + self.added(rows)
        own = predictors[groups, np.arange(len(groups))]
        return self.draw(own, self.trials_of(rows, params), groups, params, rng)[None]

    def trials_of(self, rows: Rows, params: P) -> F64:
        """(n,) the trials of every row."""
        return np.ones(rows.columns.shape[1])

    def simulate(self, params: P, groups: NDArray[np.intp], rng: np.random.Generator) -> F64:
        """At the average predictors."""
        terms = self.carried_by(params)
        predictors = self.coefficients_of(params) @ terms.averages + terms.level
        trials = np.full(len(groups), terms.trials)
        return self.draw(predictors[groups], trials, groups, params, rng)[None]

    def simulate_at(
        self,
        encoded: F64,
        params: P,
        constants: C,
        groups: NDArray[np.intp],
        rng: np.random.Generator,
    ) -> F64:
        predictors, trials = self.in_units_of_rows(encoded, params, constants)
        own = predictors[groups, np.arange(len(groups))]
        return self.draw(own, trials, groups, self.in_units(params, constants), rng)[None]

    @abstractmethod
    def in_units_of_rows(self, encoded: F64, params: P, constants: C) -> tuple[F64, F64]:
        """Linear predictors (K, m) in units and trials (m,) of encoded rows, of params of the fit."""

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: P,
        constants: C,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        shown = self.in_units(params, constants)
        predictors, trials = self.in_units_of_rows(encoded, params, constants)
        means, variances = self.means_and_variances(predictors, trials, shown)
        centre = (responsibilities * means).sum(axis=0)
        spread = np.sqrt((responsibilities * (variances + (means - centre) ** 2)).sum(axis=0))
        if rng is not None:
            chosen = drawn_groups(responsibilities, rng)
            own = predictors[chosen, np.arange(len(chosen))]
            centre = self.draw(own, trials, chosen, shown, rng)
        gaps = np.isnan(encoded[constants.design.size])
        observed = self.observed(encoded, constants)
        values = np.where(gaps, centre, observed)
        return values[None], np.where(gaps, spread, 0.0)[None]

    @abstractmethod
    def observed(self, encoded: F64, constants: C) -> F64:
        """(m,) the responses in units."""

    def picture(
        self, groups: Groups, rows: Rows, units: Mapping[str, str], view: View
    ) -> Picture | None:
        if np.isnan(rows.columns).all():
            return None
        return regression_picture(groups, self.shown(rows, groups.params, units), view)

    def shown(self, rows: Rows, params: P | None, units: Mapping[str, str]) -> Regression:
        """What a picture shows of the rows and of params in units."""
        names = rows.role_names[Role.PREDICTORS]
        categories = rows.role_categories.get(Role.PREDICTORS, ((),) * len(names))
        response, values, trials = self.seen_response(rows)
        expected, fitted = None, None
        if params is not None:

            def expected(columns: F64) -> F64:
                raw, _ = coded(columns, names, categories)
                predictors = self._linear(raw, params) + self.carried_by(params).level
                return self.means_and_variances(predictors, np.ones(columns.shape[1]), params)[0]

            def fitted() -> tuple[F64, F64]:
                predictors = self._linear(self.raw(rows), params) + self.added(rows)
                means, variances = self.means_and_variances(predictors, trials, params)
                return means / trials, np.sqrt(variances) / trials

        return Regression(
            response,
            values,
            names,
            rows.roles[Role.PREDICTORS],
            categories,
            expected,
            fitted,
            tuple(units.get(name, "") for name in (rows.names[0], *names)),
        )

    def _linear(self, raw: F64, params: P) -> F64:
        """(K, m) what the coefficients in units make of raw terms (q, m)."""
        coefficients = self.coefficients_of(params)
        if coefficients.shape[1] == len(raw):
            return np.asarray(coefficients @ raw)
        return np.asarray(coefficients[:, :1] + coefficients[:, 1:] @ raw)

    def seen_response(self, rows: Rows) -> tuple[str, F64, F64]:
        """The name of what a picture shows of the response, its values (n,), and the trials (n,) they are shares of."""
        return rows.names[0], rows.columns[0], np.ones(rows.columns.shape[1])

    def added(self, rows: Rows) -> F64:
        """(n,) what is added to the linear predictor of each row."""
        return np.zeros(rows.columns.shape[1])

    def raw(self, rows: Rows) -> F64:
        """(q, n) the raw terms of rows."""
        return raw_terms(rows, Role.PREDICTORS)[0]
