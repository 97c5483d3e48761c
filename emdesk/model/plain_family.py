"""What families without ties and without missing cells have in common."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.model.dataset import Dataset
from emdesk.model.family import Block
from emdesk.model.law import Workspace

F64 = NDArray[np.float64]


class PlainFamily:
    """A base for families; each answer is replaced where a family knows better."""

    holdable: ClassVar[tuple[str, ...]] = ()
    tieable: ClassVar[tuple[str, ...]] = ()

    def group_names(self, data: Any) -> tuple[str, ...]:
        return ()

    def expected(self, data: Any, statistics: Any, params: Any) -> float | None:
        return None

    def retract(self, data: Any, params: Any) -> Any:
        return params

    def drawn(
        self, data: Any, params: Any, places: NDArray[np.intp], rng: np.random.Generator
    ) -> tuple[Dataset, NDArray[np.intp]] | None:
        return None

    def log_densities(self, data: Any, block: Block, params: Any, work: Workspace) -> F64:
        """A row's log density is the log-likelihood of a block that holds it alone."""
        family: Any = self
        ready, weights = family.ready(data, params), data.weights_of(block)
        made = np.empty(block.size)
        for place, row in enumerate(range(block.start, block.stop)):
            alone = Block(block.index, row, row + 1)
            made[place] = family.expect(data, alone, ready, work).log_likelihood
        return made if weights is None else np.asarray(made / weights)

    def complete(
        self, data: Any, block: Block, params: Any, work: Workspace, rng: np.random.Generator | None
    ) -> tuple[F64, F64] | None:
        return None
