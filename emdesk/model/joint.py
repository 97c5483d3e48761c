"""Several laws on different columns as one law: mixed data under conditional independence.

Given its group, the columns of one law are independent of those of another, so the log density of a row is the sum
over the laws and each law takes its own M-step (Hunt and Jorgensen 1999, Aust. N. Z. J. Stat. 41, 153-171; McParland
and Gormley 2016, Adv. Data Anal. Classif. 10, 155-169). Parameters are named after their columns: `age.means`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.law import Ascent, Invariance, Law, Quantity, Weakness, Workspace
from emdesk.model.marks import Picture, View
from emdesk.model.needs import Needs, Role
from emdesk.model.params import NamedParts
from emdesk.model.rows import Rows
from emdesk.texts import say

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class JointSettings:
    """The laws of a joint law have settings of their own."""


@dataclass(frozen=True)
class Part:
    """One law over its columns, and where these stand among all of them."""

    law: Law
    columns: tuple[str, ...]
    places: slice

    @property
    def name(self) -> str:
        return part_name(self.columns)


def part_name(columns: Sequence[str]) -> str:
    """What the parameters of a law over these columns are named after."""
    return ",".join(columns)


@dataclass(frozen=True, eq=False)
class JointConstants:
    """The constants of each law, the rows (e,) of the encoded data that are its own, and the spread of the coordinates
    of all of them."""

    parts: tuple[Any, ...]
    encoded: tuple[slice, ...]
    spreads: F64


@dataclass(frozen=True, eq=False)
class JointSums:
    """The statistics of each law."""

    parts: tuple[Any, ...]

    @property
    def counts(self) -> F64:
        """(K,) the effective rows of each group."""
        counts: F64 = self.parts[0].counts
        return counts

    def __add__(self, other: Self) -> JointSums:
        return JointSums(tuple(a + b for a, b in zip(self.parts, other.parts, strict=True)))

    def scaled(self, factor: float) -> JointSums:
        """All sums times a factor."""
        return JointSums(tuple(part.scaled(factor) for part in self.parts))


class Joint:
    """Laws on different columns, in the order of the columns."""

    id: ClassVar[str] = "joint"
    Settings: ClassVar[type] = JointSettings
    Params: ClassVar[type] = NamedParts

    def __init__(self, laws: Sequence[tuple[Law, tuple[str, ...]]]) -> None:
        edges = np.cumsum([0, *(len(columns) for _, columns in laws)]).tolist()
        self.parts = tuple(
            Part(law, columns, slice(edges[i], edges[i + 1]))
            for i, (law, columns) in enumerate(laws)
        )
        self.label = say("law.joint")
        self.needs = Needs(
            frozenset().union(*(law.needs.kinds for law, _ in laws)),
            least=edges[-1],
            text=any(law.needs.text for law, _ in laws),
        )
        self.roles: tuple[Role, ...] = tuple(dict.fromkeys(r for law, _ in laws for r in law.roles))
        self.leaves_cells_out = all(law.leaves_cells_out for law, _ in laws)
        self.holdable = tuple(f"{p.name}.{name}" for p in self.parts for name in p.law.holdable)
        self.tieable = tuple(f"{p.name}.{name}" for p in self.parts for name in p.law.tieable)

    def under(self, settings: Any, columns: int) -> Joint:
        return self

    def ascent(self, settings: Any) -> Ascent:
        promises = [p.law.ascent(s) for p, s in zip(self.parts, settings, strict=True)]
        return max(promises, key=list(Ascent).index)

    def invariance(self, settings: Any) -> Invariance:
        each = [p.law.invariance(s) for p, s in zip(self.parts, settings, strict=True)]
        return Invariance(
            all(i.row_order for i in each),
            all(i.shift for i in each),
            all(i.scale_all for i in each),
            all(i.scale_each for i in each),
        )

    def _rows_of(self, part: Part, rows: Rows) -> Rows:
        return replace(
            rows,
            columns=rows.columns[part.places],
            names=part.columns,
            categories=rows.categories[part.places],
            roles={r: c for r, c in rows.roles.items() if r in part.law.roles},
            role_names={r: n for r, n in rows.role_names.items() if r in part.law.roles},
            role_categories={r: c for r, c in rows.role_categories.items() if r in part.law.roles},
            held=rows.held.below(f"{part.name}."),
        )

    def constants(self, rows: Rows, settings: Any) -> JointConstants:
        rows.held.refuse_others(self.holdable)
        for part in self.parts:
            self._refuse_text(part, rows)
        made = tuple(
            p.law.constants(self._rows_of(p, rows), s)
            for p, s in zip(self.parts, settings, strict=True)
        )
        pieces = [
            p.law.encode(self._rows_of(p, rows), c) for p, c in zip(self.parts, made, strict=True)
        ]
        edges = np.cumsum([0, *(len(piece) for piece in pieces)]).tolist()
        points = [
            p.law.coordinates(piece, c)
            for p, piece, c in zip(self.parts, pieces, made, strict=True)
        ]
        spreads = np.concatenate([_spreads(each) for each in points])
        return JointConstants(
            made, tuple(slice(a, b) for a, b in itertools.pairwise(edges)), spreads
        )

    def _refuse_text(self, part: Part, rows: Rows) -> None:
        if part.law.needs.text:
            return
        for j in range(*part.places.indices(len(rows.names))):
            if rows.categories_of(j):
                raise DataProblem(
                    say("data.not_numeric", name=rows.names[j]),
                    columns=(rows.names[j],),
                    remedy=say("data.leave_text_out"),
                )

    def encode(self, rows: Rows, constants: JointConstants) -> F64:
        return np.concatenate(
            [
                p.law.encode(self._rows_of(p, rows), c)
                for p, c in zip(self.parts, constants.parts, strict=True)
            ]
        )

    def _pieces(self, encoded: F64, constants: JointConstants) -> list[F64]:
        return [encoded[own] for own in constants.encoded]

    def coordinates(self, encoded: F64, constants: JointConstants) -> F64:
        pieces = zip(self.parts, self._pieces(encoded, constants), constants.parts, strict=True)
        points = np.concatenate([p.law.coordinates(e, c) for p, e, c in pieces])
        return np.asarray(points / constants.spreads[:, None])

    def feature_rows(self, constants: JointConstants) -> int:
        return sum(p.law.feature_rows(c) for p, c in zip(self.parts, constants.parts, strict=True))

    def features(self, encoded: F64, constants: JointConstants, work: Workspace) -> list[Any]:
        return [
            p.law.features(e, c, work.of(i))
            for i, (p, e, c) in enumerate(
                zip(self.parts, self._pieces(encoded, constants), constants.parts, strict=True)
            )
        ]

    def kernel(self, params: NamedParts, offsets: F64, constants: JointConstants) -> list[Any]:
        nothing = np.zeros_like(offsets)
        return [
            p.law.kernel(own, offsets if i == 0 else nothing, c)
            for i, (p, own, c) in enumerate(
                zip(self.parts, params.parts, constants.parts, strict=True)
            )
        ]

    def log_peak(self, params: NamedParts, constants: JointConstants) -> F64 | None:
        total: F64 | None = None
        for p, own, c in zip(self.parts, params.parts, constants.parts, strict=True):
            peak = p.law.log_peak(own, c)
            if peak is None:
                return None
            total = peak if total is None else total + peak
        return total

    def log_density(
        self, features: list[Any], kernel: list[Any], out: F64, work: Workspace
    ) -> None:
        self.parts[0].law.log_density(features[0], kernel[0], out, work.of(0))
        for i in range(1, len(self.parts)):
            more = work.array("joint.more", *out.shape)
            self.parts[i].law.log_density(features[i], kernel[i], more, work.of(i))
            out += more

    def statistics(
        self,
        features: list[Any],
        responsibilities: F64,
        kernel: list[Any] | None,
        constants: JointConstants,
        work: Workspace,
    ) -> JointSums:
        return JointSums(
            tuple(
                p.law.statistics(
                    features[i],
                    responsibilities,
                    None if kernel is None else kernel[i],
                    constants.parts[i],
                    work.of(i),
                )
                for i, p in enumerate(self.parts)
            )
        )

    def _made(self, parts: Sequence[Any]) -> NamedParts:
        return NamedParts(
            tuple(p.name for p in self.parts), tuple(p.columns for p in self.parts), tuple(parts)
        )

    def start(self, statistics: JointSums, constants: JointConstants) -> NamedParts:
        each = zip(self.parts, statistics.parts, constants.parts, strict=True)
        return self._made([p.law.start(s, c) for p, s, c in each])

    def maximise(
        self, statistics: JointSums, params: NamedParts | None, constants: JointConstants
    ) -> NamedParts:
        before = (None,) * len(self.parts) if params is None else params.parts
        each = zip(self.parts, statistics.parts, before, constants.parts, strict=True)
        return self._made([p.law.maximise(s, own, c) for p, s, own, c in each])

    def expected(
        self, statistics: JointSums, params: NamedParts, constants: JointConstants
    ) -> F64 | None:
        each = zip(self.parts, statistics.parts, params.parts, constants.parts, strict=True)
        found = [p.law.expected(s, own, c) for p, s, own, c in each]
        known = [of_law for of_law in found if of_law is not None]
        return np.asarray(np.sum(known, axis=0)) if len(known) == len(found) else None

    def log_prior(self, params: NamedParts, constants: JointConstants) -> float:
        each = zip(self.parts, params.parts, constants.parts, strict=True)
        return sum(p.law.log_prior(own, c) for p, own, c in each)

    def free_parameters(self, params: NamedParts, constants: JointConstants) -> int:
        each = zip(self.parts, params.parts, constants.parts, strict=True)
        return sum(p.law.free_parameters(own, c) for p, own, c in each)

    def in_units(self, params: NamedParts, constants: JointConstants) -> NamedParts:
        each = zip(self.parts, params.parts, constants.parts, strict=True)
        return self._made([p.law.in_units(own, c) for p, own, c in each])

    def from_units(self, params: NamedParts, constants: JointConstants) -> NamedParts:
        each = zip(self.parts, params.parts, constants.parts, strict=True)
        return self._made([p.law.from_units(own, c) for p, own, c in each])

    def retract(self, params: NamedParts, constants: JointConstants) -> NamedParts:
        each = zip(self.parts, params.parts, constants.parts, strict=True)
        return self._made([p.law.retract(own, c) for p, own, c in each])

    def weaknesses(self, params: NamedParts, constants: JointConstants) -> tuple[Weakness, ...]:
        each = zip(self.parts, params.parts, constants.parts, strict=True)
        return tuple(w for p, own, c in each for w in p.law.weaknesses(own, c))

    def least_distinct_rows(self, constants: JointConstants) -> int:
        each = zip(self.parts, constants.parts, strict=True)
        return max(p.law.least_distinct_rows(c) for p, c in each)

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: NamedParts,
        constants: JointConstants,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        pieces = zip(
            self.parts,
            self._pieces(encoded, constants),
            params.parts,
            constants.parts,
            strict=True,
        )
        made = [p.law.complete(e, responsibilities, own, c, rng) for p, e, own, c in pieces]
        return np.concatenate([v for v, _ in made]), np.concatenate([s for _, s in made])

    def means_at(self, means: F64, spread: NamedParts, constants: JointConstants) -> NamedParts:
        each = zip(self.parts, spread.parts, constants.parts, strict=True)
        return self._made([p.law.means_at(means[:, p.places], own, c) for p, own, c in each])

    def quantities(self, params: NamedParts, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        return tuple(
            replace(q, name=f"{p.name}.{q.name}", columns=q.columns or p.columns)
            for p, own in zip(self.parts, params.parts, strict=True)
            for q in p.law.quantities(own, p.columns)
        )

    def moments(self, params: NamedParts) -> tuple[F64, F64]:
        each = [p.law.moments(own) for p, own in zip(self.parts, params.parts, strict=True)]
        means = np.concatenate([m for m, _ in each], axis=1)
        groups, d = means.shape
        covariances = np.zeros((groups, d, d))
        for part, (_, own) in zip(self.parts, each, strict=True):
            covariances[:, part.places, part.places] = own
        return means, covariances

    def is_elliptical(self) -> bool:
        return all(p.law.is_elliptical() for p in self.parts)

    def is_discrete(self) -> bool:
        return all(p.law.is_discrete() for p in self.parts)

    def log_marginal(
        self, params: NamedParts, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        total: F64 | None = None
        seen = np.zeros(len(directions), dtype=bool)
        for part, own in zip(self.parts, params.parts, strict=True):
            mine = np.any(directions[:, part.places] != 0, axis=1)
            if not mine.any():
                continue
            inside = directions[mine]
            others = np.abs(inside).sum() - np.abs(inside[:, part.places]).sum()
            made = (
                None
                if others > 0
                else part.law.log_marginal(
                    own, inside[:, part.places], centre[part.places], points[mine]
                )
            )
            if made is None:
                return None
            seen |= mine
            total = made if total is None else total + made
        return total if seen.all() else None

    def simulate(
        self, params: NamedParts, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        each = zip(self.parts, params.parts, strict=True)
        return np.concatenate([p.law.simulate(own, groups, rng) for p, own in each])

    def simulate_at(
        self,
        encoded: F64,
        params: NamedParts,
        constants: JointConstants,
        groups: NDArray[np.intp],
        rng: np.random.Generator,
    ) -> F64:
        pieces = zip(
            self.parts,
            self._pieces(encoded, constants),
            params.parts,
            constants.parts,
            strict=True,
        )
        return np.concatenate(
            [p.law.simulate_at(e, own, c, groups, rng) for p, e, own, c in pieces]
        )

    def picture(
        self, groups: Any, rows: Rows, units: Mapping[str, str], view: View
    ) -> Picture | None:
        return None


def _spreads(points: F64) -> F64:
    """(d,) the standard deviations of coordinates (d, n) whose gaps are left out, 1 where they do not vary."""
    there = ~np.isnan(points)
    count = np.maximum(there.sum(axis=1), 1)
    middle = np.where(there, points, 0.0).sum(axis=1) / count
    squares = np.where(there, points - middle[:, None], 0.0) ** 2
    spreads = np.sqrt(squares.sum(axis=1) / count)
    return np.where(spreads > 0, spreads, 1.0)
