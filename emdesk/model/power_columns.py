"""Columns of which a law takes powers: their pivots, the powers that their values allow, and where estimates start.

The transformed value of y is x = g (v + 1), with v the power of y about the pivot g, the geometric mean of the sizes of
a column: it is y itself at the power 1, and has the unit and about the spread of the column whatever the power (the
normalised transformation of Box and Cox 1964, section 3), so that a fit does not depend on units of measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.columnwise import observed_averages
from emdesk.model.numerics.box_cox import powered, values_of
from emdesk.model.positive import grown, log_ratios
from emdesk.model.power_settings import EACH, GIVEN, MOST_POWER
from emdesk.model.rows import Rows
from emdesk.texts import say

F64 = NDArray[np.float64]
LEAST_OF_SIGNED = 0.05
"""The least power of a column with values below zero, which have no logarithm."""
MOST_EXPONENT = 350.0
"""Transformed values stay below exp of this, so that their squares are numbers."""
FIRST_POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Estimates start at that of these powers which makes all rows most like one normal group."""


class PowerSettings(Protocol):
    """What the settings of a law with powers say."""

    @property
    def transformation(self) -> str: ...
    @property
    def power(self) -> float: ...


@dataclass(frozen=True, eq=False)
class PowerColumns:
    """The pivots (d,), whether values below zero are among the rows, the first power, between which two the powers
    stay, how far the logarithms reach, and how the powers are tied."""

    pivots: F64
    is_signed: bool
    first: float
    low: float
    high: float
    reach: float
    tying: str

    @property
    def is_free(self) -> bool:
        return self.tying != GIVEN

    def allowed(self, powers: F64) -> F64:
        """The nearest powers (K,) that the settings allow."""
        if not self.is_free:
            return np.full(len(powers), self.first)
        bounded = np.clip(powers, self.low, self.high)
        if self.tying == EACH or np.ptp(bounded) == 0:
            return bounded
        return np.full(len(powers), bounded.mean())

    def free_parameters(self, groups: int) -> int:
        """How many powers are estimated."""
        if not self.is_free:
            return 0
        return groups if self.tying == EACH else 1

    def encoded(self, columns: F64) -> F64:
        """(d, n) logarithms of the sizes about the pivots, followed by (d, n) signs where there are values below
        zero."""
        logs = log_ratios(np.abs(columns), self.pivots)
        return np.concatenate([logs, np.sign(columns)]) if self.is_signed else logs

    def parted(self, encoded: F64) -> tuple[F64, F64 | None]:
        """Logarithms (d, m), and signs (d, m) or None, of encoded rows."""
        d = len(self.pivots)
        return encoded[:d], encoded[d:] if self.is_signed else None

    def raw(self, encoded: F64) -> F64:
        """The inverse of `encoded`."""
        logs, signs = self.parted(encoded)
        sizes = grown(self.pivots, logs.T).T
        return sizes if signs is None else signs * sizes


def normalised(columns: F64, power: float, pivots: F64) -> F64:
    """x (d, n) of values y (d, n)."""
    if power == 1:
        return columns
    logs, signs = log_ratios(np.abs(columns), pivots), np.sign(columns)
    return pivots[:, None] + pivots[:, None] * powered(logs, signs, power)


def back(transformed: F64, powers: F64, pivots: F64) -> F64:
    """The values (K, d) with the transformed values (K, d), for powers (K,)."""
    return values_of((transformed - pivots) / pivots, powers[:, None], pivots)


def power_columns(rows: Rows, settings: PowerSettings) -> PowerColumns:
    """What is known of the powers of columns before the fit; a DataProblem for a value that has no power."""
    _refuse_zeros(rows)
    sizes = np.abs(rows.columns)
    is_signed = bool((rows.columns < 0).any())
    wanted = settings.power if settings.transformation == GIVEN else None
    if is_signed and wanted == 0:
        _refuse_below_zero(rows)
    pivots = np.exp(observed_averages(np.log(sizes), rows.weights))
    logs = log_ratios(sizes, pivots)
    rises = np.maximum(logs.max(axis=1), 1e-3)
    most = (MOST_EXPONENT - np.log(pivots)) / rises
    low, high = LEAST_OF_SIGNED if is_signed else 0.0, min(MOST_POWER, float(most.min()))
    if (low if wanted is None else wanted) > high:
        j = int(np.argmin(most))
        raise DataProblem(
            say("power.out_of_range", name=rows.names[j], power=f"{wanted or low:g}"),
            columns=(rows.names[j],),
            remedy=say("power.out_of_range_remedy"),
        )
    reach = float(np.abs(logs).max())
    first = wanted
    if first is None:
        tried = [p for p in FIRST_POWERS if low < p <= high] + [low]
        first = max(tried, key=lambda p: _one_group(rows, logs, p))
    return PowerColumns(pivots, is_signed, first, low, high, reach, settings.transformation)


def _one_group(rows: Rows, logs: F64, power: float) -> float:
    """The log-likelihood per row, but for a constant, of one normal group with independent columns."""
    values = powered(logs, np.sign(rows.columns), power)
    with np.errstate(divide="ignore", over="ignore"):
        top = np.maximum(np.abs(values).max(axis=1, keepdims=True), np.finfo(float).tiny)
        values = values / top
        away = values - np.average(values, axis=1, weights=rows.weights)[:, None]
        deviations = np.sqrt(np.average(away**2, axis=1, weights=rows.weights)) * top[:, 0]
        shift = (power - 1) * np.average(logs, axis=1, weights=rows.weights)
        return float((shift - np.log(deviations)).sum())


def _refuse_zeros(rows: Rows) -> None:
    places = np.argwhere(rows.columns == 0)
    if places.size:
        j, i = places[0]
        raise DataProblem(
            say("power.zero", name=rows.names[j], row=int(rows.row_numbers[i]) + 1),
            columns=(rows.names[j],),
            remedy=say("power.zero_remedy"),
        )


def _refuse_below_zero(rows: Rows) -> None:
    j, i = np.argwhere(rows.columns < 0)[0]
    value, row = f"{rows.columns[j, i]:g}", int(rows.row_numbers[i]) + 1
    raise DataProblem(
        say("power.needs_power", name=rows.names[j], value=value, row=row),
        columns=(rows.names[j],),
        remedy=say("power.needs_power_remedy"),
    )
