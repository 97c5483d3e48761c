"""What a hidden Markov model knows about its series before the fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.dataset import Column, Dataset
from emdesk.model.family import Block, Request
from emdesk.model.fields import Field
from emdesk.model.law import Law
from emdesk.model.needs import Role
from emdesk.model.params import Axes, Domain
from emdesk.model.pictures.axes import Projections
from emdesk.model.rows import plain_rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
Rows = NDArray[np.intp]

TEXTS = {
    "markov.not_numeric": "column {name} holds text, and this law needs numbers",
    "markov.infinite": "column {name} is infinite in row {row}",
    "markov.no_place": "column {name}, which says where a row belongs, is missing in row {row}",
    "markov.time_is_text": "the times in column {name} are text, and times are numbers",
    "markov.same_time": "column {name} holds {value} twice in one series, in rows {first} and {second}",
    "markov.mend": "Mend the cell in the file, or leave the column out",
    "markov.fewer_rows": "there are {rows} complete rows for {states} states",
    "markov.fewer_states": "Ask for fewer states",
}
declare(TEXTS)


@dataclass(frozen=True)
class HiddenMarkovSettings:
    """How many states the chain moves through."""

    states: Annotated[
        int, Field("States", "How many hidden states the chain has.", low=1, high=50)
    ] = 2


@dataclass(frozen=True, eq=False)
class HiddenMarkovParams:
    """Where a series begins, how it moves, and the law of each state."""

    renamed_axes: ClassVar[dict[str, str]] = {"component": "state"}

    initial: Annotated[F64, Axes("state", label="First"), Domain.SIMPLEX]
    transitions: Annotated[F64, Axes("state", "state", label="Next"), Domain.SIMPLEX]
    law: Any


@dataclass(frozen=True, eq=False)
class Series:
    """The rows of all series laid end to end. `rows_of_file` (t,) is where each step stands in the file; a step
    that is not `seen` has a missing value: time passes there and nothing is learnt."""

    dataset: Dataset
    columns: tuple[str, ...]
    roles: dict[Role, tuple[str, ...]]
    rows_of_file: Rows
    lengths: Rows
    seen: NDArray[np.bool_]
    times: F64
    encoded: F64
    constants: Any
    settings: HiddenMarkovSettings
    law_settings: Any

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        mask = np.zeros(self.dataset.rows, dtype=bool)
        mask[self.row_numbers] = True
        return mask

    @cached_property
    def row_numbers(self) -> Rows:
        """(n,) the rows of the file, in the order of the blocks."""
        return self.rows_of_file[self.seen]

    @property
    def rows(self) -> int:
        return len(self.row_numbers)

    @property
    def size(self) -> float:
        return float(self.rows)

    @cached_property
    def firsts(self) -> Rows:
        """(s + 1,) the step at which each series begins, and the end."""
        return np.concatenate([[0], np.cumsum(self.lengths)])

    @property
    def has_time(self) -> bool:
        return bool(self.roles.get(Role.TIME))

    def weights_of(self, block: Block) -> F64 | None:
        """Every row counts once."""
        return None

    def steps(self, block: Block) -> slice:
        """The steps of a block of series."""
        return slice(int(self.firsts[block.start]), int(self.firsts[block.stop]))

    def values(self, column: int) -> F64:
        """(n,) the values of one column in the analyst's units, in the order of the blocks."""
        return self.dataset.column(self.columns[column]).values[self.row_numbers]

    @cached_property
    def projections(self) -> Projections:
        return Projections(self.columns, self.values, None)


def prepare(dataset: Dataset, request: Request, law: Law) -> Series:
    """Check the columns, put the rows of each series together in their order, encode them."""
    for name in request.columns:
        _check(dataset, dataset.column(name))
    order, lengths, times = _laid_end_to_end(dataset, request)
    seen = dataset.complete(request.columns)[order]
    states = request.settings.states
    if seen.sum() < states:
        raise DataProblem(
            say("markov.fewer_rows", rows=int(seen.sum()), states=states),
            where=dataset.name,
            remedy=say("markov.fewer_states"),
        )
    columns = np.stack([dataset.column(name).values[order] for name in request.columns])
    constants = law.constants(
        plain_rows(columns[:, seen], request.columns, None, order[seen]), request.law_settings
    )
    # a step without a value needs some value to be encoded; its density is never looked at
    columns[:, ~seen] = columns[:, seen][:, :1]
    encoded = law.encode(plain_rows(columns, request.columns), constants)
    return Series(
        dataset,
        request.columns,
        dict(request.roles),
        order,
        lengths,
        seen,
        times,
        encoded,
        constants,
        request.settings,
        request.law_settings,
    )


def _check(dataset: Dataset, column: Column) -> None:
    if not column.is_numeric:
        raise DataProblem(
            say("markov.not_numeric", name=column.name),
            columns=(column.name,),
            where=dataset.name,
            remedy=say("markov.mend"),
        )
    unfit = np.flatnonzero(np.isinf(column.values))
    if unfit.size:
        raise DataProblem(
            say("markov.infinite", name=column.name, row=int(unfit[0]) + 1),
            columns=(column.name,),
            where=dataset.name,
            remedy=say("markov.mend"),
        )


def _laid_end_to_end(dataset: Dataset, request: Request) -> tuple[Rows, Rows, F64]:
    """The rows of the file in the order of the chains, the length of each chain, and the time of each step."""
    series = _place(dataset, request, Role.SEQUENCE)
    time = _place(dataset, request, Role.TIME)
    if time is not None and not dataset.column(request.roles[Role.TIME][0]).is_numeric:
        names = request.roles[Role.TIME]
        raise DataProblem(
            say("markov.time_is_text", name=names[0]), columns=names, remedy=say("markov.mend")
        )
    number = np.zeros(dataset.rows) if series is None else series
    clock = np.arange(float(dataset.rows)) if time is None else time
    order = np.lexsort((clock, number))
    same = np.flatnonzero((np.diff(number[order]) == 0) & (np.diff(clock[order]) == 0))
    if same.size:
        first, second = sorted(int(r) + 1 for r in order[same[0] : same[0] + 2])
        names = request.roles[Role.TIME]
        value = f"{clock[order][same[0]]:g}"
        raise DataProblem(
            say("markov.same_time", name=names[0], value=value, first=first, second=second),
            columns=names,
            where=dataset.name,
            remedy=say("markov.mend"),
        )
    _, lengths = np.unique(number, return_counts=True)
    return order, lengths.astype(np.intp), clock[order]


def _place(dataset: Dataset, request: Request, role: Role) -> F64 | None:
    """The values of a column that says where rows belong, which must all be there."""
    names = request.roles.get(role, ())
    if not names:
        return None
    column = dataset.column(names[0])
    if column.missing_count:
        row = int(np.flatnonzero(column.missing)[0]) + 1
        raise DataProblem(
            say("markov.no_place", name=column.name, row=row),
            columns=(column.name,),
            where=dataset.name,
            remedy=say("markov.mend"),
        )
    return column.values
