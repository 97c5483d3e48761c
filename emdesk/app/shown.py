"""What the panels are shown of a run: where it is, one iteration of it, its audit, and what a model costs before it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emdesk.app.agreement import Agreement
from emdesk.em.audit import Audit
from emdesk.em.selection import Criteria
from emdesk.em.table_fit import TableFit
from emdesk.model.estimates import Completed
from emdesk.model.family import Family, RowOutput
from emdesk.model.law import Quantity
from emdesk.model.marks import Picture

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Live:
    """Where a run is: the newest iteration of the start that is running, and every objective so far.

    `objectives` are those of the start `attempt`; `others` those of the starts before it that are worth drawing,
    with whether each is sound. The arrays are read-only views that never change.
    """

    run: int
    attempt: int
    attempts: int
    iteration: int
    objectives: F64
    others: tuple[tuple[F64, bool], ...] = ()
    seconds: float = 0.0
    rows_per_second: float = 0.0
    is_short_run: bool = False

    @property
    def objective(self) -> float:
        return float(self.objectives[self.iteration])


@dataclass(frozen=True, eq=False)
class Shown:
    """What the panels show of one iteration; `iteration` is None before any fit.

    `size` is the n of the criteria, `rows_used` the rows that are fitted. `rows` is there when the Rows table asked
    for it; `slots` are the places of the groups among the colours; `file_rows` are the row numbers in the file of
    its columns, and `cells` estimates of their missing cells. `agreement` is there when labels to compare with are
    known, `is_discriminant` if the label of every row is.
    """

    run: int
    number: int
    family: Family
    picture: Picture
    law: Picture
    columns: tuple[str, ...]
    attempt: int = 0
    iteration: int | None = None
    quantities: tuple[Quantity, ...] = ()
    objective: float = float("nan")
    log_likelihood: float = float("nan")
    free_parameters: int | None = None
    criteria: Criteria | None = None
    rows_used: int = 0
    file_rows: NDArray[np.intp] | None = None
    rows: RowOutput | None = None
    cells: Completed = field(default_factory=dict)
    slots: tuple[int, ...] = ()
    agreement: Agreement | None = None
    is_discriminant: bool = False


@dataclass(frozen=True, eq=False)
class Audited:
    """The audit of one iteration of one start of a run; `is_final` once the run has ended, and then with the fit of its
    table where it has one."""

    run: int
    attempt: int
    iteration: int
    is_final: bool
    audit: Audit
    table: TableFit | None = None


@dataclass(frozen=True)
class Outline:
    """What the footer of the form says of the model before it is run: parameters from rows. `size` is the n of the
    criteria, the sum of the row weights. `group_rows` are the rows of each group that is fitted alone, where that was
    asked for."""

    free_parameters: int | None
    rows_used: int
    rows: int
    size: float
    group_rows: tuple[int, ...] = ()
