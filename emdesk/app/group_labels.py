"""The rows of all groups with their components in one table, in the order of the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np

from emdesk.app.group_fits import GroupFit
from emdesk.app.session import FitResult
from emdesk.em.splitting import group_count
from emdesk.io.writers.labels_csv import write_labels
from emdesk.model.family import RowOutput


def has_group_labels(fits: Sequence[GroupFit]) -> bool:
    """Whether the fits label rows with the same components, so that one table can hold all of them."""
    results = [fit.result for fit in fits if fit.result is not None]
    alike = len({_components(result) for result in results}) == 1
    return alike and all(result.family.labels_rows for result in results)


def _components(result: FitResult) -> tuple[object, ...]:
    count = group_count(result.params, result.family.group_axis)
    return result.family.id, count, result.group_names


def write_group_labels(stream: BinaryIO, fits: Sequence[GroupFit]) -> None:
    """Every row of the file with its columns, its component in its own group and the probabilities; empty cells where
    the row was in no fit."""
    found = [fit for fit in fits if fit.result is not None]
    whole = found[0].part.whole
    used = np.zeros(whole.rows, dtype=bool)
    rows, outputs = [], []
    for fit in found:
        assert fit.result is not None
        output = fit.result.row_output()
        assert output is not None
        rows.append(fit.part.rows[np.flatnonzero(fit.result.data.used)])
        outputs.append(output)
        used[rows[-1]] = True
    order = np.argsort(np.concatenate(rows))
    together = RowOutput(
        np.concatenate([o.probabilities for o in outputs], axis=1)[:, order],
        np.concatenate([o.label for o in outputs])[order],
        outputs[0].has_noise,
    )
    first = found[0].result
    assert first is not None
    write_labels(stream, whole, used, together, first.group_names)
