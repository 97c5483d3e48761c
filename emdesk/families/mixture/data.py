"""What a mixture knows about its rows before the fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.families.mixture.settings import MixtureSettings
from emdesk.model.dataset import Dataset
from emdesk.model.family import Block, Request
from emdesk.model.law import Law
from emdesk.model.needs import Role
from emdesk.model.pictures.axes import Projections
from emdesk.texts import say, say_count

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MixtureData:
    """The used rows, encoded by the law (e, n), with their weights (n,) or None and the law's constants."""

    dataset: Dataset
    columns: tuple[str, ...]
    used: NDArray[np.bool_]
    weights: F64 | None
    encoded: F64
    constants: Any
    settings: MixtureSettings
    law_settings: Any

    @property
    def rows(self) -> int:
        return int(self.encoded.shape[1])

    @cached_property
    def size(self) -> float:
        return float(self.rows if self.weights is None else self.weights.sum())

    @cached_property
    def row_numbers(self) -> NDArray[np.intp]:
        """(n,) the rows of the file, counted from 0."""
        return np.flatnonzero(self.used)

    def values(self, column: int) -> F64:
        """(n,) the values of one used column in the analyst's units."""
        values = self.dataset.column(self.columns[column]).values
        return values if self.used.all() else values[self.used]

    @cached_property
    def projections(self) -> Projections:
        """The axes that a plot can show: columns and principal components."""
        units = tuple(self.dataset.column(name).unit for name in self.columns)
        return Projections(self.columns, self.values, self.weights, units)

    def weights_of(self, block: Block) -> F64 | None:
        """The row weights of a block, or None if every row counts once."""
        return None if self.weights is None else self.weights[block.start : block.stop]


def prepare(dataset: Dataset, request: Request, law: Law) -> MixtureData:
    """Check columns and weights, set rows with missing values aside, encode the rest."""
    for name in request.columns:
        if not dataset.column(name).is_numeric:
            raise DataProblem(
                say("data.not_numeric", name=name),
                columns=(name,),
                where=dataset.name,
                remedy=say("data.leave_text_out"),
            )
    weight_names = request.roles.get(Role.WEIGHT, ())
    used = dataset.complete(request.columns + tuple(weight_names))
    weights = _weights(dataset, weight_names, used)
    if weights is not None:
        used = used & (np.nan_to_num(dataset.column(weight_names[0]).values) > 0)
        weights = dataset.column(weight_names[0]).values[used]
        if not len(weights):
            raise DataProblem(
                say("data.no_weight", name=weight_names[0]),
                columns=weight_names,
                where=dataset.name,
                remedy=say("data.mend_weight"),
            )
        if np.all(weights == 1):
            weights = None
    columns = np.stack([_used(dataset, name, used) for name in request.columns])
    groups = request.settings.components
    if columns.shape[1] < max(groups, 1):
        raise DataProblem(
            say_count("data.fewer_rows", columns.shape[1], groups=groups),
            where=dataset.name,
            remedy=say("data.fewer_groups"),
        )
    constants = law.constants(
        columns, weights, request.columns, request.law_settings, np.flatnonzero(used)
    )
    encoded = law.encode(columns, constants)
    return MixtureData(
        dataset,
        request.columns,
        used,
        weights,
        encoded,
        constants,
        request.settings,
        request.law_settings,
    )


def _used(dataset: Dataset, name: str, used: NDArray[np.bool_]) -> F64:
    values = dataset.column(name).values[used]
    unfit = np.flatnonzero(~np.isfinite(values))
    if unfit.size:
        row = int(np.flatnonzero(used)[unfit[0]]) + 1
        raise DataProblem(
            say("data.infinite", name=name, row=row),
            columns=(name,),
            where=dataset.name,
            remedy=say("data.mend_infinite"),
        )
    return values


def _weights(dataset: Dataset, names: tuple[str, ...], used: NDArray[np.bool_]) -> F64 | None:
    if not names:
        return None
    column = dataset.column(names[0])
    if not column.is_numeric:
        raise DataProblem(
            say("data.weight_not_numeric", name=column.name), columns=names, where=dataset.name
        )
    values = column.values[used]
    unfit = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if unfit.size:
        row = int(np.flatnonzero(used)[unfit[0]])
        raise DataProblem(
            say("data.bad_weight", name=column.name, row=row + 1, value=f"{column.values[row]:g}"),
            columns=names,
            where=dataset.name,
            remedy=say("data.mend_weight"),
        )
    return values
