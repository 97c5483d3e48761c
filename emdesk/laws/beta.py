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

Sources
    Density and maximum likelihood: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2,
    chapter 25. The log-likelihood is concave in both shapes: Barndorff-Nielsen (1978), Information and Exponential
    Families, section 9.
    Mixtures: Ji, Wu, Liu, Wang and Coombes (2005), Bioinformatics 21, 2118-2122.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.model.column_terms import TermsLaw, TermSums
from emdesk.model.columnwise import COMPONENT_COLUMN, ColumnConstants, Mask, observed_averages
from emdesk.model.dataset import Kind
from emdesk.model.fields import Field
from emdesk.model.law import Ascent, Quantity
from emdesk.model.needs import Needs
from emdesk.model.numerics.beta_shapes import (
    Ties,
    UnitSums,
    log_quotients,
    log_unit_height,
    moved_to_mean,
    shapes_of,
)
from emdesk.model.numerics.gamma_shapes import log_shortfalls
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import refuse_constant, refuse_narrow
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
NARROW = 400.0
"""Above this sum of the shapes the density multiplied out loses digits, and values are taken about the mean of the
group."""
NEAR = 0.5
"""A column whose cells are within this share of its mean, and their rests of the rest, is kept about the mean."""
START_FLOOR = 1e-6
LEAST_DISTANCE = 1e-12
"""Columns that are nearer to an end on average have shapes whose sum has lost the digits of the smaller one."""
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


@dataclass(frozen=True)
class BetaSettings:
    """Settings of the beta law."""

    floor: Annotated[
        float,
        Field(
            "Spread floor",
            "The least variance of a component in any column relative to m (1 - m), with m its mean, as a share of "
            "the data's. A component that touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8


@dataclass(frozen=True, eq=False)
class BetaParams:
    """The two shapes."""

    alphas: Annotated[F64, Axes("component", "column", label="Alpha"), Domain.POSITIVE]
    betas: Annotated[F64, Axes("component", "column", label="Beta"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class BetaConstants(ColumnConstants):
    """The means (d,) of the columns and their rests to 1, which columns (d,) are kept about them, the standard
    deviations (d,) of the logits, the shapes (2, d) of the data as one group, and the largest sums of shapes (d,)."""

    middles: F64
    rests: F64
    near: Mask
    deviations: F64
    shapes: F64
    most: F64
    floor: float


class Beta(TermsLaw[BetaParams, BetaConstants]):
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
    weak_template: ClassVar[str] = TEXTS["beta.weak"]
    kept: ClassVar[int] = 4
    summed: ClassVar[int] = 3

    def ascent(self, settings: BetaSettings) -> Ascent:
        return Ascent.EXACT

    def fits(self, cells: F64) -> Mask:
        return np.asarray((cells > 0) & (cells < 1))

    def first_look(self, rows: Rows, settings: BetaSettings) -> BetaConstants:
        columns, weights = rows.columns, rows.weights
        least, largest = np.nanmin(columns, axis=1), np.nanmax(columns, axis=1)
        refuse_constant(largest > least, rows.names)
        middles = observed_averages(columns, weights)
        rests = observed_averages(1 - columns, weights)
        _refuse_ends(middles, rests, rows.names)
        middle, rest = middles[:, None], rests[:, None]
        off, low, high = _about(columns, 1 - columns, middle, rest)
        logits = low - high + off / middle + off / rest
        centred = logits - observed_averages(logits, weights)[:, None]
        deviations = np.sqrt(observed_averages(centred**2, weights))
        refuse_narrow(deviations, rows.names)
        near = np.nanmax(np.maximum(np.abs(off) / middle, np.abs(off) / rest), axis=1) < NEAR
        averages = (observed_averages(part, weights) for part in (low, high))
        sums = moved_to_mean(UnitSums(middles, rests, *averages), np.zeros_like(middles))
        free = np.zeros(len(middles), dtype=np.bool_)
        endless = np.full(len(middles), np.inf)
        shapes = np.stack(shapes_of(sums, endless, middles, rests, Ties(free, free, free)))
        most = (1 + shapes.sum(axis=0)) / settings.floor
        return BetaConstants(middles, rests, near, deviations, shapes, most, settings.floor)

    def terms(self, columns: F64, constants: BetaConstants) -> tuple[F64, F64]:
        logs, others = np.log(columns), np.log1p(-columns)
        middle, rest = constants.middles[:, None], constants.rests[:, None]
        about = np.stack(_about(columns, 1 - columns, middle, rest))
        kept = np.where(constants.near[:, None], about, [columns, logs, others])
        ends = np.where(columns > 0.5, columns - 1, columns)
        return np.concatenate([kept, ends[None]]), -logs - others

    def cells(self, terms: F64, constants: BetaConstants) -> F64:
        return _from_ends(terms[3])[0]

    def places(self, columns: F64, constants: BetaConstants) -> F64:
        # logits, each in units of its spread
        middle, rest = constants.middles[:, None], constants.rests[:, None]
        off = _away(columns, 1 - columns, middle, rest)
        logits = log_quotients(columns, middle, off) - log_quotients(1 - columns, rest, -off)
        return np.asarray(logits / np.maximum(constants.deviations[:, None], np.finfo(float).eps))

    def coefficients(self, params: BetaParams, constants: BetaConstants) -> tuple[F64, F64]:
        a, b = params.alphas, params.betas
        constant = log_unit_height(a, b)
        apart, near = self.apart(params, constants), constants.near
        middle = np.where(near, constants.middles, 1.0)
        rest = np.where(near, constants.rests, 1.0)
        plain = a * np.log(a / (a + b) / middle) + b * np.log(b / (a + b) / rest)
        slope = np.where(near, a / middle - b / rest, 0.0)
        slopes = np.stack([slope, a, b, np.zeros_like(a)])
        return constant - np.where(apart, 0.0, plain), np.where(apart, 0.0, slopes)

    def apart(self, params: BetaParams, constants: BetaConstants) -> Mask:
        return np.asarray(params.alphas + params.betas > NARROW)

    def own_log_density(self, terms: F64, params: BetaParams, k: int, j: int) -> F64:
        _, low, high = self._own(terms, params, k, j)
        return np.asarray(params.alphas[k, j] * low + params.betas[k, j] * high)

    def own_terms(self, terms: F64, params: BetaParams, k: int, j: int) -> tuple[float, F64]:
        a, b = float(params.alphas[k, j]), float(params.betas[k, j])
        reference = a / (a + b) if a < b else -b / (a + b)
        return reference, np.stack(self._own(terms, params, k, j))

    def _own(self, terms: F64, params: BetaParams, k: int, j: int) -> tuple[F64, F64, F64]:
        a, b = params.alphas[k, j], params.betas[k, j]
        values, rests = _from_ends(terms[3])
        return _about(values, rests, a / (a + b), b / (a + b))

    def log_peak(self, params: BetaParams, constants: BetaConstants) -> F64 | None:
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

    def _sums(self, statistics: TermSums, constants: BetaConstants) -> UnitSums:
        """About the means of the groups; a group without rows has those of all."""
        off, low, high = statistics.averages
        own = statistics.reference
        has_own = own != 0
        values, rests = _from_ends(np.where(has_own, own, 0.5))
        middle = np.where(has_own, values, constants.middles)
        rest = np.where(has_own, rests, constants.rests)
        is_about = has_own | constants.near
        about = moved_to_mean(UnitSums(middle, rest, low, high), np.where(is_about, off, 0.0))
        tiny = np.finfo(float).eps
        mean = np.clip(off, np.finfo(float).tiny, 1 - tiny)
        plain = UnitSums(mean, 1 - mean, low - np.log(mean), high - np.log1p(-mean))
        return about.at(~is_about & ~statistics.empty, plain)

    def start(self, statistics: TermSums, constants: BetaConstants) -> BetaParams:
        sums, rows = self._sums(statistics, constants), statistics.seen
        total = np.maximum(rows.sum(axis=0), np.finfo(float).tiny)
        common = (rows * sums.gap).sum(axis=0) / total
        least = max(START_FLOOR, constants.floor) / (1 + constants.shapes.sum(axis=0))
        common = np.repeat(np.maximum(common, 0.5 * least)[None], len(rows), axis=0)
        size = 0.5 / common
        held = constants.held
        betas = held.put("betas", sums.rest * size)
        return held.onto(BetaParams(betas * sums.middle / sums.rest, betas))

    def maximise(
        self, statistics: TermSums, params: BetaParams | None, constants: BetaConstants
    ) -> BetaParams:
        held, empty = constants.held, statistics.empty
        sums = self._sums(statistics, constants)
        whole = np.repeat(constants.shapes[:, None], len(empty), axis=1)
        before = BetaParams(*whole) if params is None else params
        # a component without rows keeps its place, or has that of the data
        ties = Ties(
            held.of("alphas", sums.middle) | empty,
            held.of("betas", sums.middle) | empty,
            np.zeros_like(empty),
        )
        given = held.onto(before)
        alphas, betas = shapes_of(sums, constants.most, given.alphas, given.betas, ties)
        return BetaParams(alphas, betas)

    def inside(self, params: BetaParams, constants: BetaConstants) -> BetaParams:
        share = np.minimum(1.0, constants.most / (params.alphas + params.betas))
        return BetaParams(share * params.alphas, share * params.betas)

    def touching(self, params: BetaParams, constants: BetaConstants) -> Mask:
        held = constants.held
        is_free = ~(held.of("alphas", params.alphas) | held.of("betas", params.betas))
        return np.asarray((params.alphas + params.betas >= constants.most * (1 - 1e-6)) & is_free)

    def least_distinct_rows(self, constants: BetaConstants) -> int:
        return 2

    def means_at(self, means: F64, spread: BetaParams, constants: BetaConstants) -> BetaParams:
        for k, row in enumerate(means):
            if not ((row > 0) & (row < 1)).all():
                shown = ", ".join(f"{value:g}" for value in row)
                label = say("quantity.mean")
                raise SettingProblem(
                    say("start.not_in_unit", label=label, component=k + 1, value=shown),
                    setting="start",
                )
        size = (spread.alphas + spread.betas)[:1]
        return BetaParams(means * size, (1 - means) * size)

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
        _, low, high = _about(cells, rests, a / (a + b), b / (a + b))
        return np.asarray(
            log_unit_height(a, b) + a * low + b * high - np.log(cells) - np.log(rests)
        )

    def simulate(
        self, params: BetaParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        drawn = rng.beta(params.alphas[groups].T, params.betas[groups].T)
        # small shapes draw values nearer to the ends than there are numbers
        return np.asarray(np.clip(drawn, np.finfo(float).tiny, LARGEST_VALUE))


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


def _from_ends(ends: F64) -> tuple[F64, F64]:
    """x and 1 - x of signed distances: x itself, or x - 1 where x is nearer to 1."""
    is_low = ends > 0
    return np.where(is_low, ends, 1 + ends), np.where(is_low, 1 - ends, -ends)


def _away(values: F64, rests: F64, middle: F64, rest: F64) -> F64:
    """x - c with the digits of x or 1 - x, whichever has more, where c is nearer to that end."""
    return np.asarray(np.where(middle < rest, values - middle, rest - rests))


def _about(values: F64, rests: F64, middle: F64, rest: F64) -> tuple[F64, F64, F64]:
    """e = x - c, log(x / c) - e / c and log((1 - x) / (1 - c)) + e / (1 - c)."""
    off = _away(values, rests, middle, rest)
    low = log_shortfalls(off / middle, log_quotients(values, middle, off))
    high = log_shortfalls(-off / rest, log_quotients(rests, rest, -off))
    return off, low, high


LAW = Beta()
