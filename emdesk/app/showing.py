"""Makes what the panels show of one iteration. It may take a while, so the window asks for it from another thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.agreement import agreement
from emdesk.app.catalogue import Catalogue
from emdesk.app.completion import completed
from emdesk.app.discriminant import is_discriminant
from emdesk.app.model_spec import ModelSpec
from emdesk.app.parts import group_column, group_values
from emdesk.app.rows_in_file import in_file
from emdesk.app.shown import Outline, Shown
from emdesk.app.state import Setup
from emdesk.em.attempts import Attempt
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.restarts import random_numbers
from emdesk.em.row_outputs import row_output_of
from emdesk.em.selection import Entropies, criteria, entropy_of
from emdesk.errors import DataProblem
from emdesk.model.dataset import Dataset
from emdesk.model.estimates import Completed
from emdesk.model.family import ByMethod, Family
from emdesk.model.labels import labels_of
from emdesk.model.marks import Curve, Picture, View
from emdesk.model.needs import Role
from emdesk.texts import say

ROWS_FOLLOWED_LIVE = 100_000
"""Above so many rows nothing that needs a pass over all of them is made while a run goes on."""
ROWS_COUNTED = 2_000
"""Rows that are enough to count the parameters of a model."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A family with the data it prepared, and what they were prepared from."""

    family: Family
    data: Any
    setup: Setup | None = None


@dataclass(frozen=True, eq=False)
class Moment:
    """One iteration of one start; `params` are at hand, or looked up in its trace."""

    attempt: Attempt
    iteration: int
    params: Any = None


@dataclass(frozen=True, eq=False)
class ShowRequest:
    """What is to be made: `moment` None shows the rows before any fit. `file_rows` are the numbers in the file of the
    rows that were prepared, None where they are all of them."""

    run: int
    number: int
    prepared: Prepared
    moment: Moment | None
    picture: View
    law: View
    is_live: bool = False
    names: tuple[str, ...] = ()
    slots: tuple[int, ...] = ()
    wants_rows: bool = False
    wants_cells: bool = False
    file_rows: NDArray[np.intp] | None = None


def prepare(setup: Setup, catalogue: Catalogue) -> Prepared:
    """The data of the form, checked and standardised; a Problem says what does not fit."""
    dataset, spec = setup.dataset, setup.spec
    assert dataset is not None and spec is not None
    if not spec.columns:
        raise DataProblem(
            say("data.no_columns"), where=dataset.name, remedy=say("data.choose_columns")
        )
    if (column := group_column(spec)) is not None:
        group_values(dataset, column)  # too many to fit each is said before the run
    family = spec.family_in(catalogue)
    return Prepared(family, family.prepare(dataset, spec.request()), setup)


def show(request: ShowRequest, control: RunControl | None = None) -> Shown:
    """Pictures, table values and criteria of one iteration, all of the same params."""
    moment = request.moment
    if moment is None:
        return in_file(_picture_only(request, None), request.file_rows)
    with Sweeper(1 if request.is_live else None) as sweeper:
        made = _of_moment(request, moment, sweeper, control or RunControl())
    return in_file(made, request.file_rows)


def _picture_only(request: ShowRequest, params: Any) -> Shown:
    family, data = request.prepared.family, request.prepared.data
    live = request.is_live
    return Shown(
        run=request.run,
        number=request.number,
        family=family,
        picture=_named(family.picture(data, params, replace(request.picture, live=live)), request),
        law=_named(family.picture(data, params, replace(request.law, live=live)), request),
        columns=tuple(data.columns),
        rows_used=int(np.sum(data.used)),
        slots=request.slots,
    )


def _named(picture: Picture, request: ShowRequest) -> Picture:
    """The picture with the names that a person gave to the groups."""
    names = request.names
    if not names or len(names) != len(picture.groups):
        return picture
    marks = tuple(
        replace(m, name=names[m.group]) if isinstance(m, Curve) and m.group >= 0 else m
        for m in picture.marks
    )
    return replace(picture, groups=names, marks=marks)


def _of_moment(
    request: ShowRequest, moment: Moment, sweeper: Sweeper, control: RunControl
) -> Shown:
    family, data = request.prepared.family, request.prepared.data
    trace, at, params = moment.attempt.trace, moment.iteration, moment.params
    if params is None:
        params = trace.params_at(at, family, data, sweeper, control)
    rows, entropies = None, Entropies()
    if not request.is_live or data.rows <= ROWS_FOLLOWED_LIVE:
        entropies = entropy_of(family, data, params, family.blocks(data), sweeper, control)
        if request.wants_rows or _compares(request.prepared):
            rows = row_output_of(family, data, params, sweeper, control)
    count = family.free_parameters(data, params)
    made = replace(
        _picture_only(request, params),
        attempt=moment.attempt.index,
        iteration=at,
        quantities=family.quantities(data, params),
        objective=trace.objectives[at],
        log_likelihood=trace.log_likelihoods[at],
        free_parameters=count,
        criteria=criteria(trace.log_likelihoods[at], count, data.size, entropies),
        file_rows=np.flatnonzero(data.used) if rows is not None else None,
        rows=rows,
    )
    return _with_known(made, request, params, sweeper, control)


def _compares(prepared: Prepared) -> bool:
    """Whether there are labels to compare with."""
    spec = None if prepared.setup is None else prepared.setup.spec
    return spec is not None and Role.TRUTH in spec.roles


def _with_known(
    made: Shown, request: ShowRequest, params: Any, sweeper: Sweeper, control: RunControl
) -> Shown:
    """What is shown, with estimates of missing cells and the agreement with known labels where they are asked for."""
    prepared = request.prepared
    setup = prepared.setup
    if setup is None or setup.spec is None or setup.dataset is None or request.is_live:
        return made
    spec, dataset, family, data = setup.spec, setup.dataset, prepared.family, prepared.data
    cells: Completed = {}
    if request.wants_cells:
        cells = completed(family, dataset, data, params, sweeper, control)
    return replace(
        made,
        cells=cells,
        agreement=agreement(spec, dataset, family, data, made.rows),
        is_discriminant=is_discriminant(spec, dataset, data),
    )


def count_parameters(setup: Setup, catalogue: Catalogue, prepared: Prepared) -> Outline:
    """Free parameters and rows of a model before it is run; parameters None where no start can be made yet."""
    dataset, spec = setup.dataset, setup.spec
    assert dataset is not None and spec is not None
    rows_used = int(np.sum(prepared.data.used))
    parameters = _free_parameters(dataset, spec, catalogue, prepared)
    sizes = _group_rows(dataset, spec, prepared)
    return Outline(parameters, rows_used, dataset.rows, float(prepared.data.size), sizes)


def _group_rows(dataset: Dataset, spec: ModelSpec, prepared: Prepared) -> tuple[int, ...]:
    """The used rows of each group that is to be fitted alone."""
    column = group_column(spec)
    if column is None:
        return ()
    codes, values = labels_of(dataset.column(column))
    used = np.asarray(prepared.data.used)
    codes = codes[used] if len(used) == len(codes) else codes
    return tuple(int(n) for n in np.bincount(codes[codes >= 0], minlength=len(values)))


def _free_parameters(
    dataset: Dataset, spec: ModelSpec, catalogue: Catalogue, prepared: Prepared
) -> int | None:
    """The count from a cheap start: it depends on the model and its columns, not on how many rows there are."""
    from emdesk.errors import EMDeskError

    try:
        if dataset.rows > ROWS_COUNTED:
            prepared = prepare(Setup(_thinned(dataset, prepared), None, spec), catalogue)
        family, data = prepared.family, prepared.data
        methods = family.start_methods()
        method = "random-rows" if "random-rows" in methods else methods[0]
        params = family.start(data, ByMethod(method, 0), random_numbers(0, 0))
        return family.free_parameters(data, params)
    except (EMDeskError, ArithmeticError, np.linalg.LinAlgError):
        return None  # the same trouble is told properly when the model is run


def _thinned(dataset: Dataset, prepared: Prepared) -> Dataset:
    used = np.asarray(prepared.data.used)
    rows = np.flatnonzero(used) if len(used) == dataset.rows else np.arange(dataset.rows)
    chosen = rows[:: max(1, len(rows) // ROWS_COUNTED)]
    columns = tuple(replace(c, values=c.values[chosen], as_read={}) for c in dataset.columns)
    return replace(dataset, columns=columns)
