"""The terms of a linear predictor: an intercept, columns of numbers, and columns of text by treatment coding.

A column of text with C categories becomes C - 1 columns of 0 and 1, one for each category but the first, which is the
reference. Inside a fit the terms are centred, scaled and made orthogonal to each other over all rows, so that neither
an offset of 1e8 nor nearly collinear columns cost digits; outside they are what the analyst typed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.needs import Role
from emdesk.model.params import Carried
from emdesk.model.rows import Rows
from emdesk.model.scaling import scaling_of
from emdesk.texts import say

F64 = NDArray[np.float64]
COLLINEAR = 1e-7
"""A term of which less than this share is left after the terms before it is a combination of them."""


@dataclass(frozen=True, eq=False)
class Terms(Carried):
    """What coefficients belong to: the names of the terms, and their averages (p,) over the rows, the intercept's
    being 1. `level` is the average of what else is added to the linear predictor, `trials` the average trials;
    `axis` is what the axis is called that has the terms."""

    names: tuple[str, ...] = ()
    averages: F64 = field(default_factory=lambda: np.zeros(0))
    level: float = 0.0
    trials: float = 1.0
    axis: str = "term"

    def names_along(self, axis: str) -> tuple[str, ...]:
        return self.names if axis == self.axis else ()


NO_TERMS = Terms()


@dataclass(frozen=True, eq=False)
class Design:
    """How raw terms (q, n) become those of a fit (p, n), where p counts the intercept.

    `centres` and `scales` (q,) standardise them, `turn` (p, p) makes them orthogonal, of mean square 1: the terms of a
    fit are turn' times the standardised ones. `back` is its inverse.
    """

    names: tuple[str, ...]
    has_intercept: bool
    centres: F64
    scales: F64
    averages: F64
    turn: F64
    back: F64

    @property
    def size(self) -> int:
        """p, the number of terms."""
        return len(self.names)

    @property
    def average(self) -> F64:
        """(p,) the terms of a fit of an average row."""
        return np.asarray(self.terms(self.averages[int(self.has_intercept) :, None])[:, 0])

    def terms(self, raw: F64) -> F64:
        """(p, n) the terms of a fit."""
        return np.ascontiguousarray(self.turn.T @ self._standardised(raw))

    def _standardised(self, raw: F64) -> F64:
        made = (raw - self.centres[:, None]) / self.scales[:, None]
        if not self.has_intercept:
            return np.asarray(made)
        return np.concatenate([np.ones((1, raw.shape[1])), made])

    def with_intercept(self, raw: F64) -> F64:
        """(p, n) the raw terms, the intercept's ones before them."""
        return np.concatenate([np.ones((1, raw.shape[1])), raw]) if self.has_intercept else raw

    def in_units(self, coefficients: F64) -> F64:
        """Coefficients (K, p) of the fit as those of the raw terms."""
        made = coefficients @ self.turn.T
        if not self.has_intercept:
            return np.asarray(made / self.scales)
        slopes = made[:, 1:] / self.scales
        return np.concatenate([made[:, :1] - (slopes @ self.centres)[:, None], slopes], axis=1)

    def from_units(self, coefficients: F64) -> F64:
        """The inverse of `in_units`."""
        if not self.has_intercept:
            return np.asarray(coefficients * self.scales @ self.back.T)
        slopes = coefficients[:, 1:]
        level = coefficients[:, :1] + (slopes @ self.centres)[:, None]
        return np.asarray(np.concatenate([level, slopes * self.scales], axis=1) @ self.back.T)


def raw_terms(rows: Rows, role: Role) -> tuple[F64, tuple[str, ...]]:
    """The columns with a role as terms (q, n), and their names: text is coded."""
    columns = rows.roles.get(role)
    if columns is None:
        return np.zeros((0, rows.columns.shape[1])), ()
    names = rows.role_names.get(role, ())
    categories = rows.role_categories.get(role, ((),) * len(names))
    return coded(columns, names, categories)


def coded(
    columns: F64, names: tuple[str, ...], categories: tuple[tuple[str, ...], ...]
) -> tuple[F64, tuple[str, ...]]:
    """Columns (c, n) as terms (q, n) and their names; text by treatment coding."""
    made: list[F64] = []
    called: list[str] = []
    for column, name, words in zip(columns, names, categories, strict=True):
        if not words:
            made.append(column[None])
            called.append(name)
            continue
        codes = np.arange(1, len(words))[:, None]
        made.append((column == codes).astype(np.float64))
        called += [say("term.category", name=name, category=word) for word in words[1:]]
    raw = np.concatenate(made) if made else np.zeros((0, columns.shape[1]))
    return raw, tuple(called)


def design_of(rows: Rows, role: Role, has_intercept: bool) -> Design:
    """The design of the columns with a role; a DataProblem names a column that has no coefficient of its own."""
    plain = plain_design(rows, role, has_intercept)
    raw, _ = raw_terms(rows, role)
    names, weights, n = plain.names, rows.weights, raw.shape[1]
    root = np.full(n, np.sqrt(1.0 / n)) if weights is None else np.sqrt(weights / weights.sum())
    factor: F64 = np.asarray(np.linalg.qr((plain.terms(raw) * root).T, mode="r"))
    _refuse_few(names, n if weights is None else int((weights > 0).sum()))
    try:
        _refuse_combinations(factor, names, has_intercept, rows.role_names.get(role, ()))
    except DataProblem as problem:
        _refuse_unseen(rows, role, problem.columns)
        raise
    factor = factor * np.where(np.diagonal(factor) < 0, -1.0, 1.0)[:, None]
    turn = np.asarray(np.linalg.inv(factor), dtype=np.float64)
    return replace(plain, turn=turn, back=factor)


def plain_design(rows: Rows, role: Role, has_intercept: bool) -> Design:
    """The same without making the terms orthogonal, which any columns allow."""
    raw, called = raw_terms(rows, role)
    centres, scales = _scaling(raw, rows.weights, has_intercept)
    names = ((say("term.intercept"),) if has_intercept else ()) + called
    size = np.eye(len(names))
    made = Design(names, has_intercept, centres, scales, np.zeros(len(names)), size, size)
    # of standardised terms, whose sum is a number whatever the columns are
    averages = np.average(made.terms(raw), axis=1, weights=rows.weights)
    first = int(has_intercept)
    averages[first:] = averages[first:] * scales + centres
    return replace(made, averages=averages)


def _scaling(raw: F64, weights: F64 | None, has_intercept: bool) -> tuple[F64, F64]:
    """Centres and scales (q,), powers of two; without an intercept nothing is centred."""
    if not len(raw):
        return np.zeros(0), np.ones(0)
    if has_intercept:
        found = scaling_of(raw, weights, by_column=True, exact=True)
        return found.centres, found.scales
    largest = np.abs(raw).max(axis=1)
    return np.zeros(len(raw)), np.exp2(np.rint(np.log2(np.where(largest > 0, largest, 1.0))))


def _refuse_few(names: tuple[str, ...], rows: int) -> None:
    if rows < len(names):
        raise DataProblem(
            say("term.too_few_rows", rows=rows, terms=len(names)),
            remedy=say("term.fewer_predictors"),
        )


def _refuse_unseen(rows: Rows, role: Role, columns: tuple[str, ...]) -> None:
    """A DataProblem for the first category, of columns of text that have no coefficients, that no row is in."""
    names = rows.role_names.get(role, ())
    categories = rows.role_categories.get(role, ((),) * len(names))
    for name, words, codes in zip(names, categories, rows.roles[role], strict=True):
        seen = codes if rows.weights is None else codes[rows.weights > 0]
        for code, word in enumerate(words if name in columns else ()):
            if not np.any(seen == code):
                raise DataProblem(
                    say("term.no_row", column=name, word=word),
                    columns=(name,),
                    remedy=say("term.leave_category", column=name),
                )


def _refuse_combinations(
    factor: F64, names: tuple[str, ...], has_intercept: bool, columns: tuple[str, ...]
) -> None:
    """A DataProblem for the first term that the terms before it determine, of the triangular factor (p, p) of all."""
    for j, name in enumerate(names):
        if abs(factor[j, j]) > COLLINEAR * np.linalg.norm(factor[: j + 1, j]):
            continue
        first = 1 if has_intercept else 0
        others = [names[i] for i in range(first, j) if abs(factor[i, j]) > COLLINEAR]
        column = max((c for c in columns if name.startswith(c)), key=len, default=name)
        raise DataProblem(
            say(
                "term.collinear" if others else "term.constant", name=name, others=", ".join(others)
            ),
            columns=(column,),
            remedy=say("term.leave_out", name=column),
        )
