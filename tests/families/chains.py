"""Forward and backward through Markov chains, several at once.

Chains are padded to one length: a step of padding has log densities 0, which tells nothing and moves no
probability. Rabiner (1989), Proc. IEEE 77, 257-286, equations 19-20, 24-27, 37 (scaled by the sum at each step).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
LEAST_SCALE = 1e-100
"""Below this the scaled recursions have lost a state that matters, and logarithms take over."""


@dataclass(frozen=True, eq=False)
class Smoothed:
    """Probabilities of the states (L, S, K), zero in the padding, and the expected moves (K, K) between them."""

    log_likelihood: float
    states: F64
    moves: F64


def padded(lengths: NDArray[np.intp]) -> tuple[NDArray[np.intp], Mask]:
    """For chains laid end to end: the row of every step (L, S), and which steps are real."""
    steps = np.arange(int(lengths.max()))[:, None]
    real = steps < lengths
    firsts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return np.where(real, firsts + steps, 0), real


def smooth(initial: F64, transitions: F64, logs: F64, real: Mask) -> Smoothed:
    """Forward and backward over log densities (L, S, K) with zeros in the padding."""
    top = logs.max(axis=2)
    density = np.exp(logs - top[:, :, None])
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        forward, scale = _forward(initial, transitions, density)
        if scale.min() < LEAST_SCALE:
            return _by_logarithms(initial, transitions, logs, real)
        backward, ahead = _backward(transitions, density, scale)
        states = forward * backward
    if not np.isfinite(states).all():
        return _by_logarithms(initial, transitions, logs, real)
    states /= states.sum(axis=2, keepdims=True)
    states[~real] = 0.0
    forward[:-1][~real[1:]] = 0.0
    groups = len(initial)
    moves = forward[:-1].reshape(-1, groups).T @ ahead[1:].reshape(-1, groups)
    return Smoothed(float((np.log(scale) + top)[real].sum()), states, transitions * moves)


def _forward(initial: F64, transitions: F64, density: F64) -> tuple[F64, F64]:
    forward, scale = np.empty_like(density), np.empty(density.shape[:2])
    coming = np.broadcast_to(initial, density.shape[1:])
    for t in range(len(density)):
        forward[t] = coming * density[t]
        scale[t] = forward[t].sum(axis=1)
        forward[t] /= scale[t][:, None]
        coming = forward[t] @ transitions
    return forward, scale


def _backward(transitions: F64, density: F64, scale: F64) -> tuple[F64, F64]:
    backward, ahead = np.ones_like(density), np.zeros_like(density)
    for t in range(len(density) - 1, 0, -1):
        ahead[t] = density[t] * backward[t] / scale[t][:, None]
        backward[t - 1] = ahead[t] @ transitions.T
    return backward, ahead


def _by_logarithms(initial: F64, transitions: F64, logs: F64, real: Mask) -> Smoothed:
    with np.errstate(divide="ignore"):
        log_initial, log_moves = np.log(initial), np.log(transitions)
    forward, backward = np.empty_like(logs), np.zeros_like(logs)
    forward[0] = log_initial + logs[0]
    for t in range(1, len(logs)):
        forward[t] = log_sum(forward[t - 1][:, :, None] + log_moves, axis=1) + logs[t]
    for t in range(len(logs) - 1, 0, -1):
        backward[t - 1] = log_sum(log_moves + (logs[t] + backward[t])[:, None, :], axis=2)
    total = log_sum(forward[-1], axis=1)
    states = np.exp(forward + backward - total[:, None])
    states[~real] = 0.0
    moves = np.zeros_like(transitions)
    for t in range(1, len(logs)):
        arrived = (logs[t] + backward[t] - total[:, None])[:, None, :]
        step = np.exp(forward[t - 1][:, :, None] + log_moves + arrived)
        moves += step[real[t]].sum(axis=0)
    return Smoothed(float(total.sum()), states, moves)


def log_sum(values: F64, axis: int) -> F64:
    """The logarithm of the sum of exponentials along an axis; minus infinity where all are."""
    top = values.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.exp(values - top).sum(axis=axis)) + np.squeeze(top, axis))
