"""Data drawn from a fitted or typed model, with the component that each row came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.drawn_rows import drawn_rows, fitted_laws, on_drawn_rows
from emdesk.app.prediction import FittedModel
from emdesk.app.session import FitResult
from emdesk.errors import UsageProblem
from emdesk.io.safe_write import write_safely
from emdesk.io.writers.cells import ColumnCells, cell, line
from emdesk.io.writers.labels_csv import free_name
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import ByParams, Cut, Family
from emdesk.model.interval_ends import EDGES
from emdesk.texts import say, translated

MOST_ROWS = 10_000_000
_CELLS_AT_A_TIME = 160_000


def simulate_result(result: FitResult, rows: int, seed: int) -> Dataset:
    """So many rows drawn from a fit. What the law takes as given, such as predictors, is that of rows of the data drawn
    at random."""
    return _drawn(result.family, result.data, result.params, rows, seed, result.group_names)


def simulate_model(model: FittedModel, rows: int, seed: int, catalogue: Catalogue) -> Dataset:
    """So many rows drawn from a model without its data; a UsageProblem where it cannot be drawn from without them."""
    family = model.spec.family_in(catalogue)
    law = family.law
    if law is None or family.cut is not Cut.ROWS:
        raise _not_drawn(family)
    asked = [role for role in law.roles if role in model.spec.roles and role not in EDGES]
    if asked:
        given = (n for r in asked for n in model.spec.roles[r])
        raise UsageProblem(
            say("simulate.needs_data", names=", ".join(given)),
            where=model.source,
            remedy=say("simulate.give_project"),
        )
    laws = fitted_laws(law, model.spec.columns, model.params)
    values = drawn_rows(laws, len(model.params["weights"]))
    columns = tuple(
        _column(name, own, model.categories.get(name, ()))
        for name, own in zip(model.spec.columns, values, strict=True)
    )
    family = family.with_law(on_drawn_rows(law, 0))
    spec = replace(model.spec, roles={}, held=(), ties=())
    data = family.prepare(Dataset(columns, say("data.simulated")), spec.request())
    params = family.start(data, ByParams(dict(model.params)), np.random.default_rng(0))
    return _drawn(family, data, params, rows, seed, model.group_names)


def _column(name: str, values: NDArray[np.float64], words: tuple[str, ...]) -> Column:
    return Column(name, Kind.NOMINAL if words else Kind.CONTINUOUS, values, words)


def _drawn(
    family: Family, data: Any, params: Any, rows: int, seed: int, names: tuple[str, ...]
) -> Dataset:
    if not 1 <= rows <= MOST_ROWS:
        raise UsageProblem(
            say("simulate.rows", rows=rows), remedy=say("simulate.give_rows", most=MOST_ROWS)
        )
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    made = family.drawn(data, params, rng.integers(data.rows, size=rows), rng)
    if made is None:
        raise _not_drawn(family)
    dataset, groups = made
    called = free_name(say("simulate.component"), dataset.names)
    if names:
        # the words of the labels that name the components, noise before them
        words = (say("files.noise"), *names)
        own = Column(called, Kind.NOMINAL, groups.astype(np.float64), words)
    else:
        own = Column(called, Kind.NOMINAL, groups.astype(np.float64))
    return Dataset((*dataset.columns, own), say("data.simulated"))


def _not_drawn(family: Family) -> UsageProblem:
    return UsageProblem(
        say("simulate.no_rows", family=translated(family.label)),
        remedy=say("simulate.give_mixture"),
    )


def write_simulated(path: Path, dataset: Dataset) -> None:
    """Write the rows as a CSV file, safely; raises FileProblem."""
    write_safely(path, lambda stream: _write(stream, dataset))


def _write(stream: BinaryIO, dataset: Dataset) -> None:
    stream.write(line([cell(name) for name in dataset.names]).encode("utf-8"))
    for block in _blocks(dataset):
        stream.write(("\n".join(block) + "\n").encode("utf-8"))


def _blocks(dataset: Dataset) -> Iterator[list[str]]:
    sources = [ColumnCells(column) for column in dataset.columns]
    size = max(1, _CELLS_AT_A_TIME // len(sources))
    for start in range(0, dataset.rows, size):
        stop = min(start + size, dataset.rows)
        cells = [source.between(start, stop) for source in sources]
        yield list(map(",".join, zip(*cells, strict=True)))
