"""What a mixture of regressions says of the response of rows, whether it is known or not.

The expected response of a row is the mean of what its components expect at its predictors, by their shares (by those
at its covariates, where there are some); its variance is the mean of their variances plus the variance of their means.
A row whose response is not known has its label and probabilities from the shares alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import ByParams, Family, Request
from emdesk.model.law import Law
from emdesk.model.regression_law import RegressionLaw

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Response:
    """The response `name` of the rows asked about (n,): what is expected, its standard deviation, and where it is
    known."""

    name: str
    expected: F64
    spread: F64
    is_known: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Question:
    """What a family is asked about a dataset, and what must be known of it; `response` is that of a regression."""

    family: Family
    request: Request
    dataset: Dataset
    notes: tuple[str, ...]
    response: str | None


def response_of(columns: tuple[str, ...], law: Law | None) -> str | None:
    """The response among the modelled columns of a regression, None of other laws."""
    return columns[0] if isinstance(law, RegressionLaw) else None


def with_response(dataset: Dataset, response: str | None) -> Dataset:
    """The dataset with an empty response where it has none."""
    if response is None or dataset.has(response):
        return dataset
    empty = Column(response, Kind.CONTINUOUS, np.full(dataset.rows, np.nan))
    return replace(dataset, columns=(*dataset.columns, empty))


def request_for(request: Request, response: str | None) -> Request:
    """The request, of a regression for the rows without a response too."""
    if response is None:
        return request
    return replace(request, settings=replace(request.settings, missing="keep"), keeps_empty=True)


def predicted_response(
    question: Question, values: ByParams, counts: tuple[int, int], control: RunControl
) -> Response:
    """What the model expects of the first rows of a dataset, as if the response of none were known; `counts` are the
    rows that it is asked about, and those of them that are used."""
    family, asked, name = question.family, question.dataset, question.request.columns[0]
    rows, kept = counts
    own = asked.column(name)
    blank = replace(own, values=np.where(np.arange(asked.rows) < rows, np.nan, own.values))
    columns = tuple(blank if column.name == name else column for column in asked.columns)
    data = family.prepare(replace(asked, columns=columns), question.request)
    params = family.start(data, values, np.random.default_rng(0))
    with Sweeper() as sweeper:
        parts = sweeper.each(
            lambda block: family.complete(data, block, params, sweeper.workspace(), None),
            family.blocks(data),
            control,
        )
    order = np.argsort(data.row_numbers)[:kept]
    expected, spread = (np.concatenate(side, axis=1)[0, order] for side in zip(*parts, strict=True))
    is_known = ~np.isnan(own.values[data.row_numbers[order]])
    return Response(name, expected, spread, is_known)
