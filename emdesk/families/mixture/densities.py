"""How likely every row is in every component: what E-steps, labels and predictions begin with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.families.mixture.data import MixtureData
from emdesk.families.mixture.gating import GatedMixtureParams, gating_rows, log_shares
from emdesk.families.mixture.members import keep_known
from emdesk.families.mixture.noise import (
    NoisyMixtureParams,
    log_noise_density,
    log_noise_share,
    shares,
)
from emdesk.families.mixture.settings import MixtureParams
from emdesk.families.mixture.sums import Ready
from emdesk.model.family import Draw, RowOutput
from emdesk.model.law import Law, Workspace
from emdesk.model.numerics.softmax import log_totals, posterior

F64 = NDArray[np.float64]


def ready_for(
    law: Law, data: MixtureData, params: MixtureParams, draw: Draw | None, is_bounded: bool
) -> Ready:
    """What the blocks of a sweep share; `is_bounded` where an upper bound of all densities may be taken off them."""
    noisy = params if isinstance(params, NoisyMixtureParams) else None
    if isinstance(params, GatedMixtureParams):
        kernel = law.kernel(params.law, np.zeros(len(params.weights)), data.constants)
        return Ready(kernel, None, draw, noisy, gating_rows(params))
    with np.errstate(divide="ignore"):
        log_weights = np.log(shares(params))
    peaks = law.log_peak(params.law, data.constants) if is_bounded and noisy is None else None
    if peaks is None:
        kernel = law.kernel(params.law, log_weights, data.constants)
        return Ready(kernel, None, draw, noisy)
    bound = float((peaks + log_weights).max())
    kernel = law.kernel(params.law, log_weights - bound, data.constants)
    return Ready(kernel, bound, draw)


def log_joint(
    law: Law,
    data: MixtureData,
    chosen: slice | NDArray[np.intp],
    ready: Ready,
    features: Any,
    logs: F64,
    work: Workspace,
) -> F64 | None:
    """Write the logarithms of share times density of chosen rows into logs (K, m), with a row more for noise; returns
    those of the shares where they differ from row to row."""
    groups = len(logs) - (ready.noisy is not None)
    law.log_density(features, ready.kernel, logs[:groups], work)
    if ready.noisy is not None:
        logs[groups] = log_noise_density(ready.noisy, data.missing_of(chosen))
    odds = None
    if ready.gating is not None and data.gate is not None:
        odds = work.array("mixture.odds", *logs.shape)
        logs += log_shares(ready.gating, data.gate.terms[:, chosen], odds)
    elif ready.noisy is not None:
        logs[groups] += log_noise_share(ready.noisy)
    keep_known(logs, data.known_of(chosen))
    return odds


def posteriors_at(
    law: Law,
    data: MixtureData,
    chosen: slice | NDArray[np.intp],
    params: MixtureParams,
    work: Workspace,
) -> RowOutput:
    """Posterior probabilities of any used rows, whatever the assignment was while fitting."""
    logs, has_noise = _joint_at(law, data, chosen, params, work)
    posterior(logs, None, None, work)
    return RowOutput(logs, np.argmax(logs, axis=0), has_noise)


def log_densities_at(
    law: Law,
    data: MixtureData,
    chosen: slice | NDArray[np.intp],
    params: MixtureParams,
    work: Workspace,
) -> F64:
    """(m,) the log density of any used rows."""
    logs, _ = _joint_at(law, data, chosen, params, work)
    return log_totals(logs)


def _joint_at(
    law: Law,
    data: MixtureData,
    chosen: slice | NDArray[np.intp],
    params: MixtureParams,
    work: Workspace,
) -> tuple[F64, bool]:
    ready = ready_for(law, data, params, None, False)
    encoded = data.encoded[:, chosen]
    has_noise = ready.noisy is not None
    logs = np.empty((len(params.weights) + has_noise, encoded.shape[1]))
    features = law.features(encoded, data.constants, work)
    log_joint(law, data, chosen, ready, features, logs, work)
    return logs, has_noise
