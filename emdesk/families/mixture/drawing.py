"""Rows drawn from a mixture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emdesk.families.mixture.data import MixtureData, named_columns
from emdesk.families.mixture.gating import GatedMixtureParams, drawn_groups_of
from emdesk.families.mixture.noise import NoisyMixtureParams, noise_rows, noise_share
from emdesk.families.mixture.settings import MixtureParams
from emdesk.model.dataset import Dataset, Kind, from_arrays
from emdesk.model.law import Law
from emdesk.texts import say

F64 = NDArray[np.float64]
Codes = NDArray[np.intp]


def drawn_rows(
    law: Law,
    data: MixtureData,
    params: MixtureParams,
    places: Codes,
    rng: np.random.Generator,
) -> tuple[Dataset, Codes]:
    """Rows drawn in the place of used rows (n,), which keep what the model takes as given, and the component of each,
    counted from 1, 0 for noise."""
    groups = _drawn_groups(data, params, places, rng)
    is_noise = groups < 0
    rows = law.simulate_at(
        data.encoded[:, places], params.law, data.constants, np.where(is_noise, 0, groups), rng
    )
    if isinstance(params, NoisyMixtureParams):
        rows = np.where(is_noise, noise_rows(params, len(places), rng), rows)
    kind = Kind.COUNT if law.is_discrete() else Kind.CONTINUOUS
    pairs = named_columns(law, data, rows)
    drawn = _in_words_of(data.dataset, from_arrays(say("data.simulated"), pairs, kind))
    numbers = data.row_numbers[places]
    beside = [data.dataset.column(name) for name in data.given_names]
    kept = [replace(c, values=c.values[numbers], as_read={}) for c in beside]
    return replace(drawn, columns=(*drawn.columns, *kept)), groups + 1


def _drawn_groups(
    data: MixtureData, params: MixtureParams, places: Codes, rng: np.random.Generator
) -> Codes:
    """(n,) a component for each place, -1 for noise."""
    count = len(params.weights)
    if isinstance(params, GatedMixtureParams) and data.gate is not None:
        drawn = drawn_groups_of(params, data.gate.terms[:, places], rng)
        return np.where(drawn == count, -1, drawn)
    groups = rng.choice(count, size=len(places), p=params.weights)
    if not isinstance(params, NoisyMixtureParams):
        return groups
    return np.where(rng.random(len(places)) < noise_share(params), -1, groups)


def _in_words_of(dataset: Dataset, drawn: Dataset) -> Dataset:
    """Drawn rows whose text columns have the words that their codes stand for."""
    columns = []
    for column in drawn.columns:
        own = dataset.column(column.name)
        if own.categories:
            column = replace(column, kind=own.kind, categories=own.categories)
        columns.append(column)
    return replace(drawn, columns=tuple(columns))
