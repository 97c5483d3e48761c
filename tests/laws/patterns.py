"""Published tables of patterns, and latent class likelihoods that are maximised without EM."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_CARCINOMA = """1111111:34 1111211:2 1211111:6 1211112:1 1211211:4 1211212:5 2111111:2 2121212:1 2211111:2 2211112:1
    2211211:2 2211212:7 2211222:1 2212112:1 2212212:2 2212222:3 2221212:13 2221222:5 2222212:10 2222222:16"""
_VALUES = """1111:20 1112:2 1121:9 1122:2 1211:6 1212:1 1221:4 1222:1 2111:38 2112:7 2121:24 2122:6 2211:25 2212:6
    2221:23 2222:42"""
_GSS82 = """1111:419 1112:35 1113:2 1121:71 1122:25 1123:5 1211:270 1212:25 1213:4 1221:42 1222:16 1223:5 2111:23
    2112:4 2113:1 2121:6 2122:2 2211:43 2212:9 2213:2 2221:9 2222:3 2223:2 3111:26 3112:3 3121:1 3122:2 3211:85
    3212:23 3213:6 3221:13 3222:12 3223:8"""
_LSAT6 = "3 6 2 11 1 1 3 4 1 8 0 16 0 3 2 15 10 29 14 81 3 28 15 80 16 56 21 173 11 61 28 298"


def patterns(text: str) -> tuple[F64, F64]:
    """Columns (d, n) of the patterns and how often each was seen, from `pattern:count` words."""
    pairs = [word.split(":") for word in text.split()]
    rows = np.array([[float(cell) for cell in pattern] for pattern, _ in pairs])
    return np.ascontiguousarray(rows.T), np.array([float(count) for _, count in pairs])


def carcinoma() -> tuple[F64, F64]:
    """Seven pathologists on 118 slides, 2 where one saw carcinoma (Landis and Koch 1977)."""
    return patterns(_CARCINOMA)


def values() -> tuple[F64, F64]:
    """Four questions on values, 216 persons (Stouffer and Toby 1951; Goodman 1974)."""
    return patterns(_VALUES)


def gss82() -> tuple[F64, F64]:
    """Four questions on surveys, 1202 persons of the General Social Survey 1982 (McCutcheon 1987)."""
    return patterns(_GSS82)


def lsat6() -> tuple[F64, F64]:
    """Five items of the Law School Admission Test, 1000 persons (Bock and Lieberman 1970)."""
    counts = np.array([float(word) for word in _LSAT6.split()])
    rows = (np.arange(32)[None] >> np.arange(5)[::-1, None]) & 1
    seen = counts > 0
    return rows[:, seen].astype(np.float64), counts[seen]


def log_shares(free: F64) -> F64:
    """(..., C) logarithms of shares from C - 1 free numbers, the last one being 0."""
    logits = np.concatenate([free, np.zeros((*free.shape[:-1], 1))], axis=-1)
    top = logits.max(axis=-1, keepdims=True)
    return np.asarray(logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True)))


def categorical_density(rows: F64) -> Callable[[F64], F64]:
    """Log-ratios (K, sum of C - 1) to log densities (K, n), for a search that knows nothing of EM."""
    codes = [np.unique(cells, return_inverse=True)[1] for cells in rows]
    widths = [int(c.max()) for c in codes]
    edges = np.cumsum([0, *widths])

    def of(free: F64) -> F64:
        total = np.zeros((len(free), rows.shape[1]))
        for j, places in enumerate(codes):
            total += log_shares(free[:, edges[j] : edges[j + 1]])[:, places]
        return total

    return of


def widths_of(rows: F64) -> list[int]:
    """C - 1 of every column."""
    return [len(np.unique(cells)) - 1 for cells in rows]
