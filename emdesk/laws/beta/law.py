"""Beta law: each group has its own alpha and beta in every column, columns independent given the group.

When to use it
    Shares and probabilities, strictly between 0 and 1: rates of methylation, parts of a whole, scores divided by their
    maximum. The law can lean to either side, and pile up at an end (alpha or beta below 1) or at both.

When not
    Shares with values of exactly 0 or 1: their logarithms do not exist. Shares of counts, whose denominators are known:
    a binomial law knows how sure each share is. Several shares that add to 1 in every row are not independent.

The mean of a group is alpha / (alpha + beta); the sum alpha + beta says how narrow the group is. A group of equal
values has no largest likelihood: its shapes go to infinity, which EMDesk reports as a collapse. Alphas and betas can be
held; the other is then the best for the one that is held.

A prior that is worth some rows, spread like all rows of the column, prevents the collapse. It is conjugate; its
logarithm, relative to its largest value, is part of the objective.

Sources
    Density and maximum likelihood: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2,
    chapter 25. The log-likelihood is concave in both shapes: Barndorff-Nielsen (1978), Information and Exponential
    Families, section 9. Conjugate prior: Diaconis and Ylvisaker (1979), Ann. Statist. 7, 269-281.
    Mixtures: Ji, Wu, Liu, Wang and Coombes (2005), Bioinformatics 21, 2118-2122.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.laws.beta.cells import about, away, away_from_mean, from_ends
from emdesk.laws.beta.settings import BetaParams, BetaSettings, MeanBetaParams, Middles
from emdesk.model.column_terms import TermsLaw, TermSums
from emdesk.model.columnwise import (
    COMPONENT_COLUMN,
    ColumnConstants,
    Mask,
    observed_averages,
)
from emdesk.model.dataset import Kind
from emdesk.model.law import Quantity
from emdesk.model.needs import Needs
from emdesk.model.numerics.beta_shapes import (
    Ties,
    UnitSums,
    fit_about,
    fit_of,
    log_quotients,
    log_unit_height,
    moved_to,
    moved_to_mean,
    shapes_of,
)
from emdesk.model.positive import refuse_constant, refuse_narrow
from emdesk.model.positive_law import (
    NarrowingColumns,
    average,
    common,
    for_each_group,
    kept_where,
)
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
Inner = BetaParams | MeanBetaParams
NARROW = 400.0
"""Above this sum of the shapes the density multiplied out loses digits, and values are taken about the mean of the
group."""
NEAR = 0.5
"""A column whose cells are within this share of its mean, and their rests of the rest, is kept about the mean."""
START_FLOOR = 1e-6
LEAST_DISTANCE = 1e-12
"""Columns that are nearer to an end on average have shapes whose sum has lost the digits of the smaller one."""
VERY_NARROW = 1e-6
"""Where the logits of a column spread less, a quotient of shapes has too few digits of a mean, and the law is a normal
one to the last digit."""
LARGEST_VALUE = float(np.nextafter(1.0, 0.0))
TEXTS = {
    "beta.weak": (
        "component {group} has reached the largest shapes in some column: its rows are all but equal"
    ),
    "beta.outside": (
        "column {name} holds {value} in row {row}, and this law needs values above 0 and below 1"
    ),
    "beta.at_end": (
        "the values of {name} are on average {distance} from {end}, too near for this law to tell them apart"
    ),
    "beta.other": "Choose the gamma law for the distances from {end}, or leave the column out",
    "beta.mend": (
        "Divide percentages by 100 first. Leave out rows of exactly 0 or 1, or choose another law"
    ),
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class BetaConstants(ColumnConstants):
    """The means of the columns, which columns (d,) are kept about them, the data as one group, the shapes (2, d) of
    that, the largest sums of shapes (d,), and the rows of the prior."""

    middles: Middles
    near: Mask
    whole: UnitSums
    shapes: F64
    most: F64
    floor: float
    prior: float

    @property
    def has_shapes(self) -> bool:
        """Whether a fit has the shapes themselves: only where some are tied, and have enough digits."""
        return bool(self.held.ties) and not self.middles.narrow.any()


class Beta(NarrowingColumns, TermsLaw[Any, BetaConstants]):
    """Independent beta columns. The terms of a cell x are x, log x and log(1 - x), and x again as its signed distance
    from the nearer end, which has all its digits. In a near column with mean c, and for a group apart with mean c, the
    first three are e = x - c, log(x / c) - e / c and log((1 - x) / (1 - c)) + e / (1 - c)."""

    id: ClassVar[str] = "beta"
    label: ClassVar[str] = "Beta"
    Settings: ClassVar[type] = BetaSettings
    Params: ClassVar[type] = BetaParams
    needs: ClassVar[Needs] = Needs(frozenset({Kind.CONTINUOUS}), nonnegative=True)
    holdable: ClassVar[tuple[str, ...]] = ("alphas", "betas")
    refusal: ClassVar[tuple[str, str]] = ("beta.outside", "beta.mend")
    narrowing: ClassVar[tuple[str, ...]] = ("alphas", "betas")
    weak_template: ClassVar[str] = TEXTS["beta.weak"]
    kept: ClassVar[int] = 4
    summed: ClassVar[int] = 3

    def fits(self, cells: F64) -> Mask:
        return np.asarray((cells > 0) & (cells < 1))

    def first_look(self, rows: Rows, settings: BetaSettings) -> BetaConstants:
        columns, weights = rows.columns, rows.weights
        least, largest = np.nanmin(columns, axis=1), np.nanmax(columns, axis=1)
        refuse_constant(largest > least, rows.names)
        middles = observed_averages(columns, weights)
        rests = observed_averages(1 - columns, weights)
        # in the middle cells lie on both sides of 1/2, and all distances are to be from the same value
        rests = np.where(np.abs(middles - 0.5) < 0.25, 1 - middles, rests)
        _refuse_ends(middles, rests, rows.names)
        middle, rest = middles[:, None], rests[:, None]
        off, low, high = about(columns, 1 - columns, middle, rest)
        logits = low - high + off / middle + off / rest
        centred = logits - observed_averages(logits, weights)[:, None]
        deviations = np.sqrt(observed_averages(centred**2, weights))
        refuse_narrow(deviations, rows.names)
        near = np.nanmax(np.maximum(np.abs(off) / middle, np.abs(off) / rest), axis=1) < NEAR
        left, *averages = (observed_averages(part, weights) for part in (off, low, high))
        sums = moved_to_mean(UnitSums(middles, rests, *averages), left)
        narrow = deviations < VERY_NARROW
        ties = Ties(narrow, narrow, np.zeros_like(narrow))
        endless, size = np.full(len(middles), np.inf), 0.5 / sums.gap
        shapes = np.stack(shapes_of(sums, endless, size * middles, size * rests, ties))
        most = (1 + shapes.sum(axis=0)) / settings.floor
        known = Middles(middles, rests, deviations, narrow)
        return BetaConstants(known, near, sums, shapes, most, settings.floor, settings.prior)

    def terms(self, columns: F64, constants: BetaConstants) -> tuple[F64, F64]:
        logs, others = np.log(columns), np.log1p(-columns)
        middle, rest = constants.middles.shares[:, None], constants.middles.rests[:, None]
        near = np.stack(about(columns, 1 - columns, middle, rest))
        kept = np.where(constants.near[:, None], near, [columns, logs, others])
        ends = np.where(columns > 0.5, columns - 1, columns)
        return np.concatenate([kept, ends[None]]), -logs - others

    def cells(self, terms: F64, constants: BetaConstants) -> F64:
        return from_ends(terms[3])[0]

    def places(self, columns: F64, constants: BetaConstants) -> F64:
        # logits, each in units of its spread
        middle, rest = constants.middles.shares[:, None], constants.middles.rests[:, None]
        off = away(columns, 1 - columns, middle, rest)
        logits = log_quotients(columns, middle, off) - log_quotients(1 - columns, rest, -off)
        return np.asarray(logits / constants.middles.deviations[:, None])

    def coefficients(self, params: Inner, constants: BetaConstants) -> tuple[F64, F64]:
        a, b = params.alphas, params.betas
        constant = log_unit_height(a, b)
        apart, near = self.apart(params, constants), constants.near
        middle = np.where(near, constants.middles.shares, 1.0)
        rest = np.where(near, constants.middles.rests, 1.0)
        plain = a * np.log(a / (a + b) / middle) + b * np.log(b / (a + b) / rest)
        slope = np.where(near, a / middle - b / rest, 0.0)
        slopes = np.stack([slope, a, b, np.zeros_like(a)])
        return constant - np.where(apart, 0.0, plain), np.where(apart, 0.0, slopes)

    def apart(self, params: Inner, constants: BetaConstants) -> Mask:
        return np.asarray(params.alphas + params.betas > NARROW)

    def own_log_density(self, terms: F64, params: Inner, k: int, j: int) -> F64:
        _, low, high = self._own(terms, params, k, j)[1]
        return np.asarray(params.alphas[k, j] * low + params.betas[k, j] * high)

    def own_terms(self, terms: F64, params: Inner, k: int, j: int) -> tuple[float, F64]:
        reference, own = self._own(terms, params, k, j)
        return reference, np.stack(own)

    def _own(self, terms: F64, params: Inner, k: int, j: int) -> tuple[float, tuple[F64, F64, F64]]:
        """Where the mean is, as a signed distance from the nearer end or in a narrow column from its mean; and the
        terms about it."""
        a, b = float(params.alphas[k, j]), float(params.betas[k, j])
        values, rests = from_ends(terms[3])
        middle, rest = a / (a + b), b / (a + b)
        if isinstance(params, MeanBetaParams) and params.carried.narrow[j]:
            off = float(params.off[k, j])
            return off, about(values, rests, middle, rest, terms[0] - off)
        off_mean = away_from_mean(values, rests, a, b)
        return middle if a < b else -rest, about(values, rests, middle, rest, off_mean)

    def log_peak(self, params: Inner, constants: BetaConstants) -> F64 | None:
        a, b = params.alphas, params.betas
        if constants.has_gaps or np.any(a < 1) or np.any(b < 1) or np.any(a + b <= 2):
            return None  # without bound at an end; the density of fewer columns has another bound
        size = a + b
        # from the mean to the mode
        up, down = (a - b) / (a * (size - 2)), (b - a) / (b * (size - 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            low = np.where(a > 1, (a - 1) * np.log1p(up), 0.0) - np.log(a / size)
            high = np.where(b > 1, (b - 1) * np.log1p(down), 0.0) - np.log(b / size)
        return np.asarray((log_unit_height(a, b) + low + high).sum(axis=1))

    def _sums(self, statistics: TermSums, constants: BetaConstants) -> tuple[UnitSums, F64]:
        """About the means of the groups, and in narrow columns how far these are from the columns'; a group without
        rows has those of all."""
        off, low, high = statistics.averages
        own, known = statistics.reference, constants.middles
        has_own = (own != 0) & ~known.narrow
        values, rests = from_ends(np.where(has_own, own, 0.5))
        shift = np.where(known.narrow, own, 0.0)
        middle = np.where(has_own, values, known.shares + shift)
        rest = np.where(has_own, rests, known.rests - shift)
        is_about = has_own | constants.near
        near = moved_to_mean(UnitSums(middle, rest, low, high), np.where(is_about, off, 0.0))
        tiny = np.finfo(float).eps
        mean = np.clip(off, np.finfo(float).tiny, 1 - tiny)
        plain = UnitSums(mean, 1 - mean, low - np.log(mean), high - np.log1p(-mean))
        return near.at(~is_about & ~statistics.empty, plain), shift + off

    def start(self, statistics: TermSums, constants: BetaConstants) -> Inner:
        (sums, offs), rows = self._sums(statistics, constants), statistics.seen
        least = max(START_FLOOR, constants.floor) / (1 + constants.shapes.sum(axis=0))
        pooled = np.maximum(common(rows, sums.gap), 0.5 * least)
        (size,) = for_each_group([0.5 / pooled], len(rows))
        held = constants.held
        betas = held.put("betas", sums.rest * size)
        return self._made(betas * sums.middle / sums.rest, betas, offs, constants)

    def free_maximum(
        self, statistics: TermSums, params: Inner | None, constants: BetaConstants
    ) -> Inner:
        held, rows = constants.held, statistics.seen
        empty = rows + constants.prior <= 0
        sums, offs = _with_more(*self._sums(statistics, constants), rows, constants)
        whole = for_each_group(constants.shapes, len(rows))
        before = params or self._made(whole[0], whole[1], np.zeros_like(rows), constants)
        # a component without rows keeps its place, or has that of the data
        alpha, beta = held.of("alphas", sums.middle), held.of("betas", sums.middle)
        # a normal law has its maximum where the mean is that of the rows
        is_normal = constants.middles.narrow & ~(alpha | beta | empty)
        size = np.minimum(0.5 / sums.gap, constants.most)
        given = held.onto(
            BetaParams(
                np.where(is_normal, size * sums.middle, before.alphas),
                np.where(is_normal, size * sums.rest, before.betas),
            )
        )
        stays = empty | is_normal
        ties = Ties(alpha | stays, beta | stays, np.zeros_like(empty))
        alphas, betas = shapes_of(sums, constants.most, given.alphas, given.betas, ties)
        return kept_where(empty, self._made(alphas, betas, offs, constants), before)

    def _made(self, alphas: F64, betas: F64, offs: F64, constants: BetaConstants) -> Inner:
        """The params with these shapes as far as they are not held, and in narrow columns with these distances of
        means from the columns'."""
        held, known = constants.held, constants.middles
        made = held.onto(BetaParams(alphas, betas))
        if constants.has_shapes:
            return made
        is_held = held.of("alphas", alphas) | held.of("betas", betas)
        plain = np.log(made.alphas / made.betas) - np.log(known.shares / known.rests)
        off = np.where(known.narrow, offs, 0.0)
        near = np.log1p(off / known.shares) - np.log1p(-off / known.rests)
        tilts = np.where(known.narrow & ~is_held, near, plain)
        return MeanBetaParams(made.alphas + made.betas, tilts / known.deviations, known)

    def _fit(self, sums: UnitSums, offs: F64 | float, params: Inner) -> F64:
        """(K, d) the log-likelihood of a row of such groups, but for what the params do not change."""
        made = fit_of(sums, params.alphas, params.betas)
        if not isinstance(params, MeanBetaParams):
            return made
        near = fit_about(sums, params.alphas, params.betas, offs - params.off)
        return np.where(params.carried.narrow, near, made)

    def expected(self, statistics: TermSums, params: Inner, constants: BetaConstants) -> F64:
        each = self._fit(*self._sums(statistics, constants), params)
        return np.asarray((statistics.seen * each).sum(axis=1))

    def log_prior(self, params: Inner, constants: BetaConstants) -> float:
        """Relative to the law of the whole column, which is the mode."""
        if constants.prior == 0:
            return 0.0
        top = fit_of(constants.whole, *constants.shapes)
        each = self._fit(constants.whole, 0.0, params)
        return float(constants.prior * (each - top).sum())

    def retract(self, params: Inner, constants: BetaConstants) -> Inner:
        inside = self.inside(params, constants)
        offs = inside.off if isinstance(inside, MeanBetaParams) else np.nan
        if isinstance(inside, BetaParams) and not constants.has_shapes:
            known = constants.middles
            # as far as the shapes tell
            offs = inside.alphas / (inside.alphas + inside.betas) - known.shares
        return self._made(inside.alphas, inside.betas, np.asarray(offs), constants)

    def inside(self, params: Inner, constants: BetaConstants) -> Inner:
        share = np.minimum(1.0, constants.most / (params.alphas + params.betas))
        if isinstance(params, MeanBetaParams):
            return replace(params, sizes=share * params.sizes)
        return BetaParams(share * params.alphas, share * params.betas)

    def reaches(self, params: Inner, constants: BetaConstants) -> F64:
        return np.asarray((params.alphas + params.betas) / constants.most)

    def means_at(self, means: F64, spread: Inner, constants: BetaConstants) -> Inner:
        for k, row in enumerate(means):
            if not ((row > 0) & (row < 1)).all():
                shown = ", ".join(f"{value:g}" for value in row)
                label = say("quantity.mean")
                raise SettingProblem(
                    say("start.not_in_unit", label=label, component=k + 1, value=shown),
                    setting="start",
                )
        size = (spread.alphas + spread.betas)[:1]
        offs = means - constants.middles.shares
        return self._made(means * size, (1 - means) * size, offs, constants)

    def in_units(self, params: Inner, constants: BetaConstants) -> BetaParams:
        return BetaParams(params.alphas, params.betas)

    def quantities(self, params: BetaParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        means = params.alphas / (params.alphas + params.betas)
        shown = Quantity("means", say("quantity.mean"), COMPONENT_COLUMN, means, True)
        return (shown, *super().quantities(params, names))

    def means_and_variances(self, params: BetaParams) -> tuple[F64, F64]:
        size = params.alphas + params.betas
        means = params.alphas / size
        return means, means * (params.betas / size) / (size + 1)

    def log_densities(self, params: BetaParams, cells: F64, column: int) -> F64:
        a, b = params.alphas[:, column, None], params.betas[:, column, None]
        rests = 1 - cells
        _, low, high = about(cells, rests, a / (a + b), b / (a + b))
        return np.asarray(
            log_unit_height(a, b) + a * low + b * high - np.log(cells) - np.log(rests)
        )

    def simulate(
        self, params: BetaParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        drawn = rng.beta(params.alphas[groups].T, params.betas[groups].T)
        # small shapes draw values nearer to the ends than there are numbers
        return np.asarray(np.clip(drawn, np.finfo(float).tiny, LARGEST_VALUE))


def _with_more(
    sums: UnitSums, offs: F64, rows: F64, constants: BetaConstants
) -> tuple[UnitSums, F64]:
    """The sums of groups (K, d) with so many rows and those of the prior, and how far their means are off."""
    if constants.prior == 0:
        return sums, offs
    middles = constants.middles
    off, near = moved_to(
        sums, middles.shares, middles.rests, np.where(middles.narrow, offs, np.nan)
    )
    low = average(near.low, rows, constants.whole.low, constants.prior)
    high = average(near.high, rows, constants.whole.high, constants.prior)
    off = average(off, rows, np.zeros_like(middles.shares), constants.prior)
    return moved_to_mean(UnitSums(near.middle, near.rest, low, high), off), off


def _refuse_ends(middles: F64, rests: F64, names: tuple[str, ...]) -> None:
    """A DataProblem for the first column so near 0 or 1 that one of its shapes would have no digits."""
    for name, low, high in zip(names, middles, rests, strict=True):
        if min(low, high) < LEAST_DISTANCE:
            end = 0 if low < high else 1
            raise DataProblem(
                say("beta.at_end", name=name, distance=f"{min(low, high):.2g}", end=end),
                columns=(name,),
                remedy=say("beta.other", end=end),
            )
