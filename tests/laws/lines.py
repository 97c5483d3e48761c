"""Rows on lines that cross, samples with predictors, and the densities of regressions by formulas from elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.model.needs import Role
from emdesk.resources import resource
from tests.catalogues import everything
from tests.families.test_hidden_markov import EARTHQUAKES

F64 = NDArray[np.float64]
GAUSSIAN, POISSON, BINOMIAL = "gaussian-regression", "poisson-regression", "binomial-regression"
KINDS = (GAUSSIAN, POISSON, BINOMIAL)


def spec_of(law: str, response: str, predictors: Sequence[str], **settings: Any) -> ModelSpec:
    spec = replace(
        new_spec(everything(), "mixture", law),
        columns=(response,),
        roles={Role.PREDICTORS: tuple(predictors)} if predictors else {},
    )
    for name, value in settings.items():
        spec = spec.with_setting(name, value)
    return spec


def with_role(spec: ModelSpec, role: Role, column: str) -> ModelSpec:
    return replace(spec, roles={**spec.roles, role: (column,)})


def sample(name: str, columns: Sequence[str]) -> Dataset:
    if name == "earthquakes":
        counts = np.array(EARTHQUAKES.split(), dtype=np.float64)
        return from_arrays(name, [("count", counts), ("year", np.arange(1900.0, 2007.0))])
    with resource(f"samples/{name}.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    if name == "carcinoma":
        table = [row for row in table for _ in range(int(row["slides"]))]
        for row in table:
            row["positive"] = str(sum(row[j] == "2" for j in "BCDEFG"))
    return from_arrays(name, [(c, np.array([float(r[c]) for r in table])) for c in columns])


def three_lines(rows: int = 300, seed: int = 4) -> Dataset:
    """A response, counts and successes on two lines that cross, with two predictors, words, exposures and trials."""
    rng = np.random.default_rng(seed)
    x, z = rng.uniform(0, 10, rows), rng.standard_normal(rows)
    codes = rng.integers(2, size=rows)
    word = rng.integers(3, size=rows)
    trials = rng.integers(5, 30, rows)
    exposure = rng.normal(0, 0.4, rows)
    eta = np.where(codes == 0, 2 - 0.35 * x, -1 + 0.3 * x) + 0.2 * z
    shift = np.array([0.0, 0.3, -0.2])[word]
    made = from_arrays(
        "lines",
        [
            ("x", x),
            ("z", z),
            ("y", 4 * eta + np.where(codes == 0, 1.0, 0.5) * rng.standard_normal(rows) + shift),
            ("count", rng.poisson(np.exp(eta + exposure)).astype(np.float64)),
            ("exposure", exposure),
            ("good", rng.binomial(trials, 1 / (1 + np.exp(-eta))).astype(np.float64)),
            ("trials", trials.astype(np.float64)),
        ],
    )
    words = Column("word", Kind.NOMINAL, word.astype(np.float64), ("a", "b", "c"))
    return replace(made, columns=(*made.columns, words))


def log_densities(law: str, values: dict[str, F64], data: Dataset, spec: ModelSpec) -> F64:
    """(K, n) by scipy, of parameters in units and columns of numbers."""
    from scipy.stats import binom, norm, poisson

    y = data.column(spec.columns[0]).values
    x = np.stack([data.column(name).values for name in spec.roles[Role.PREDICTORS]])
    eta = values["coefficients"] @ np.concatenate([np.ones((1, len(y))), x])
    if law == GAUSSIAN:
        return np.asarray(norm(eta, values["sds"][:, None]).logpdf(y))
    if law == POISSON:
        added = [data.column(name).values for name in spec.roles.get(Role.OFFSET, ())]
        return np.asarray(poisson(np.exp(eta + sum(added, np.zeros(len(y))))).logpmf(y))
    trials = [data.column(name).values for name in spec.roles.get(Role.TRIALS, ())]
    return np.asarray(binom(trials[0] if trials else y.max(), 1 / (1 + np.exp(-eta))).logpmf(y))
