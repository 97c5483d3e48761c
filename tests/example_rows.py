"""Rows for every law: three overlapping groups of the kind of column that it needs.

A law of a new kind adds its rows to `OWN_ROWS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.law import Law
from emdesk.model.needs import Role

F64 = NDArray[np.float64]
ROWS, GROUPS = 150, 3
NAMES = ("a", "b", "c", "d")


def _clustered_counts(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    means = np.array([[3.0, 8.0, 5.0, 12.0], [12.0, 2.0, 11.0, 4.0], [40.0, 20.0, 3.0, 9.0]])
    sizes = np.array([4.0, 8.0, 6.0])[codes, None]
    return rng.poisson(rng.gamma(sizes, means[codes] / sizes)).T.astype(np.float64)


def _waits(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    means = np.array([[0.5, 8.0, 1.0, 12.0], [6.0, 1.0, 11.0, 0.4], [20.0, 20.0, 3.0, 9.0]])
    return np.asarray(rng.geometric(1 / (1 + means[codes])).T - 1.0)


def _answers(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    chances = np.array([[0.2, 0.8, 0.3, 0.9], [0.9, 0.3, 0.8, 0.7], [0.5, 0.1, 0.1, 0.2]])
    return (rng.random((len(codes), 4)) < chances[codes]).T.astype(np.float64)


def _counts_with_extra_zeros(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    rates = np.array([[4.0, 8.0, 5.0, 12.0], [10.0, 2.0, 11.0, 4.0], [22.0, 14.0, 3.0, 7.0]])
    counting = rng.random((len(codes), 4)) < np.array([0.9, 0.6, 0.75])[codes, None]
    return np.asarray((counting * rng.poisson(rates[codes])).T.astype(np.float64))


def _choices(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    """Answers 1 to 3, in the first group mostly low, in the second mostly high, in the third in the middle."""
    low = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.2, 0.6, 0.2]])
    steps = np.stack([low, low[[1, 2, 0]], low[[2, 0, 1]], low[[0, 2, 1]]], axis=1).cumsum(axis=2)
    chances = rng.random((len(codes), 4, 1))
    return np.asarray(1.0 + (steps[codes, :, :2] < chances).sum(axis=2).T)


def _successes(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    chances = np.array([[0.2, 0.7, 0.3, 0.9], [0.8, 0.2, 0.6, 0.7], [0.5, 0.9, 0.1, 0.2]])
    made = rng.binomial(12, chances[codes].T).astype(np.float64)
    made[:, 0] = 12
    return made


def _made_up_totals(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    shares = np.array([[0.5, 0.1, 0.3, 0.1], [0.1, 0.5, 0.2, 0.2], [0.25, 0.25, 0.1, 0.4]])
    return rng.multinomial(40, shares[codes]).T.astype(np.float64)


def _shares(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    means = np.array([[0.2, 0.8, 0.4, 0.9], [0.8, 0.3, 0.7, 0.3], [0.5, 0.1, 0.1, 0.6]])
    sizes = np.array([9.0, 14.0, 25.0])[codes, None]
    return np.asarray(rng.beta(sizes * means[codes], sizes * (1 - means[codes])).T)


def _leaning(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    places = np.array([[0.0, 1.0, -2.0, 0.5], [4.5, -2.0, 1.0, 4.0], [-5.0, -5.5, 6.0, -3.0]])
    slants = np.array([[3.0, -2.0, 4.0, 2.0], [-2.5, 3.0, -3.0, 4.0], [2.0, 4.0, 2.0, -3.0]])
    lean, noise = rng.standard_normal((2, len(codes), 4))
    tilted = (slants[codes] * np.abs(lean) + noise) / np.hypot(1, slants[codes])
    return np.asarray((10 + 2 * (places[codes] + 1.5 * tilted)).T)


def _directions(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    means = np.array([[0.1, 2.0, 4.5, 1.0], [2.2, 6.1, 5.8, 3.0], [4.3, 4.0, 2.0, 5.5]])
    concentrations = np.array([4.0, 9.0, 6.0])[codes, None]
    return np.asarray(np.remainder(rng.vonmises(means[codes], concentrations).T, 2 * np.pi))


def predictor(rows: int) -> F64:
    """The predictor of the regressions: evenly spread from -2 to 2, in no order."""
    return np.asarray(4.0 * ((np.arange(1, rows + 1) * 0.6180339887) % 1.0) - 2.0)


def _lines(codes: NDArray[np.intp], levels: Sequence[float], slopes: Sequence[float]) -> F64:
    return np.asarray(np.array(levels)[codes] + np.array(slopes)[codes] * predictor(len(codes)))


def _on_a_line(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    lines = _lines(codes, (3.0, 9.0, 14.0), (2.0, -2.0, 0.5))
    return (lines + np.array([1.0, 0.6, 1.4])[codes] * rng.standard_normal(len(codes)))[None]


def _counts_on_a_line(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    rates = np.exp(_lines(codes, (1.0, 2.5, 3.6), (0.7, -0.5, 0.1)))
    return rng.poisson(rates).astype(np.float64)[None]


def _successes_on_a_line(rng: np.random.Generator, codes: NDArray[np.intp]) -> F64:
    odds = _lines(codes, (-2.0, 0.0, 2.5), (0.8, -1.2, 0.4))
    made = rng.binomial(20, 1 / (1 + np.exp(-odds))).astype(np.float64)
    made[0] = 20
    return made[None]


OWN_ROWS: dict[str, Callable[[np.random.Generator, NDArray[np.intp]], F64]] = {
    "bernoulli": _answers,
    "beta": _shares,
    "binomial": _successes,
    "gaussian-regression": _on_a_line,
    "poisson-regression": _counts_on_a_line,
    "binomial-regression": _successes_on_a_line,
    "categorical": _choices,
    "multinomial": _made_up_totals,
    "ordinal": _choices,
    "geometric": _waits,
    "negative-binomial": _clustered_counts,
    "skew-normal": _leaning,
    "von-mises": _directions,
    "zero-inflated-poisson": _counts_with_extra_zeros,
}
"""Rows (4, n) of the given groups for the laws that need others than those of their kind of column."""


def rows_for(law: Law, d: int, rows: int = ROWS, seed: int = 7) -> tuple[F64, NDArray[np.intp]]:
    """Columns (d, n) in three overlapping groups, of the kind that a law needs, and the group of each row."""
    rng = np.random.default_rng(seed)
    codes = np.sort(rng.integers(GROUPS, size=rows))
    if law.id in OWN_ROWS:
        return OWN_ROWS[law.id](rng, codes)[:d], codes
    if law.needs.whole:
        rates = np.array([[3.0, 8.0, 5.0, 12.0], [9.0, 2.0, 11.0, 4.0], [20.0, 14.0, 3.0, 7.0]])
        return rng.poisson(rates[codes, :d].T).astype(np.float64), codes
    centres = np.array([[0.0, 1.0, -2.0, 0.5], [3.5, -2.0, 1.0, 2.0], [-3.0, -2.5, 2.0, -2.0]])
    mixing = np.eye(4) + 0.4 * rng.standard_normal((3, 4, 4))
    noise = np.einsum("nij,nj->in", mixing[codes], rng.standard_normal((rows, 4)))
    made = (centres[codes].T + noise)[:d]
    if law.needs.nonnegative:
        return np.exp(0.4 * made), codes
    return 10.0 + 2.0 * made * np.array([1.0, 3.0, 0.5, 2.0])[:d, None], codes


def dataset_for(law: Law, d: int, rows: int = ROWS, seed: int = 7) -> Dataset:
    """The same as a dataset, with columns for every role that a family may take."""
    columns, codes = rows_for(law, d, rows, seed)
    rng = np.random.default_rng(seed + 1)
    kind = Kind.COUNT if law.needs.whole or law.needs.text else Kind.CONTINUOUS
    made = [Column(n, kind, c) for n, c in zip(NAMES, columns, strict=False)]
    times = np.concatenate([np.arange(part) for part in np.diff(_cuts(rows))])
    made += [
        Column("group", Kind.NOMINAL, codes.astype(np.float64), ("one", "two", "three")),
        Column("weight", Kind.COUNT, rng.integers(0, 4, rows).astype(np.float64)),
        Column("series", Kind.COUNT, np.repeat(np.arange(4.0), np.diff(_cuts(rows)))),
        Column("time", Kind.TIME, times.astype(np.float64)),
    ]
    if Role.PREDICTORS in law.roles:
        made.append(Column("x", Kind.CONTINUOUS, predictor(rows)))
    return Dataset(tuple(made), "example")


def _cuts(rows: int) -> NDArray[np.intp]:
    return np.array([0, rows // 5, rows // 5 + 10, rows // 2, rows])
