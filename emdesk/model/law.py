"""A law: what one observation looks like, given its hidden group, for K groups at once.

Arrays are group first and row last: (K, m) for a block of m rows, (d, m) for its columns. One law is one
file (or folder) in `emdesk/laws` that ends in `LAW = ...`; its docstring is its help page. A mixture and
a hidden Markov model of every law come for free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.model.marks import Picture, View
from emdesk.model.needs import Needs, Role
from emdesk.model.rows import Rows
from emdesk.texts import translated

F64 = NDArray[np.float64]


class Ascent(Enum):
    """What a maximisation step promises, and so what a fall of the objective means."""

    EXACT = "exact"
    """It maximises: a fall beyond rounding ends the run with a named failure."""
    STEP = "step"
    """One uphill step: the engine halves a step that falls."""
    NONE = "none"
    """No promise: recorded, no certificate."""


@dataclass(frozen=True)
class Invariance:
    """Under which changes of the data a fit stays the same up to a known constant."""

    row_order: bool = True
    shift: bool = False
    scale_all: bool = False
    scale_each: bool = False


class Additive(Protocol):
    """Sufficient statistics: a vector space, so that blocks can be summed in any place."""

    @property
    def counts(self) -> F64:
        """(K,) the effective rows of each group."""

    def __add__(self, other: Self) -> Self: ...
    def scaled(self, factor: float) -> Self: ...


@dataclass(frozen=True)
class Weakness:
    """Why one group cannot be trusted: `reason` is a word (floor, few-rows), `template` says it of `{group}`."""

    group: int
    reason: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return translated(self.template).format(group=self.group + 1, **self.values)


@dataclass(frozen=True, eq=False)
class Quantity:
    """Something a table shows about a fit, in the analyst's units: an array with named axes.

    `axes` are words of the vocabulary (component, column, ...); `spread_of_column` says that the values
    have the units of the columns, so that the table can choose decimals from the column's spread. `columns` are the
    names along a column axis that has not all columns, `cells` the column and the value of each category along a
    cell axis, which has the categories of one column after those of another; `columns` then are their names.
    """

    name: str
    label: str
    axes: tuple[str, ...]
    values: F64
    spread_of_column: bool = False
    columns: tuple[str, ...] = ()
    cells: tuple[tuple[str, float], ...] = ()


class Workspace:
    """Buffers of one worker thread, reused from block to block so that nothing is allocated in the loop."""

    def __init__(self) -> None:
        self._flat: dict[str, F64] = {}
        self._inner: dict[int, Workspace] = {}

    def of(self, part: int) -> Workspace:
        """The buffers of one of several laws that are at work on the same rows."""
        return self._inner.setdefault(part, Workspace())

    def array(self, name: str, rows: int, columns: int) -> F64:
        """An uninitialised contiguous (rows, columns) array; the same memory for the same name."""
        size = rows * columns
        flat = self._flat.get(name)
        if flat is None or flat.size < size:
            flat = np.empty(size)
            self._flat[name] = flat
        return flat[:size].reshape(rows, columns)


class Law(Protocol):
    """The protocol. `constants` are what one pass over the rows finds out (centre, scale, floor);
    `params` inside a fit are in the law's own standardised units."""

    id: ClassVar[str]
    Settings: ClassVar[type]
    Params: ClassVar[type]

    @property
    def label(self) -> str: ...
    @property
    def needs(self) -> Needs: ...
    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles whose columns it wants beside the modelled ones."""

    @property
    def leaves_cells_out(self) -> bool:
        """Whether rows with missing cells can be used; they come as NaN in the columns."""

    @property
    def holdable(self) -> tuple[str, ...]:
        """The names of the parameters that can be held."""

    @property
    def tieable(self) -> tuple[str, ...]:
        """The names of the parameters that can be equal in several groups."""

    def under(self, settings: Any, columns: int) -> Law:
        """The law that these settings ask for over so many columns; itself, where they change no parameter's shape."""

    def ascent(self, settings: Any) -> Ascent: ...
    def invariance(self, settings: Any) -> Invariance: ...

    def constants(self, rows: Rows, settings: Any) -> Any:
        """What is known before the fit; a DataProblem names a column that does not fit and the row of the file."""

    def encode(self, rows: Rows, constants: Any) -> F64:
        """The rows in the form the fit keeps in memory: (e, n), made once."""

    def coordinates(self, encoded: F64, constants: Any) -> F64:
        """The encoded rows as points (d, m) in which distances make sense, for starts."""

    def features(self, encoded: F64, constants: Any, work: Workspace) -> Any:
        """What one sweep needs of a block of encoded rows (e, m); opaque, may live in `work`."""

    def feature_rows(self, constants: Any) -> int:
        """How many numbers `features` keeps for a row, to choose the size of blocks."""

    def kernel(self, params: Any, offsets: F64, constants: Any) -> Any:
        """What all blocks of a sweep share; `offsets` (K,) are added to the log densities."""

    def log_peak(self, params: Any, constants: Any) -> F64 | None:
        """(K,) an upper bound of each group's log density, or None if there is none."""

    def log_density(self, features: Any, kernel: Any, out: F64, work: Workspace) -> None:
        """Write log density + offset of every row in every group into out (K, m); all constants included,
        in the analyst's units."""

    def statistics(
        self,
        features: Any,
        responsibilities: F64,
        kernel: Any | None,
        constants: Any,
        work: Workspace,
    ) -> Any:
        """Sums for the M-step from responsibilities (K, m) with row weights already in; kernel None: a partition."""

    def start(self, statistics: Any, constants: Any) -> Any:
        """Cautious params from a rough partition: centres differ, spreads are common, nothing is degenerate."""

    def maximise(self, statistics: Any, params: Any | None, constants: Any) -> Any:
        """The M-step; params None: from a partition that is to be taken as it is."""

    def expected(self, statistics: Any, params: Any, constants: Any) -> F64 | None:
        """(K,) the expected complete-data log-likelihood of each group, given the sums of an E-step (the law's part of
        Q of Dempster, Laird and Rubin 1977), as a function of params in the units of the fit, up to a term that the
        sums alone determine; None where the sums do not determine it, whatever the params.

        Laws without finite sums, such as regressions of counts, say it to second order about the params of the sums.
        """

    def log_prior(self, params: Any, constants: Any) -> float: ...
    def free_parameters(self, params: Any, constants: Any) -> int: ...
    def in_units(self, params: Any, constants: Any) -> Any:
        """The params in the analyst's units."""

    def from_units(self, params: Any, constants: Any) -> Any:
        """The inverse of `in_units`; a SettingProblem if a value is outside its domain."""

    def weaknesses(self, params: Any, constants: Any) -> tuple[Weakness, ...]:
        """Groups at the edge of the domain (a floor is active), cheaply, at every iteration."""

    def least_distinct_rows(self, constants: Any) -> int:
        """A group that rests on fewer distinct rows than this is degenerate."""

    def retract(self, params: Any, constants: Any) -> Any:
        """The nearest params that keep what the settings tie together (a covariance structure), inside the domain."""

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: Any,
        constants: Any,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        """Every cell of encoded rows (e, m) as the model sees it: values and their standard deviations (d, m), in the
        analyst's units. Observed cells are themselves, without spread; a missing one is its conditional mean given
        the observed cells of its row, or a draw from that distribution with `rng`."""

    def means_at(self, means: F64, spread: Any, constants: Any) -> Any:
        """Params with given means (K, d) in the analyst's units and the spreads of `spread`."""

    def quantities(self, params: Any, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        """What the parameter table shows of params in units."""

    def moments(self, params: Any) -> tuple[F64, F64]:
        """Means (K, d) and covariances (K, d, d) of the groups, of params in units."""

    def is_elliptical(self) -> bool:
        """Whether level lines of a group are ellipses of its covariance."""

    def log_marginal(self, params: Any, directions: F64, centre: F64, points: F64) -> F64 | None:
        """Log density (K, m) of points (q, m) of the projections `directions @ (x - centre)`, (q, d), of params
        in units; None where the law has no closed form for that projection."""

    def is_discrete(self) -> bool:
        """Whether curves are probabilities at whole numbers."""

    def simulate(self, params: Any, groups: NDArray[np.intp], rng: np.random.Generator) -> F64:
        """Rows (d, n) of the given groups, of params in units."""

    def simulate_at(
        self,
        encoded: F64,
        params: Any,
        constants: Any,
        groups: NDArray[np.intp],
        rng: np.random.Generator,
    ) -> F64:
        """Rows (d, m) of the given groups in the place of encoded rows (e, m): what the law takes as given, such as
        predictors, is that of the rows; params are those of the fit."""

    def picture(
        self, groups: Any, rows: Rows, units: Mapping[str, str], view: View
    ) -> Picture | None:
        """What a panel shows of rows with columns for the law's roles, in `groups` (see `model.pictures.groups`) with
        params in units; None where the family's own picture does. `units` are those of the columns."""
