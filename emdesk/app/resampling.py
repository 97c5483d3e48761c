"""A fit as a bootstrap draws it again: rows that stand for themselves, each with its own ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emdesk.app.model_spec import ModelSpec
from emdesk.app.session import FitResult
from emdesk.em.bootstrap_test import Fitted
from emdesk.model.dataset import Dataset
from emdesk.model.family import Family, Request
from emdesk.model.interval_ends import with_both_ends
from emdesk.model.intervals import intervals_of


def by_rows(dataset: Dataset, spec: ModelSpec, family: Family) -> tuple[Dataset, Request]:
    """The rows of a model and what is asked of them, where some of the rows may be left out: the bins of a histogram
    get both their ends, so that one that is gone does not widen its neighbour."""
    request, law = spec.request(), intervals_of(family.law)
    if law is None or not spec.has_ends:
        return dataset, request
    ends = law.read(dataset, request.columns, request.roles)
    dataset, columns, roles = with_both_ends(dataset, request.columns[0], request.roles, ends)
    return dataset, replace(request, columns=columns, roles=roles)


def resampled(result: FitResult, from_model: bool = False) -> tuple[Dataset, Fitted]:
    """The rows and the model of a fit; with `from_model` a UsageProblem where values that are drawn have no known
    intervals."""
    dataset, request = by_rows(result.dataset, result.spec, result.family)
    data, law = result.data, intervals_of(result.family.law)
    if law is not None and result.spec.has_ends:
        data = result.family.prepare(dataset, request)
        if from_model:
            law.ends_of(np.empty(0), data.encoded)
    return dataset, Fitted(result.family, request, data, result.params, result.log_likelihood)
