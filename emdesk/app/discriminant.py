"""Discriminant analysis: what a model whose labels are all known says of rows whose label it does not see.

With every label known EM is one step: the law is fitted to the rows of each label, and the weights are their shares.
Equal covariances give Fisher's linear rule, a covariance for each label the quadratic one (McLachlan 1992,
Discriminant Analysis and Statistical Pattern Recognition, sections 3.2 and 10.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.agreement import plain_counts, weights_in_file
from emdesk.app.model_spec import ModelSpec
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.row_outputs import row_output_of
from emdesk.errors import Cancelled, EMDeskError
from emdesk.model.dataset import Dataset
from emdesk.model.family import ByLabels, ByParams, Family
from emdesk.model.labels import labels_of
from emdesk.model.needs import Role
from emdesk.model.params import arrays, largest_change

F64 = NDArray[np.float64]
Codes = NDArray[np.intp]
FOLDS = 10
MOST_LEFT_OUT_SINGLY = 200
MOST_STEPS, SETTLED = 200, 1e-9
"""Laws whose M-step is no maximum are iterated until no parameter changes by more than this."""


@dataclass(frozen=True, eq=False)
class Discriminant:
    """The error of the rule that gives each row to its likeliest label.

    `resubstitution_error` is the share of the rows that the fit itself gives to another label, `cross_validated_error`
    the share when each row is judged by a fit that has not seen it, in so many `folds`; None where a fold could not be
    fitted, for the `reason`. `confusion` (L, L) counts the rows of each label that were given to each label, by their
    weights: cross-validated where that is there.
    """

    labels: tuple[str, ...]
    resubstitution_error: float
    cross_validated_error: float | None
    folds: int
    confusion: F64
    rows: int
    reason: str = ""

    @property
    def leaves_one_out(self) -> bool:
        """Whether every row was a fold of its own."""
        return self.folds == self.rows


def is_discriminant(spec: ModelSpec, dataset: Dataset, data: Any) -> bool:
    """Whether the label of every used row is known and every component is a label."""
    names = spec.roles.get(Role.LABEL, ())
    if not names:
        return False
    codes, labels = labels_of(dataset.column(names[0]))
    return len(labels) == spec.values().get("components") and bool((codes[data.used] >= 0).all())


def discriminant(
    spec: ModelSpec,
    dataset: Dataset,
    family: Family,
    data: Any,
    params: Any,
    control: RunControl | None = None,
) -> Discriminant | None:
    """The errors of a fit whose labels are all known, None of any other: leave-one-out up to 200 rows, else 10 folds
    that share out the rows of each label, by the seed of the fit. One fit for each fold; Cancelled if it is stopped."""
    if not is_discriminant(spec, dataset, data):
        return None
    labels = spec.roles[Role.LABEL]
    codes, names = labels_of(dataset.column(labels[0]))
    used = np.flatnonzero(data.used)
    judge = _Judge(spec, dataset, family, codes, names, control or RunControl())
    with Sweeper(1) as sweeper:
        given = judge.labels(family.in_units(data, params), sweeper)
        is_small = len(used) <= MOST_LEFT_OUT_SINGLY
        parts = np.arange(len(used)) if is_small else _parts(codes[used], spec.fit.seed)
        held_out, reason = given, ""
        try:
            held_out = judge.cross_validated(used, parts, sweeper)
        except Cancelled:
            raise
        except EMDeskError as problem:
            reason = problem.what
    weights, own = weights_in_file(family, data), codes[used]
    confusion = np.zeros((len(names), len(names)))
    np.add.at(confusion, (own, held_out), weights)
    total = float(weights.sum())
    missed = float(weights[held_out != own].sum()) / total
    return Discriminant(
        names,
        float(weights[given != own].sum()) / total,
        None if reason else missed,
        int(parts.max()) + 1,
        confusion,
        len(used),
        reason,
    )


def _parts(codes: Codes, seed: int) -> Codes:
    """(n,) the fold of each row: the rows of each label are dealt out at random."""
    rng = np.random.default_rng(seed)
    made = np.empty(len(codes), dtype=np.intp)
    begin = 0
    for label in np.unique(codes):
        mine = rng.permutation(np.flatnonzero(codes == label))
        made[mine] = (begin + np.arange(len(mine))) % FOLDS
        begin += len(mine)
    return made


class _Judge:
    """Fits rows with known labels, and gives labels to rows as if theirs were not known."""

    def __init__(
        self,
        spec: ModelSpec,
        dataset: Dataset,
        family: Family,
        codes: Codes,
        names: tuple[str, ...],
        control: RunControl,
    ) -> None:
        self._dataset, self._family, self._control = dataset, family, control
        self._codes, self._names = codes, names
        self._seen = spec.request()
        roles: dict[Role, tuple[str, ...]] = {
            r: n for r, n in spec.roles.items() if r != Role.LABEL
        }
        self._unseen = family.prepare(dataset, replace(spec, roles=roles).request())

    def labels(self, shown: Any, sweeper: Sweeper) -> Codes:
        """(n,) the likeliest label of every used row in file order under params in the analyst's units."""
        family, data = self._family, self._unseen
        rng = np.random.default_rng(0)
        params = family.start(data, ByParams(dict(arrays(shown))), rng)
        output = row_output_of(family, data, params, sweeper, self._control)
        assert output is not None
        return output.label

    def cross_validated(self, used: Codes, parts: Codes, sweeper: Sweeper) -> Codes:
        """(n,) the label of each row under a fit to the rows of the other folds."""
        made = np.empty(len(used), dtype=np.intp)
        for part in range(int(parts.max()) + 1):
            mine = parts == part
            made[mine] = self.labels(self._fit(used[~mine], sweeper), sweeper)[mine]
        return made

    def _fit(self, rows: Codes, sweeper: Sweeper) -> Any:
        """Params in the analyst's units of a fit to some rows of the file, all of them labelled."""
        family = self._family
        columns = tuple(
            replace(c, values=c.values[rows], as_read={}) for c in self._dataset.columns
        )
        dataset = replace(self._dataset, columns=columns)
        data = family.prepare(dataset, self._seen)
        how = ByLabels(self._codes[rows], self._names)
        params = family.start(data, how, np.random.default_rng(0))
        for _ in range(MOST_STEPS):
            sums = sweeper.sweep(family, data, params, family.blocks(data), self._control)
            before, params = params, family.maximise(data, sums, params)
            if largest_change(before, params) <= SETTLED:
                break
        return family.in_units(data, params)


def discriminant_object(found: Discriminant) -> dict[str, Any]:
    """The errors as plain names and numbers."""
    return {
        "labels": list(found.labels),
        "rows": found.rows,
        "resubstitution_error": found.resubstitution_error,
        "cross_validated_error": found.cross_validated_error,
        "folds": found.folds,
        "confusion": plain_counts(found.confusion),
        "reason": found.reason or None,
    }
