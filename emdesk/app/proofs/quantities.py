"""The numbers that published results are stated in, read off a fit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from emdesk.app.prediction import log_densities
from emdesk.app.proofs.entries import Check
from emdesk.app.session import FitResult
from emdesk.model.params import arrays

F64 = NDArray[np.float64]
CLOSE = 1e-6
"""How far below its target the objective may be for the sweeps to be counted."""


def obtained(check: Check, result: FitResult) -> tuple[float, ...]:
    """What a fit says of a printed quantity, as many numbers as were printed."""
    if check.quantity == "sweeps":
        return (sweeps_to(check.target, result),)
    values = QUANTITIES[check.quantity](result)
    return tuple(float(v) for v in np.ravel(values)[: len(check.published)])


def sweeps_to(target: float | None, result: FitResult) -> float:
    """The sweeps over the data, that of the start included, until the objective is within 1e-6 of `target` (None: of
    where the run ends); not a number if it never is."""
    trace = result.trace
    aim = trace.objectives[-1] if target is None else target
    reached = np.flatnonzero(np.array(trace.objectives) > aim - CLOSE)
    return float(trace.evaluations[reached[0]]) if reached.size else float("nan")


def _in_units(result: FitResult) -> dict[str, F64]:
    """The parameters in the analyst's units, components by their first location, or by weight where there is none."""
    found = arrays(result.family.in_units(result.data, result.params))
    place = found.get("means", found.get("rates"))
    key = found["weights"] if place is None else place[:, 0]
    order = np.argsort(key)
    return {
        name: value[order] if value.ndim and len(value) == len(order) else value
        for name, value in found.items()
    }


def _upper(matrices: F64) -> F64:
    rows, columns = np.triu_indices(matrices.shape[-1])
    return np.asarray(matrices[:, rows, columns])


def _deviations(result: FitResult) -> F64:
    return np.sqrt(np.diagonal(_in_units(result)["covariances"], axis1=1, axis2=2))


def _correlations(result: FitResult) -> F64:
    matrices = _in_units(result)["covariances"]
    spread = _deviations(result)
    scaled = matrices / spread[:, :, None] / spread[:, None, :]
    rows, columns = np.triu_indices(matrices.shape[-1], 1)
    return np.asarray(scaled[:, rows, columns])


def _counts(result: FitResult) -> F64:
    """(n,) how often each used row, which stands for a pattern, was seen, in file order."""
    data = result.data
    parts = [data.weights_of(block) for block in result.family.blocks(data)]
    counts = np.concatenate([p for p in parts if p is not None])
    return np.asarray(counts[np.argsort(data.row_numbers)])


def _g2(result: FitResult) -> float:
    """Twice the log-likelihood that the observed shares have more than the model (rows are distinct patterns)."""
    counts = _counts(result)
    return 2.0 * (float(counts @ np.log(counts / counts.sum())) - result.log_likelihood)


def _x2(result: FitResult) -> float:
    """Pearson's sum over all cells of the table, the empty ones included."""
    counts = _counts(result)
    expected = counts.sum() * np.exp(log_densities(result.family, result.data, result.params))
    return float((counts**2 / expected).sum() - counts.sum())


QUANTITIES: dict[str, Callable[[FitResult], F64 | float]] = {
    "log_likelihood": lambda r: r.log_likelihood,
    "aic": lambda r: r.criteria().aic,
    "bic": lambda r: r.criteria().bic,
    "weights": lambda r: _in_units(r)["weights"],
    "means": lambda r: _in_units(r)["means"],
    "rates": lambda r: _in_units(r)["rates"],
    "covariances": lambda r: _upper(_in_units(r)["covariances"]),
    "deviations": _deviations,
    "correlations": _correlations,
    "g2": _g2,
    "x2": _x2,
}
