"""From log densities to posterior probabilities, in place, without underflow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.model.law import Workspace

F64 = NDArray[np.float64]
UNDERFLOW = 1e-280


def posterior(
    logs: F64, weights: F64 | None, bound: float | None, work: Workspace
) -> tuple[F64, float]:
    """The weighted posterior probabilities (K, m) of log w_k f_k(x_i) (K, m), and the log-likelihood.

    With a `bound` the log densities have had this upper bound of them taken off already, which saves two passes; rows
    that underflow under it are redone with their own maximum. The answer lives in `logs` or in `work`.
    """
    groups, m = logs.shape
    extra = work.array("softmax.rows", 2, m)
    total, scale = extra[0], extra[1]
    if bound is None:
        return logs, _by_maximum(logs, weights, total, scale)
    made = np.exp(logs, out=work.array("softmax.made", groups, m))
    np.sum(made, axis=0, out=total)
    rare = np.flatnonzero(total < UNDERFLOW) if total.min() < UNDERFLOW else None
    if rare is not None:
        shift = logs[:, rare].max(axis=0)
        made[:, rare] = np.exp(logs[:, rare] - shift)
        total[rare] = made[:, rare].sum(axis=0)
    np.divide(1.0, total, out=scale)
    np.log(total, out=total)
    if rare is not None:
        total[rare] += shift
    if groups == 1:  # a number times its reciprocal may miss one
        made[:], scale[:] = 1.0, 1.0
    if weights is None:
        made *= scale
        return made, float(total.sum()) + bound * m
    scale *= weights
    made *= scale
    return made, float(weights @ total) + bound * float(weights.sum())


def _by_maximum(logs: F64, weights: F64 | None, total: F64, top: F64) -> float:
    np.max(logs, axis=0, out=top)
    logs -= top
    np.exp(logs, out=logs)
    np.sum(logs, axis=0, out=total)
    logs /= total
    np.log(total, out=total)
    total += top
    if weights is None:
        return float(total.sum())
    logs *= weights
    return float(weights @ total)


def classify(logs: F64, weights: F64 | None, work: Workspace) -> tuple[float, float]:
    """Turn log w_k f_k(x_i) (K, m) into weighted indicators of the likeliest group; return the log-likelihood and the
    classification log-likelihood."""
    m = logs.shape[1]
    label = np.argmax(logs, axis=0)
    rows = np.arange(m)
    top = logs[label, rows]
    logs -= top
    np.exp(logs, out=logs)
    more = np.log(logs.sum(axis=0))
    logs[:] = 0.0
    logs[label, rows] = 1.0 if weights is None else weights
    if weights is None:
        fit = float(top.sum())
        return fit + float(more.sum()), fit
    fit = float(weights @ top)
    return fit + float(weights @ more), fit


def log_totals(logs: F64) -> F64:
    """(m,) log sum_k w_k f_k(x_i) of log w_k f_k(x_i) (K, m), which is used up."""
    top = logs.max(axis=0)
    # a row that is impossible in every group
    top = np.where(np.isfinite(top), top, 0.0)
    logs -= top
    np.exp(logs, out=logs)
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(logs.sum(axis=0)))
