"""Rows whose groups are as likely as covariates say, and what fits of them show, for tests of class weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.session import FitResult
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.model.needs import Role
from emdesk.model.params import arrays
from tests.catalogues import everything

F64 = NDArray[np.float64]
ODDS = np.array([[0.0, 0.0, 0.0], [0.5, 1.5, 0.0], [-0.5, 0.0, -1.0]])


def spec_of(
    law: str, columns: Sequence[str], covariates: Sequence[str], **settings: Any
) -> ModelSpec:
    spec = replace(new_spec(everything(), "mixture", law), columns=tuple(columns))
    if covariates:
        spec = replace(spec, roles={Role.COVARIATES: tuple(covariates)})
    for name, value in settings.items():
        spec = spec.with_setting(name, value)
    return spec


def three_groups(rows: int = 400, seed: int = 0) -> Dataset:
    """Two columns in three groups whose shares depend on `a` and `b`; answers, words and weights besides."""
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal(rows), rng.standard_normal(rows)
    odds = np.exp(ODDS @ np.stack([np.ones(rows), a, b]))
    codes = ((odds / odds.sum(axis=0)).cumsum(axis=0) < rng.random(rows)).sum(axis=0)
    y = np.array([0.0, 3.0, 6.0])[codes] + rng.standard_normal(rows)
    z = np.array([0.0, 2.0, -1.0])[codes] + rng.standard_normal(rows)
    answers = (rng.random((4, rows)) < np.array([0.15, 0.5, 0.9])[codes]).astype(np.float64)
    made = from_arrays("groups", [("a", a), ("b", b), ("y", y), ("z", z)])
    items = from_arrays("", [(f"q{i + 1}", x) for i, x in enumerate(answers)], Kind.COUNT)
    word = Column("word", Kind.NOMINAL, (a > 0).astype(np.float64), ("low", "high"))
    weight = Column("weight", Kind.COUNT, rng.integers(1, 4, rows).astype(np.float64))
    return replace(made, columns=(*made.columns, *items.columns, word, weight))


def shown(result: FitResult) -> dict[str, F64]:
    return arrays(result.family.in_units(result.data, result.params))


def shares_at(values: dict[str, F64], data: Dataset, names: Sequence[str]) -> F64:
    """(K, n) the shares of the components of parameters in units, by hand."""
    columns = [np.ones(data.rows), *(data.column(name).values for name in names)]
    odds = np.exp(values["gating"] @ np.stack(columns))
    return np.asarray(odds / odds.sum(axis=0))
