"""What a mixture of regressions says of the response of rows, whether it is known or not.

The expected response of a row is the mean of what its components expect at its predictors, by their shares (by those
at its covariates, where there are some); its variance is the mean of their variances plus the variance of their means.
A row whose response is not known has its label and probabilities from the shares alone, or from the other columns where
laws on different columns are fitted together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import ByParams, Family, Request
from emdesk.model.joint import Joint
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
    """What a family is asked about a dataset, and what must be known of it; `responses` are those of regressions."""

    family: Family
    request: Request
    dataset: Dataset
    notes: tuple[str, ...]
    responses: tuple[str, ...]


def responses_of(columns: tuple[str, ...], law: Law | None) -> tuple[str, ...]:
    """The responses among the modelled columns of a regression, or of several laws with regressions among them; () of
    other laws."""
    joint: object = law
    if isinstance(joint, Joint):
        return tuple(p.columns[0] for p in joint.parts if isinstance(p.law, RegressionLaw))
    return columns[:1] if isinstance(law, RegressionLaw) else ()


def with_responses(dataset: Dataset, responses: tuple[str, ...]) -> Dataset:
    """The dataset with an empty response for each one that it does not have."""
    empty = tuple(
        Column(name, Kind.CONTINUOUS, np.full(dataset.rows, np.nan))
        for name in responses
        if not dataset.has(name)
    )
    return replace(dataset, columns=(*dataset.columns, *empty)) if empty else dataset


def request_for(request: Request, responses: tuple[str, ...]) -> Request:
    """The request, of regressions for the rows without a response too."""
    if not responses:
        return request
    return replace(request, settings=replace(request.settings, missing="keep"), keeps_empty=True)


def rows_with_a_cell(question: Question, used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n_used,) which of the rows asked about that are used (n,) have a value in some modelled column."""
    columns = (question.dataset.column(name).missing for name in question.request.columns)
    return np.asarray(~np.logical_and.reduce([gaps[: len(used)][used] for gaps in columns]))


def predicted_response(
    question: Question, name: str, values: ByParams, counts: tuple[int, int], control: RunControl
) -> Response:
    """What the model expects of a response in the first rows of a dataset, as if it were known in none; `counts` are
    the rows that it is asked about, and those of them that are used."""
    family, asked = question.family, question.dataset
    place, (rows, kept) = question.request.columns.index(name), counts
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
    expected, spread = (
        np.concatenate(side, axis=1)[place, order] for side in zip(*parts, strict=True)
    )
    is_known = ~np.isnan(own.values[data.row_numbers[order]])
    return Response(name, expected, spread, is_known)
