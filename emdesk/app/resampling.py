"""A fit as a bootstrap draws it again: rows that stand for themselves, each with its own weight and ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emdesk.app.session import FitResult
from emdesk.em.bootstrap_test import Fitted
from emdesk.model.dataset import Dataset
from emdesk.model.interval_ends import with_both_ends
from emdesk.model.intervals import intervals_of


def resampled(result: FitResult, from_model: bool = False) -> tuple[Dataset, Fitted]:
    """The rows and the model of a fit. The bins of a histogram get both their ends, so that one that is drawn no more
    does not widen its neighbour; with `from_model` a UsageProblem where drawn values have no known intervals."""
    dataset, request, data = result.dataset, result.spec.request(), result.data
    law = intervals_of(result.family.law)
    if law is not None and result.spec.has_ends:
        ends = law.read(dataset, request.columns, request.roles)
        dataset, columns, roles = with_both_ends(dataset, request.columns[0], request.roles, ends)
        request = replace(request, columns=columns, roles=roles)
        data = result.family.prepare(dataset, request)
        if from_model:
            law.ends_of(np.empty(0), data.encoded)
    return dataset, Fitted(result.family, request, data, result.params, result.log_likelihood)
