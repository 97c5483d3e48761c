"""A family: what is hidden, and how the visible rows hang on it.

One family is one file (or folder) in `emdesk/families` that ends in `FAMILY = ...`; its docstring is its
help page. A family that takes a law gets it from the catalogue by `with_law`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.dataset import Dataset
from emdesk.model.held import NOTHING_HELD, Held
from emdesk.model.law import Ascent, Invariance, Law, Quantity, Weakness, Workspace
from emdesk.model.marks import Picture, View
from emdesk.model.needs import Role, Roles

F64 = NDArray[np.float64]


class Cut(Enum):
    """What the data may be cut at; WHOLE data cannot be summed over blocks."""

    ROWS = "rows"
    SEQUENCES = "sequences"
    BINS = "bins"
    WHOLE = "whole"


@dataclass(frozen=True)
class Block:
    """A piece of the data: `start` to `stop` in whatever the family cuts at (used rows, sequences, bins)."""

    index: int
    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True)
class ByMethod:
    """Start by a method of the family (kmeans++, random-rows, ...), number `index` of several."""

    method: str
    index: int = 0


@dataclass(frozen=True, eq=False)
class ByLabels:
    """Start with an M-step from a partition: `codes` (rows of the file,) with -1 where there is no label."""

    codes: NDArray[np.intp]
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ByMeans:
    """Start at means (K, d) in the analyst's units, typed or clicked."""

    means: F64


@dataclass(frozen=True, eq=False)
class ByParams:
    """Start at parameters in the analyst's units, by name (an earlier result)."""

    values: dict[str, Any]


@dataclass(frozen=True)
class Draw:
    """Where the random numbers of one sweep come from: the same for any threads, any order, and any replay."""

    seed: int
    start: int
    iteration: int

    def numbers(self, block: int) -> np.random.Generator:
        """The numbers of one block."""
        keys = (self.seed, self.start, self.iteration, block)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(keys)))


Start = ByMethod | ByLabels | ByMeans | ByParams


class Statistics(Protocol):
    """The sums of a sweep: they add over blocks and carry the fit of the params they were made with."""

    @property
    def log_likelihood(self) -> float:
        """Of the params that `expect` was given."""

    @property
    def fit(self) -> float:
        """What EM climbs, without the prior: the log-likelihood, or the classification log-likelihood."""

    def __add__(self, other: Self) -> Self: ...
    def scaled(self, factor: float) -> Self: ...


@dataclass(frozen=True, eq=False)
class RowOutput:
    """What is known about each row of a block: `probabilities` (K, m) and the group that is given to it. The last
    group is uniform noise where there is some."""

    probabilities: F64
    label: NDArray[np.intp]
    has_noise: bool = False

    @property
    def groups(self) -> int:
        """How many groups there are besides noise."""
        return len(self.probabilities) - self.has_noise

    @property
    def numbers(self) -> NDArray[np.intp]:
        """(m,) the number of each row's group, counted from 1; 0 is noise."""
        is_noise = self.has_noise & (self.label == self.groups)
        return np.where(is_noise, 0, self.label + 1)

    @property
    def among_groups(self) -> F64:
        """(K, m) the probabilities of the groups given that a row is no noise."""
        if not self.has_noise:
            return self.probabilities
        mine = self.probabilities[:-1]
        total = mine.sum(axis=0)
        return np.where(total > 0, mine / np.where(total > 0, total, 1.0), 1 / self.groups)

    @property
    def uncertainty(self) -> F64:
        """(m,) one minus the largest posterior probability."""
        return np.asarray(1.0 - self.probabilities.max(axis=0))


@dataclass(frozen=True)
class Request:
    """What is to be fitted: columns, roles, and the settings of family and law. `keeps_empty` where rows are asked
    about that may have no modelled cell: these are used too."""

    columns: tuple[str, ...]
    settings: Any
    law_settings: Any = None
    roles: Roles = field(default_factory=dict)
    held: Held = NOTHING_HELD
    keeps_empty: bool = False


class Data(Protocol):
    """What `prepare` makes: at least these. `used` (n,) marks the rows of the file that are fitted."""

    @property
    def used(self) -> NDArray[np.bool_]: ...
    @property
    def row_numbers(self) -> NDArray[np.intp]:
        """(n,) the rows of the file, counted from 0, in the order of the blocks."""

    @property
    def rows(self) -> int:
        """How many rows (bins, ...) are fitted."""

    @property
    def size(self) -> float:
        """The n of the criteria: the sum of the row weights."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    def weights_of(self, block: Block) -> F64 | None:
        """The row weights of a block, or None if every row counts once."""


class Family(Protocol):
    """The protocol. `params` in a fit are internal (standardised); `in_units` gives the analyst's."""

    id: ClassVar[str]
    label: ClassVar[str]
    Settings: ClassVar[type]
    cut: ClassVar[Cut]
    takes_law: ClassVar[bool]
    labels_rows: ClassVar[bool]
    group_axis: ClassVar[str]
    law: Law | None

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that a column can have beside being modelled."""

    @property
    def holdable(self) -> tuple[str, ...]:
        """The names of the parameters that can be held."""

    @property
    def tieable(self) -> tuple[str, ...]:
        """The names of the parameters that can be equal in several groups."""

    def with_law(self, law: Law) -> Family:
        """The same family over a law."""

    def ascent(self, data: Any) -> Ascent: ...
    def invariance(self, data: Any) -> Invariance: ...
    def start_methods(self) -> tuple[str, ...]:
        """The start methods it offers, the default first."""

    def prepare(self, dataset: Dataset, request: Request) -> Any:
        """Check everything, set rows aside, standardise; a Problem names what does not fit."""

    def blocks(self, data: Any) -> Sequence[Block]:
        """The cut of the data; it never depends on the number of threads."""

    def schedule(self, data: Any) -> Sequence[Sequence[int]]:
        """The blocks between two M-steps: one list of all, or one list for each ordered subset."""

    def start(self, data: Any, how: Start, rng: np.random.Generator) -> Any: ...
    def ready(self, data: Any, params: Any, draw: Draw | None = None) -> Any:
        """What all blocks of a sweep share; with `draw` the E-step may draw instead of taking means."""

    def expect(self, data: Any, block: Block, ready: Any, work: Workspace) -> Any:
        """The E-step on one block: its Statistics."""

    def maximise(self, data: Any, statistics: Any, params: Any) -> Any: ...
    def expected(self, data: Any, statistics: Any, params: Any) -> float | None:
        """The expected complete-data log-likelihood (Q of Dempster, Laird and Rubin 1977) of params, given the sums of
        an E-step, up to a term that the sums alone determine; None where the sums do not determine it."""

    def log_prior(self, data: Any, params: Any) -> float: ...
    def free_parameters(self, data: Any, params: Any) -> int: ...
    def weaknesses(self, data: Any, params: Any) -> tuple[Weakness, ...]:
        """The groups that touch a floor; cheap."""

    def thin_groups(self, data: Any, params: Any) -> tuple[Weakness, ...]:
        """The groups that rest on too few distinct rows; a pass over the rows, asked at the end."""

    def order(self, data: Any, params: Any) -> NDArray[np.intp] | None:
        """The stable numbering of the groups, or None where they have none to choose."""

    def group_names(self, data: Any) -> tuple[str, ...]:
        """The names of the groups where the data give them names, () where they are numbered."""

    def in_units(self, data: Any, params: Any) -> Any: ...
    def retract(self, data: Any, params: Any) -> Any:
        """The nearest params that keep what the settings tie together."""

    def quantities(self, data: Any, params: Any) -> tuple[Quantity, ...]: ...
    def rows(self, data: Any, block: Block, params: Any, work: Workspace) -> RowOutput | None:
        """Per-row output, recomputed on demand; None where rows carry no label."""

    def log_densities(self, data: Any, block: Block, params: Any, work: Workspace) -> F64:
        """(m,) the log density of each row of a block, for families whose rows are independent."""

    def complete(
        self, data: Any, block: Block, params: Any, work: Workspace, rng: np.random.Generator | None
    ) -> tuple[F64, F64] | None:
        """Values and standard deviations (d, m) of the modelled cells of a block, observed ones as they are; a missing
        one is its conditional mean, or a draw with `rng`. None where no cell is missing."""

    def picture(self, data: Any, params: Any | None, view: View) -> Picture:
        """What the panel of that place shows for these params (None: before any fit)."""

    def simulate(self, data: Any, params: Any, rng: np.random.Generator) -> Dataset:
        """Rows drawn from the fitted model, as many as the data have."""

    def drawn(
        self, data: Any, params: Any, places: NDArray[np.intp], rng: np.random.Generator
    ) -> tuple[Dataset, NDArray[np.intp]] | None:
        """Rows drawn in the place of used rows (n,), which keep what the law takes as given, and the group of each,
        counted from 1, 0 for noise; None where rows are not drawn one by one."""
