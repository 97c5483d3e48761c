"""Rows drawn from a fitted model, which give its law the constants for rows that it has not seen.

Centre, scale, floors and lists of categories come from the drawn rows; the rows asked about are checked with them but
weigh nothing, so that neither one row alone, nor a constant column, nor a row far away changes a density.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from emdesk.app.model_spec import ModelSpec
from emdesk.model.dataset import Column, Dataset
from emdesk.model.interval_ends import EDGES
from emdesk.model.joint import Joint
from emdesk.model.law import Law
from emdesk.model.needs import Role
from emdesk.model.params import Parameter, declared, from_arrays
from emdesk.model.power_law import Powered
from emdesk.model.regression_law import RegressionLaw
from emdesk.model.rows import Rows
from emdesk.texts import say_count

F64 = NDArray[np.float64]
PER_CATEGORY = ("column", "category")
DRAWN_ROWS, DRAWN_SEED = 512, 20_240
"""How many rows at least are drawn from the model, and from which numbers."""


@dataclass(frozen=True, eq=False)
class FittedLaw:
    """One law over its columns with its params in the analyst's units, under their plain names."""

    law: Law
    columns: tuple[str, ...]
    params: Mapping[str, F64]

    @property
    def values(self) -> F64 | None:
        """(d, C) the values that the columns of a law of categories may take, None for other laws."""
        for entry in declared(self.law.Params):
            if isinstance(entry, Parameter) and entry.name == "values":
                return self.params["values"] if entry.axes.names == PER_CATEGORY else None
        return None


def fitted_laws(law: Law, columns: tuple[str, ...], params: Mapping[str, F64]) -> list[FittedLaw]:
    """The laws of a model, in the order of the columns: several where different columns have different ones."""
    joint: object = law
    if not isinstance(joint, Joint):
        return [FittedLaw(law, columns, params)]
    made = []
    for part in joint.parts:
        prefix = f"{part.name}."
        own = {n.removeprefix(prefix): v for n, v in params.items() if n.startswith(prefix)}
        made.append(FittedLaw(part.law, part.columns, own))
    return made


def drawn_rows(
    laws: list[FittedLaw], groups: int, beside: tuple[ModelSpec, Dataset] | None = None
) -> F64:
    """(d, m) rows drawn from every group; of categories each value is there, and of trials a row of all successes. What
    a law takes as given is that of the model's columns in a dataset, `beside`."""
    most = max((own.values.shape[1] for own in laws if own.values is not None), default=0)
    labels = np.repeat(np.arange(groups), -(-max(DRAWN_ROWS, most) // groups))
    rng = np.random.default_rng(DRAWN_SEED)
    pieces = []
    for own in laws:
        law: object = own.law
        params: Any = (
            law.params_of(own.params)
            if isinstance(law, Powered)
            else from_arrays(own.law.Params, own.params)
        )
        if isinstance(own.law, RegressionLaw) and beside is not None:
            given = _given_rows(own, *beside, len(labels))
            piece = own.law.draw_given(params, given, labels, rng)
        else:
            piece = own.law.simulate(params, labels, rng)
        if own.values is not None:
            piece[:, : own.values.shape[1]] = own.values
        if (trials := own.params.get("trials")) is not None and trials.shape == piece.shape[:1]:
            piece[:, 0] = np.rint(trials)
        pieces.append(piece)
    return np.concatenate(pieces)


def _given_rows(own: FittedLaw, spec: ModelSpec, dataset: Dataset, count: int) -> Rows:
    """Rows without a response whose given columns are those that `with_rows` puts behind the dataset."""
    names = {r: n for r, n in spec.roles.items() if r in own.law.roles}
    return Rows(
        np.full((1, count), np.nan),
        own.columns,
        np.arange(count),
        roles={r: np.stack([_behind(dataset, n, r, count) for n in ns]) for r, ns in names.items()},
        role_names=names,
        role_categories={
            r: tuple(dataset.column(n).categories for n in ns) for r, ns in names.items()
        },
    )


def _behind(dataset: Dataset, name: str, role: Role | None, count: int) -> F64:
    """(m,) cells of a column that is not modelled, for drawn rows: they repeat its own; those of predictors are spread
    about them instead, so that each has a coefficient of its own however few rows are asked about."""
    column = dataset.column(name)
    seen = column.values[~column.missing]
    seen = seen if len(seen) else np.zeros(1)
    if role is not Role.PREDICTORS:
        return np.resize(seen, count)
    rng = np.random.default_rng((DRAWN_SEED, *name.encode()))
    if column.categories:
        return rng.permutation(np.resize(np.arange(float(len(column.categories))), count))
    spread = float(np.abs(seen - seen[0]).max()) or max(abs(float(seen[0])), 1.0)
    return np.asarray(seen.mean() + spread * rng.standard_normal(count))


def with_known_values(dataset: Dataset, laws: list[FittedLaw]) -> tuple[Dataset, tuple[str, ...]]:
    """The dataset without the cells of categories that the fit has not seen, and what is said of them."""
    known = {
        name: allowed
        for own in laws
        if own.values is not None
        for name, allowed in zip(own.columns, own.values, strict=True)
    }
    columns, notes = [], []
    for column in dataset.columns:
        if column.name in known:
            unseen = ~column.missing & ~np.isin(column.values, known[column.name])
            if count := int(unseen.sum()):
                notes.append(say_count("predict.unknown_words", count, name=column.name))
                column = replace(column, values=np.where(unseen, np.nan, column.values))
        columns.append(column)
    return replace(dataset, columns=tuple(columns)), tuple(notes)


def with_rows(dataset: Dataset, spec: ModelSpec, drawn: F64) -> Dataset:
    """The dataset with rows of the modelled columns behind its own, which have their value at both ends where columns
    give ends; in other columns they repeat its own rows, and their weights are 1."""
    behind = drawn.shape[1]
    ends = [name for role in EDGES for name in spec.roles.get(role, ())]
    weight = spec.roles.get(Role.WEIGHT, ())

    def longer(column: Column) -> Column:
        if column.name in spec.columns:
            added = drawn[spec.columns.index(column.name)]
        elif column.name in ends:
            added = drawn[0]
        elif column.name in weight:
            added = np.ones(behind)
        else:
            is_predictor = column.name in spec.roles.get(Role.PREDICTORS, ())
            role = Role.PREDICTORS if is_predictor else None
            added = _behind(dataset, column.name, role, behind)
        return replace(column, values=np.concatenate([column.values, added]))

    return replace(dataset, columns=tuple(longer(column) for column in dataset.columns))


def on_drawn_rows(law: Law, asked: int) -> Law:
    """The same law, whose constants are those of the rows of the file from number `asked` on, counted from 0."""

    def constants(rows: Rows, settings: Any) -> Any:
        weights = (rows.row_numbers >= asked).astype(np.float64)
        return law.constants(replace(rows, weights=weights), settings)

    return cast(Law, _Settled(law, constants))


class _Settled:
    """A law with other constants; everything else is the law's own."""

    def __init__(self, law: Law, constants: Callable[[Rows, Any], Any]) -> None:
        self._law = law
        self.constants = constants

    def __getattr__(self, name: str) -> Any:
        return getattr(self._law, name)
