"""What a law or family declares to leave a fit alone does so; what it does not declare is not secretly true."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from emdesk.app.session import FitResult
from emdesk.errors import Problem
from emdesk.model.dataset import Dataset
from emdesk.model.law import Invariance
from tests.catalogues import Case, cases, exempt

Change = Callable[[Case], tuple[Dataset, float]]
"""A change of the data, and what it adds to the log-likelihood of a row."""


def shifted(case: Case) -> tuple[Dataset, float]:
    return _mapped(case, lambda i, x: x + 3.0 + 2.0 * i), 0.0


def scaled_all(case: Case) -> tuple[Dataset, float]:
    return _mapped(case, lambda i, x: 4.0 * x), -len(case.spec.columns) * math.log(4.0)


def scaled_each(case: Case) -> tuple[Dataset, float]:
    factors = [2.0 * 3.0**i for i in range(len(case.spec.columns))]
    return _mapped(case, lambda i, x: factors[i] * x), -sum(map(math.log, factors))


def reordered(case: Case) -> tuple[Dataset, float]:
    order = np.random.default_rng(5).permutation(case.dataset.rows)
    columns = tuple(replace(c, values=c.values[order]) for c in case.dataset.columns)
    return replace(case.dataset, columns=columns), 0.0


def _mapped(case: Case, change: Callable[[int, np.ndarray], np.ndarray]) -> Dataset:
    columns = tuple(
        replace(c, values=change(case.spec.columns.index(c.name), c.values))
        if c.name in case.spec.columns
        else c
        for c in case.dataset.columns
    )
    return replace(case.dataset, columns=columns)


CHANGES: dict[str, Change] = {
    "shift": shifted,
    "scale_all": scaled_all,
    "scale_each": scaled_each,
    "row_order": reordered,
}
STEPS = {"max_iterations": 12, "tolerance": 0.0}


def declared(case: Case) -> Invariance:
    return case.family.invariance(case.prepared())


def fit_before_and_after(case: Case, change: Change) -> tuple[FitResult, FitResult, float]:
    """The same iterations from the same start, and the log-likelihood that the second is expected to have (the prior
    changes by a constant of its own)."""
    case = case.from_labels().set(**STEPS)
    before = case.fit()
    dataset, added = change(case)
    after = case.over(dataset).fit()
    return before, after, before.log_likelihood + added * before.data.size


def pairs(is_declared: bool) -> list[tuple[Case, str]]:
    """The cases with each change that they do or do not declare, exceptions left out."""
    return [
        (case, name)
        for case in cases()
        for name in CHANGES
        if getattr(declared(case), name) is is_declared
        and not exempt(f"{name} may fail", case.name)
    ]


@pytest.mark.parametrize(("case", "name"), pairs(True), ids=str)
def test_a_declared_invariance_holds_up_to_its_constant(case: Case, name: str) -> None:
    before, after, expected = fit_before_and_after(case, CHANGES[name])
    assert after.log_likelihood == pytest.approx(expected, rel=1e-9)
    one, other = before.row_output(), after.row_output()
    if one is None or other is None:
        return
    labels, others = np.full(case.dataset.rows, -1), np.full(case.dataset.rows, -1)
    labels[before.data.used], others[after.data.used] = one.label, other.label
    if name == "row_order":
        labels = labels[np.random.default_rng(5).permutation(case.dataset.rows)]
    assert np.array_equal(labels, others)


@pytest.mark.parametrize(("case", "name"), pairs(False), ids=str)
def test_what_is_not_declared_is_not_silently_true(case: Case, name: str) -> None:
    try:
        _, after, expected = fit_before_and_after(case, CHANGES[name])
    except Problem:
        return  # the changed data do not fit the model at all
    assert abs(after.log_likelihood - expected) > 1e-6 * abs(expected)
