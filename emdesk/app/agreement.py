"""How far the groups of a fit agree with a column of known labels that the fit did not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.model_spec import ModelSpec
from emdesk.model.dataset import Dataset
from emdesk.model.family import Family, RowOutput
from emdesk.model.labels import labels_of
from emdesk.model.needs import Role
from emdesk.model.numerics.partitions import adjusted_rand
from emdesk.texts import say

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Agreement:
    """The labels of a column against the groups of a fit.

    `confusion` (L, K) counts the rows of each label in each group, by their weights; `matched` (L,) is the group that
    is taken for each label, -1 for a label that none is left for, so that as many rows as can be agree: `accuracy` is
    their share. `adjusted_rand` is 1 where labels and groups are the same partition, and 0 on average by chance.
    """

    column: str
    labels: tuple[str, ...]
    groups: tuple[str, ...]
    confusion: F64
    matched: tuple[int, ...]
    accuracy: float
    adjusted_rand: float
    rows: int


def agreement(
    spec: ModelSpec, dataset: Dataset, family: Family, data: Any, output: RowOutput | None
) -> Agreement | None:
    """The agreement with the column that has the role truth, None without one; `output` is in the order of the file.

    Rows whose group was given to the fit by a label do not count, unless that leaves none.
    """
    names = spec.roles.get(Role.TRUTH, ())
    if not names or output is None:
        return None
    used = np.flatnonzero(data.used)
    codes, labels = labels_of(dataset.column(names[0]))
    there = codes[used] >= 0
    for given in spec.roles.get(Role.LABEL, ()):
        unseen = there & dataset.column(given).missing[used]
        there = unseen if unseen.any() else there
    groups = len(output.probabilities)
    confusion = np.zeros((len(labels), groups))
    np.add.at(
        confusion, (codes[used][there], output.label[there]), weights_in_file(family, data)[there]
    )
    kept = np.flatnonzero(confusion.sum(axis=1) > 0)
    confusion = confusion[kept]
    if not kept.size:
        return None
    matched = match(confusion[:, : output.groups])  # noise is taken for no label
    total = float(confusion.sum())
    agreeing = sum(float(confusion[i, k]) for i, k in enumerate(matched) if k >= 0)
    return Agreement(
        names[0],
        tuple(labels[i] for i in kept),
        group_words(family, data, output),
        confusion,
        matched,
        agreeing / total,
        adjusted_rand(confusion),
        int(there.sum()),
    )


def group_words(family: Family, data: Any, output: RowOutput) -> tuple[str, ...]:
    """What the groups of an output are called, noise last where there is some."""
    numbers = tuple(str(k + 1) for k in range(output.groups))
    noise = (say("group.noise"),) if output.has_noise else ()
    return (family.group_names(data) or numbers) + noise


def weights_in_file(family: Family, data: Any) -> F64:
    """(n,) the weights of the used rows, in the order of the file."""
    blocks = family.blocks(data)
    weights = [data.weights_of(block) for block in blocks]
    together = np.concatenate(
        [np.ones(b.size) if w is None else w for b, w in zip(blocks, weights, strict=True)]
    )
    return np.asarray(together[np.argsort(data.row_numbers, kind="stable")])


def match(confusion: F64) -> tuple[int, ...]:
    """The group for each label with which most rows agree, each group once; -1 where no group is left."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(confusion, maximize=True)
    found = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    return tuple(int(found.get(i, -1)) for i in range(len(confusion)))


def agreement_object(found: Agreement) -> dict[str, Any]:
    """An agreement as plain names and numbers; groups count from 1, and a label without a group has None."""
    return {
        "column": found.column,
        "rows": found.rows,
        "labels": list(found.labels),
        "groups": list(found.groups),
        "confusion": plain_counts(found.confusion),
        "matched": [k + 1 if k >= 0 else None for k in found.matched],
        "accuracy": found.accuracy,
        "adjusted_rand": found.adjusted_rand,
    }


def plain_counts(counts: F64) -> list[list[float]]:
    """A table of counts as lists; whole numbers where all of them are whole."""
    whole = bool(np.all(counts == np.rint(counts)))
    return (counts.astype(np.int64) if whole else counts).tolist()  # type: ignore[no-any-return]
