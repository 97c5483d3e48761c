"""What laws of positive columns, independent of each other given the group, have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.texts import say

F64 = NDArray[np.float64]
NEAR = 0.5
NARROWEST = 1e-13
"""Where the relative spread of a column is less, numbers for means and scales hold less than two digits of it."""
LONGEST_LOG = 1400.0
"""exp of half of it is still a number."""


def are_positive(values: F64) -> NDArray[np.bool_]:
    """Which values are numbers above zero."""
    return np.asarray((values > 0) & (values < np.inf))


def refuse_constant(spreads: F64, names: tuple[str, ...]) -> None:
    """A DataProblem for the first column whose spread (d,) is zero."""
    for name, spread in zip(names, spreads, strict=True):
        if not spread > 0:
            raise DataProblem(
                say("data.no_spread", name=name),
                columns=(name,),
                remedy=say("data.leave_constant_out"),
            )


def refuse_narrow(spreads: F64, names: tuple[str, ...], least: float = NARROWEST) -> None:
    """A DataProblem for the first column whose relative spread (d,) is so small that parameters cannot show where in it
    a group lies."""
    for name, spread in zip(names, spreads, strict=True):
        if spread < least:
            raise DataProblem(
                say("data.too_narrow", name=name, share=f"{spread:.1g}"),
                columns=(name,),
                remedy=say("data.subtract"),
            )


def refuse_large(largest: F64, most: float, names: tuple[str, ...]) -> None:
    """A DataProblem for the first column whose largest value (d,) is beyond the most that a law can take."""
    for name, value in zip(names, largest, strict=True):
        if value > most:
            raise DataProblem(
                say("data.too_large", name=name, value=f"{value:.3g}", most=f"{most:g}"),
                columns=(name,),
                remedy=say("elliptical.change_unit"),
            )


def bounded_product(*factors: F64) -> F64:
    """The product of factors of 0 or more, at the edge of what a double holds where it is beyond."""
    made = factors[0]
    with np.errstate(over="ignore"):
        for factor in factors[1:]:
            made = np.minimum(made * factor, np.finfo(float).max)
    return np.asarray(made)


def refuse_values(label: str, values: F64) -> None:
    """A SettingProblem that names the component of the first of the given values (K, d) that is not above zero."""
    for k, row in enumerate(values):
        if not (np.isfinite(row).all() and (row > 0).all()):
            shown = ", ".join(f"{value:g}" for value in row)
            raise SettingProblem(
                say("start.not_above_zero", label=label, component=k + 1, value=shown),
                setting="start",
            )


def log_ratios(columns: F64, centres: F64) -> F64:
    """log(x / centre) of columns (d, n), exact to the last digits also where x is close to its centre (d,), and minus
    infinity where x is not above zero; missing cells (NaN) stay missing."""
    centre = centres[:, None]
    off = columns - centre
    is_near = np.abs(off) < NEAR * centre
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        ratio = columns / centre
        far = np.where((ratio > 0) & np.isfinite(ratio), np.log(ratio), np.nan)
        lost = np.isnan(far)
        far = np.where(lost, np.log(columns) - np.log(centre), far)
        made = np.where(is_near, np.log1p(np.where(is_near, off / centre, 0.0)), far)
    return np.asarray(np.where(columns > 0, made, np.where(np.isnan(columns), np.nan, -np.inf)))


def grown(centres: F64, logs: F64) -> F64:
    """centre exp(l) of centres (d,) and logarithms (K, d), right to the last digits also where these are small, and at
    the edge of what a double holds where it is beyond."""
    is_near = np.abs(logs) < NEAR
    near = centres + centres * np.expm1(np.where(is_near, logs, 0.0))
    half = np.exp(0.5 * np.clip(logs, -LONGEST_LOG, LONGEST_LOG))
    return np.asarray(np.where(is_near, near, bounded_product(half, centres, half)))


def chosen_columns(directions: F64, centre: F64) -> NDArray[np.intp] | None:
    """The columns (q,) that projections `directions @ (x - centre)`, (q, d), are, or None if they are anything else."""
    chosen = np.argmax(directions, axis=1)
    if np.any(directions != np.eye(directions.shape[1])[chosen]) or np.any(centre != 0):
        return None
    return np.asarray(chosen)


def diagonal(variances: F64) -> F64:
    """Covariance matrices (K, d, d) of variances (K, d) of independent columns."""
    return np.asarray(variances[:, :, None] * np.eye(variances.shape[1]))
