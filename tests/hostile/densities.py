"""Log densities by the formulas of textbooks, from the parameters that a result shows, at any scale.

They share no code with the program. Cells may be missing: columns that are independent leave them out, a matrix loses
its row and column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, i0e, log_ndtr, logsumexp, xlog1py, xlogy

from tests.laws.exact import log_gamma, with_digits

F64 = NDArray[np.float64]
Params = Mapping[str, F64]
LOG_2_PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, eq=False)
class Cells:
    """Columns (d, n) that are modelled, and predictors (q, n) where there are some."""

    columns: F64
    predictors: F64


def mixture(log_densities: F64, weights: F64, row_weights: F64 | None) -> float:
    """The log-likelihood of a mixture from log densities (K, n)."""
    with np.errstate(divide="ignore"):
        each = logsumexp(log_densities + np.log(weights)[:, None], axis=0)
    return float(each.sum() if row_weights is None else row_weights @ each)


def _over_columns(formula: Callable[..., F64], cells: Cells, *params: F64) -> F64:
    """The sum over columns of a formula of cells (1, n) and parameters (K, 1), missing cells left out."""
    total = np.zeros((len(params[0]), cells.columns.shape[1]))
    for j, column in enumerate(cells.columns):
        there = ~np.isnan(column)
        total[:, there] += formula(column[None, there], *(p[:, j, None] for p in params))
    return total


def _distances(x: F64, mean: F64, matrix: F64) -> tuple[F64, float]:
    """Squared distances (n,) of rows (d, n), and the logarithm of the root of the determinant; columns are divided by
    their standard deviations first."""
    spread = np.sqrt(np.diagonal(matrix))
    factor = np.linalg.cholesky(matrix / spread[:, None] / spread[None, :])
    white = np.linalg.solve(factor, (x - mean[:, None]) / spread[:, None])
    root = np.log(np.diagonal(factor)).sum() + np.log(spread).sum()
    return np.asarray((white**2).sum(axis=0)), float(root)


def _by_patterns(formula: Callable[..., F64], cells: Cells, params: Params, matrices: str) -> F64:
    total = np.zeros((len(params["weights"]), cells.columns.shape[1]))
    there = ~np.isnan(cells.columns)
    for seen in np.unique(there, axis=1).T:
        rows = np.flatnonzero((there == seen[:, None]).all(axis=0))
        for k, (mean, matrix) in enumerate(zip(params["means"], params[matrices], strict=True)):
            part = matrix[np.ix_(seen, seen)]
            squares, root = _distances(cells.columns[np.ix_(seen, rows)], mean[seen], part)
            total[k, rows] = formula(squares, root, int(seen.sum()), k)
    return total


def gaussian(cells: Cells, params: Params) -> F64:
    def formula(squares: F64, root: float, d: int, k: int) -> F64:
        return np.asarray(-0.5 * squares - root - 0.5 * d * LOG_2_PI)

    return _by_patterns(formula, cells, params, "covariances")


def student_t(cells: Cells, params: Params) -> F64:
    def formula(squares: F64, root: float, d: int, k: int) -> F64:
        df = params["degrees"][k]
        height = gammaln(0.5 * (df + d)) - gammaln(0.5 * df) - 0.5 * d * np.log(df * np.pi)
        return np.asarray(height - root - 0.5 * (df + d) * np.log1p(squares / df))

    return _by_patterns(formula, cells, params, "scales")


def joint_skew_normal(cells: Cells, params: Params) -> F64:
    total = np.empty((len(params["locations"]), cells.columns.shape[1]))
    there = ~np.isnan(cells.columns)
    for seen in np.unique(there, axis=1).T:
        rows = np.flatnonzero((there == seen[:, None]).all(axis=0))
        points = cells.columns[np.ix_(seen, rows)]
        triples = zip(params["locations"], params["scales"], params["slants"], strict=True)
        for k, (location, scale, slant) in enumerate(triples):
            pulled = scale @ (slant / np.sqrt(np.diagonal(scale)))
            shift = pulled / np.sqrt(1 + pulled @ np.linalg.solve(scale, pulled))
            part, own = scale[np.ix_(seen, seen)], shift[seen]
            squares, root = _distances(points, location[seen], part)
            pull = np.linalg.solve(part, own)
            tilt = pull @ (points - location[seen][:, None]) / np.sqrt(1 - own @ pull)
            height = np.log(2) - 0.5 * seen.sum() * LOG_2_PI - root
            total[k, rows] = height - 0.5 * squares + log_ndtr(tilt)
    return total


def skew_normal(cells: Cells, params: Params) -> F64:
    if params["scales"].ndim == 3:
        return joint_skew_normal(cells, params)

    def formula(x: F64, location: F64, scale: F64, slant: F64) -> F64:
        z = (x - location) / scale
        height = np.log(2) - 0.5 * LOG_2_PI - np.log(scale)
        return np.asarray(height - 0.5 * z**2 + log_ndtr(slant * z))

    return _over_columns(formula, cells, params["locations"], params["scales"], params["slants"])


def log_normal(cells: Cells, params: Params) -> F64:
    def formula(x: F64, mean: F64, sd: F64) -> F64:
        logs = np.log(x)
        return np.asarray(-0.5 * ((logs - mean) / sd) ** 2 - np.log(sd) - 0.5 * LOG_2_PI - logs)

    return _over_columns(formula, cells, params["log_means"], params["log_sds"])


def gamma(cells: Cells, params: Params) -> F64:
    def formula(x: F64, shape: F64, scale: F64) -> F64:
        # shape log(x / scale) - x / scale - log Gamma(shape), about the mean where that is a difference of giants
        ratio = x / scale / shape
        about = np.where(
            np.abs(ratio - 1) < 0.1,
            np.log1p(np.clip(ratio - 1, -0.1, 0.1)),
            np.log(x) - np.log(scale * shape),
        )
        height = np.where(
            shape > 1e4,
            0.5 * np.log(shape / (2 * np.pi)) - 1 / (12 * shape),
            shape * np.log(shape) - shape - gammaln(shape),
        )
        return np.asarray(height + shape * (about - (ratio - 1)) - np.log(x))

    return _over_columns(formula, cells, params["shapes"], params["scales"])


def weibull(cells: Cells, params: Params) -> F64:
    def formula(x: F64, shape: F64, scale: F64) -> F64:
        place = shape * np.log(x / scale)
        return np.asarray(np.log(shape) - np.log(x) + place - np.exp(place))

    return _over_columns(formula, cells, params["shapes"], params["scales"])


def inverse_gaussian(cells: Cells, params: Params) -> F64:
    def formula(x: F64, mean: F64, shape: F64) -> F64:
        off = (x - mean) / mean
        away = (shape / mean) * off * off / (x / mean)
        return np.asarray(0.5 * (np.log(shape) - LOG_2_PI) - 1.5 * np.log(x) - 0.5 * away)

    return _over_columns(formula, cells, params["means"], params["shapes"])


def exponential(cells: Cells, params: Params) -> F64:
    return _over_columns(lambda x, m: -np.log(m) - x / m, cells, params["means"])


def beta(cells: Cells, params: Params) -> F64:
    def formula(x: F64, a: F64, b: F64) -> F64:
        return np.asarray(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))

    return _over_columns(formula, cells, params["alphas"], params["betas"])


def von_mises(cells: Cells, params: Params) -> F64:
    turns = 2 * np.pi / params["periods"]
    total = np.zeros((len(params["weights"]), cells.columns.shape[1]))
    for j, column in enumerate(cells.columns):
        there = ~np.isnan(column)
        mean, kappa = params["mean_directions"][:, j, None], params["concentrations"][:, j, None]
        angle = turns[j] * (column[None, there] - mean)
        height = np.where(
            kappa > 1e5,
            0.5 * (np.log(kappa) - LOG_2_PI) - 1 / (8 * kappa),
            -np.log(i0e(kappa)) - LOG_2_PI,
        )
        log_turn = np.log(params["periods"][j]) - LOG_2_PI
        total[:, there] += height - 2 * kappa * np.sin(0.5 * angle) ** 2 - log_turn
    return total


def poisson(cells: Cells, params: Params) -> F64:
    return _over_columns(lambda x, r: xlogy(x, r) - r - gammaln(x + 1), cells, params["rates"])


def geometric(cells: Cells, params: Params) -> F64:
    def formula(x: F64, p: F64) -> F64:
        return np.asarray(np.log(p) + xlog1py(x, -p))

    return _over_columns(formula, cells, params["probabilities"])


def negative_binomial(cells: Cells, params: Params) -> F64:
    def formula(x: F64, mean: F64, dispersion: F64) -> F64:
        if x.max() > 2e6:
            return _of_huge_counts(x, mean, dispersion)
        # log Gamma(x + size) - log Gamma(size) - x log size as a product of x factors
        steps = np.log1p(dispersion * np.arange(x.max() + 1)).cumsum(axis=1)
        before = np.concatenate([np.zeros_like(dispersion), steps], axis=1)
        rising = before[:, x[0].astype(int)]
        logs = rising - gammaln(x + 1) + xlogy(x, mean)
        return np.asarray(logs - (x + 1 / dispersion) * np.log1p(dispersion * mean))

    return _over_columns(formula, cells, params["means"], params["dispersions"])


def _of_huge_counts(x: F64, means: F64, dispersions: F64) -> F64:
    """With sixty digits: the terms are differences of numbers that leave a double none."""

    def exactly(count: Decimal, mean: Decimal, dispersion: Decimal) -> Decimal:
        size, scaled = 1 / dispersion, dispersion * mean
        rising = log_gamma(count + size) - log_gamma(size) - log_gamma(count + 1)
        return rising + count * scaled.ln() - (count + size) * (1 + scaled).ln()

    pairs = zip(means[:, 0].tolist(), dispersions[:, 0].tolist(), strict=True)
    made = [[float(with_digits(exactly, c, m, a)) for c in x[0].tolist()] for m, a in pairs]
    return np.array(made, dtype=np.float64)


def zero_inflated_poisson(cells: Cells, params: Params) -> F64:
    def formula(x: F64, rate: F64, extra: F64) -> F64:
        counting = np.log1p(-extra) + xlogy(x, rate) - rate - gammaln(x + 1)
        with np.errstate(divide="ignore"):
            zero = np.logaddexp(np.log(extra), counting)
        return np.asarray(np.where(x > 0, counting, zero), dtype=np.float64)

    return _over_columns(formula, cells, params["rates"], params["extra_zeros"])


def _binomial(x: F64, trials: F64 | float, p: F64) -> F64:
    coefficient = gammaln(trials + 1.0) - gammaln(x + 1) - gammaln(trials - x + 1)
    return np.asarray(coefficient + xlogy(x, p) + xlog1py(trials - x, -p))


def binomial(cells: Cells, params: Params) -> F64:
    """Out of the largest count of each column."""
    total = np.zeros((len(params["weights"]), cells.columns.shape[1]))
    for j, column in enumerate(cells.columns):
        there = ~np.isnan(column)
        p = params["probabilities"][:, j, None]
        total[:, there] += _binomial(column[None, there], np.nanmax(column), p)
    return total


def multinomial(cells: Cells, params: Params) -> F64:
    x = cells.columns
    coefficient = gammaln(x.sum(axis=0) + 1) - gammaln(x + 1).sum(axis=0)
    return np.asarray(coefficient + xlogy(x[None], params["shares"][:, :, None]).sum(axis=1))


def bernoulli(cells: Cells, params: Params) -> F64:
    return _over_columns(
        lambda x, p: np.where(x > 0, np.log(p), np.log1p(-p)), cells, params["probabilities"]
    )


def _looked_up(cells: Cells, values: F64, chances: F64) -> F64:
    """Chances (K, d, C) of the categories `values` (d, C)."""
    total = np.zeros((len(chances), cells.columns.shape[1]))
    for j, column in enumerate(cells.columns):
        for i in np.flatnonzero(~np.isnan(column)):
            place = int(np.flatnonzero(values[j] == column[i])[0])
            total[:, i] += np.log(np.maximum(chances[:, j, place], 1e-300))
    return total


def categorical(cells: Cells, params: Params) -> F64:
    return _looked_up(cells, params["values"], params["probabilities"])


def ordinal(cells: Cells, params: Params) -> F64:
    values = params["values"]
    logs = params["intercepts"][None] + params["slopes"][:, :, None] * params["scores"][None]
    is_repeated = np.concatenate([np.zeros((len(values), 1)), np.diff(values, axis=1) == 0], axis=1)
    logs = np.where(is_repeated > 0, -np.inf, logs)
    return _looked_up(cells, values, np.exp(logs - logsumexp(logs, axis=2, keepdims=True)))


def _lines(cells: Cells, params: Params) -> F64:
    coefficients = params["coefficients"]
    return np.asarray(coefficients[:, :1] + coefficients[:, 1:] @ cells.predictors)


def gaussian_regression(cells: Cells, params: Params) -> F64:
    sds = params["sds"][:, None]
    away = (cells.columns - _lines(cells, params)) / sds
    return np.asarray(-0.5 * away**2 - np.log(sds) - 0.5 * LOG_2_PI)


def poisson_regression(cells: Cells, params: Params) -> F64:
    x, logs = cells.columns, _lines(cells, params)
    return np.asarray(x * logs - np.exp(logs) - gammaln(x + 1))


def binomial_regression(cells: Cells, params: Params) -> F64:
    """Out of the largest count."""
    x, logits = cells.columns, _lines(cells, params)
    trials = float(np.nanmax(x))
    coefficient = gammaln(trials + 1) - gammaln(x + 1) - gammaln(trials - x + 1)
    return np.asarray(coefficient + x * logits - trials * np.logaddexp(0.0, logits))


FORMULAS: dict[str, Callable[[Cells, Params], F64]] = {
    "bernoulli": bernoulli,
    "beta": beta,
    "binomial": binomial,
    "binomial-regression": binomial_regression,
    "categorical": categorical,
    "exponential": exponential,
    "gamma": gamma,
    "gaussian": gaussian,
    "gaussian-regression": gaussian_regression,
    "geometric": geometric,
    "inverse-gaussian": inverse_gaussian,
    "log-normal": log_normal,
    "multinomial": multinomial,
    "negative-binomial": negative_binomial,
    "ordinal": ordinal,
    "poisson": poisson,
    "poisson-regression": poisson_regression,
    "skew-normal": skew_normal,
    "student-t": student_t,
    "von-mises": von_mises,
    "weibull": weibull,
    "zero-inflated-poisson": zero_inflated_poisson,
}
"""The formula of each law, by its id."""
