"""What laws of counts have in common: which cells they take, and the prior that is worth some rows of the column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.columnwise import PRIOR_ROWS
from emdesk.model.dataset import Kind
from emdesk.model.law import Ascent
from emdesk.model.needs import Needs
from emdesk.model.numerics.counts import are_counts
from emdesk.model.params import arrays

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class CountSettings:
    """Settings of a law of counts."""

    prior: Annotated[float, PRIOR_ROWS] = 0.0


class CountLaw:
    """Stands before a columnwise base: whole cells from 0 on, an M-step that maximises, probabilities for densities."""

    Settings: ClassVar[type] = CountSettings
    needs: ClassVar[Needs] = Needs(
        frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.ORDINAL, Kind.TIME}),
        whole=True,
        nonnegative=True,
    )
    refusal: ClassVar[tuple[str, str]] = ("data.not_counts", "data.other_law")

    def ascent(self, settings: Any) -> Ascent:
        return Ascent.EXACT

    def is_discrete(self) -> bool:
        return True

    def fits(self, cells: F64) -> Mask:
        return are_counts(cells)

    def places(self, columns: F64, constants: Any) -> F64:
        # the square root makes the spread of a count nearly the same at every rate, and draws long tails in, so that
        # a start is not a search for the largest counts
        return np.sqrt(columns)

    def log_peak(self, params: Any, constants: Any) -> F64 | None:
        return np.zeros(len(next(iter(arrays(params).values()))))
