"""Fits of hostile data sets: what is fitted, and how each fit ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.session import FitResult, fit
from emdesk.errors import Problem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role
from emdesk.model.params import arrays
from tests.hostile.data import HOSTILE
from tests.hostile.forms import TAKEN
from tests.hostile.models import Model
from tests.hostile.tables import Table

F64 = NDArray[np.float64]
WEIGHTS = "weight"
LABELS = ("low", "middle", "high")


@dataclass(frozen=True, eq=False)
class Ended:
    """How a fit ended: the problem that refused it, or its result."""

    table: Table
    problem: Problem | None = None
    result: FitResult | None = None

    @property
    def reasons(self) -> frozenset[str]:
        """Why the best start is set aside; none if it is sound."""
        return (
            frozenset(w.reason for w in self.result.best.weaknesses) if self.result else frozenset()
        )

    def __str__(self) -> str:
        if self.problem is not None:
            return f"refused: {self.problem.sentence}"
        assert self.result is not None
        words = ", ".join(sorted(self.reasons)) or ("right" if self.result.is_sound else "unsound")
        return f"{words}: {self.result.stop_sentence}"


def dataset_of(table: Table, name: str) -> Dataset:
    """The table as a file would give it."""
    kind = Kind.NOMINAL if table.words else Kind.CONTINUOUS
    categories = LABELS if table.words else ()
    columns = [
        Column(n, kind, c.copy(), categories)
        for n, c in zip(table.names, table.columns, strict=True)
    ]
    if table.weights is not None:
        columns.append(Column(WEIGHTS, Kind.CONTINUOUS, table.weights.copy()))
    return Dataset(tuple(columns), name)


def spec_of(model: Model, table: Table, starts: int = 3) -> ModelSpec:
    """The mixture of the model over the columns of the table."""
    names = table.names
    roles: dict[Role, tuple[str, ...]] = {}
    if TAKEN[model.law].explains:
        names, roles = names[:1], {Role.PREDICTORS: names[1:]}
    if table.weights is not None:
        roles[Role.WEIGHT] = (WEIGHTS,)
    spec = replace(new_spec(catalogue(), "mixture", model.law), columns=names, roles=roles)
    wanted = {"components": table.components, "starts": starts, "max_iterations": 300}
    for name, value in (wanted | dict(model.settings)).items():
        spec = spec.with_setting(name, value)
    return spec


def fit_of(dataset: Dataset, spec: ModelSpec) -> FitResult:
    """The fit with one thread."""
    return fit(dataset, spec, catalogue(), 1)


def ended(model: Model, table: Table, name: str = "table", starts: int = 3) -> Ended:
    """The fit of the model to the table, to its end."""
    try:
        result = fit_of(dataset_of(table, name), spec_of(model, table, starts))
    except Problem as problem:
        return Ended(table, problem=problem)
    return Ended(table, result=result)


@cache
def ended_on(name: str, model: Model) -> Ended:
    """The fit of the model to a hostile data set, made once."""
    return ended(model, HOSTILE[name](TAKEN[model.law]), name)


def shown(result: FitResult) -> dict[str, F64]:
    """The parameters of a result in the analyst's units, by name."""
    return arrays(result.family.in_units(result.data, result.params))
