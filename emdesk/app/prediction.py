"""A fitted model on rows that it has not seen: labels, probabilities, log densities.

The log densities are those of the model, whatever the new rows are: `drawn_rows` says how. A regression can be asked
about rows whose response is not known: `predicted_response` says what becomes of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.drawn_rows import (
    drawn_rows,
    fitted_laws,
    on_drawn_rows,
    with_known_values,
    with_rows,
)
from emdesk.app.exporting import LABELS_CSV, PARAMETERS_JSON, read_parameters
from emdesk.app.model_spec import ModelSpec
from emdesk.app.predicted_response import (
    Question,
    Response,
    predicted_response,
    request_for,
    responses_of,
    rows_with_a_cell,
    with_responses,
)
from emdesk.app.project import open_project
from emdesk.app.result_object import with_coded, words_of
from emdesk.app.saved_model import spec_from
from emdesk.app.session import FitResult
from emdesk.em.control import RunControl
from emdesk.em.reduce import Sweeper
from emdesk.em.row_outputs import row_output_of
from emdesk.errors import DataProblem, EMDeskError, FileProblem
from emdesk.io.safe_write import write_all_safely
from emdesk.io.writers.json_object import plain_json, write_json
from emdesk.io.writers.labels_csv import free_name, write_labels
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import ByParams, Cut, Family, RowOutput
from emdesk.model.interval_ends import EDGES, with_both_ends
from emdesk.model.intervals import intervals_of
from emdesk.model.joint import Joint
from emdesk.model.law import Law
from emdesk.model.needs import Role
from emdesk.model.params import arrays
from emdesk.model.regression_law import RegressionLaw
from emdesk.texts import say, say_count

F64 = NDArray[np.float64]
PREDICTION_JSON = "prediction.json"
PROJECT_ENDING = ".emdesk"
ANSWERS = frozenset({Role.LABEL, Role.TRUTH})
"""Roles of columns that hold what is asked."""


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A model with its params in the analyst's units; `categories` are the words of its text columns, by column,
    `group_names` the labels that name its groups, if there are some."""

    spec: ModelSpec
    params: Mapping[str, F64]
    categories: Mapping[str, tuple[str, ...]]
    source: str
    group_names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model says of the rows of a dataset. `used` (n,) marks the rows it could be asked about; `output` and
    `log_densities` (n_used,) are of those; `output` is None where the family labels no rows, `log_densities` where rows
    have no density of their own. `responses` are what regressions expect of each row, () for other laws."""

    model: FittedModel
    dataset: Dataset
    used: NDArray[np.bool_]
    output: RowOutput | None
    log_densities: F64 | None
    log_likelihood: float
    notes: tuple[str, ...] = ()
    responses: tuple[Response, ...] = ()


# ---------------------------------------------------------------- the model


def read_model(path: Path, catalogue: Catalogue) -> FittedModel:
    """The model of an export folder, its `parameters.json`, or a project; a FileProblem says why there is none."""
    if path.suffix.lower() == PROJECT_ENDING:
        return _model_of_project(path, catalogue)
    file = path / PARAMETERS_JSON if path.is_dir() else path
    saved = read_parameters(file)
    told = json.loads(file.read_text(encoding="utf-8-sig"))
    try:
        spec = spec_from({"roles": {}, **told}, catalogue)
        categories = {n: tuple(map(str, w)) for n, w in told.get("categories", {}).items()}
    except EMDeskError as problem:
        raise FileProblem(problem.what, where=str(file), remedy=problem.remedy) from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise FileProblem(
            say("predict.no_model"), where=str(file), remedy=say("predict.give_result")
        ) from None
    names = tuple(map(str, told.get("group_names", ())))
    return FittedModel(spec, saved.params, categories, str(path), names)


def _model_of_project(path: Path, catalogue: Catalogue) -> FittedModel:
    project = open_project(path, catalogue)
    result = project.result
    if result is None and project.set_aside:
        raise FileProblem(project.set_aside[0], where=str(path))
    if result is None:
        raise FileProblem(
            say("predict.no_result"), where=str(path), remedy=say("predict.fit_first")
        )
    return result_model(result, str(path))


def result_model(result: FitResult, source: str = "") -> FittedModel:
    """The model of a fit."""
    params = arrays(result.family.in_units(result.data, result.params))
    words = words_of(result.dataset, with_coded(result.spec))
    return FittedModel(
        result.spec, params, words, source or result.dataset.name, result.group_names
    )


# ---------------------------------------------------------------- the rows


def predict(
    model: FittedModel,
    dataset: Dataset,
    catalogue: Catalogue,
    control: RunControl | None = None,
) -> Prediction:
    """Ask the model about every row of a dataset; a DataProblem names a column that is missing or of another kind."""
    control = control or RunControl()
    question = _question(model, dataset, catalogue)
    family, values = question.family, ByParams(dict(model.params))
    data = family.prepare(question.dataset, question.request)
    params = family.start(data, values, np.random.default_rng(0))
    used = np.asarray(data.used[: dataset.rows])
    if not used.any():
        raise DataProblem(
            say("predict.no_rows"), where=dataset.name, remedy=say("predict.fill_cells")
        )
    kept = int(used.sum())
    logs: F64 | None = None
    with Sweeper() as sweeper:
        output = row_output_of(family, data, params, sweeper, control)
        if family.cut is Cut.ROWS:
            densities, weights = _densities(family, data, params, control)
            logs = densities[:kept]
            total = float(weights[:kept] @ logs)
        else:
            blocks = family.blocks(data)
            total = sweeper.sweep(family, data, params, blocks, control).log_likelihood
    if output is not None:
        output = replace(
            output, probabilities=output.probabilities[:, :kept], label=output.label[:kept]
        )
    responses: tuple[Response, ...] = ()
    if logs is not None and question.responses:
        counts = (dataset.rows, kept)
        responses = tuple(
            predicted_response(question, name, values, counts, control)
            for name in question.responses
        )
        logs = np.where(rows_with_a_cell(question, used), logs, np.nan)
    return Prediction(model, dataset, used, output, logs, total, question.notes, responses)


def _question(model: FittedModel, dataset: Dataset, catalogue: Catalogue) -> Question:
    """What the family is asked about a dataset: its columns as the model knows them, behind them rows drawn from the
    model where rows can be drawn."""
    family = model.spec.family_in(catalogue)
    by_rows, law = family.cut is Cut.ROWS, family.law
    spec = replace(model.spec, roles=_roles_there(model.spec, dataset), held=(), ties=())
    responses = responses_of(spec.columns, law)
    asked, notes = _in_words_of(model, with_responses(dataset, responses))
    if (in_ends := intervals_of(law)) is not None and spec.has_ends:
        ends = in_ends.read(asked, spec.columns, spec.roles)
        asked, columns, roles = with_both_ends(asked, spec.columns[0], spec.roles, ends)
        spec = replace(spec, columns=columns, roles=roles)
    if by_rows and law is not None and _can_draw(law, spec):
        laws = fitted_laws(law, spec.columns, model.params)
        asked, unseen = with_known_values(asked, laws)
        notes += unseen
        family = family.with_law(on_drawn_rows(law, asked.rows))
        groups = len(model.params["weights"])
        asked = with_rows(asked, spec, drawn_rows(laws, groups, (spec, asked)))
    return Question(family, request_for(spec.request(), responses), asked, notes, responses)


def _can_draw(law: Law, spec: ModelSpec) -> bool:
    """Whether rows can be drawn from a model: those of laws that take no columns as given beside the ends
    of intervals, and of regressions."""
    joint: object = law
    laws = [part.law for part in joint.parts] if isinstance(joint, Joint) else [law]
    takers = (own for own in laws if spec.roles.keys() & set(own.roles) - set(EDGES))
    return all(isinstance(own, RegressionLaw) for own in takers)


def log_densities(family: Family, data: Any, params: Any, control: RunControl | None = None) -> F64:
    """(n,) log density of each used row, in file order, for a family whose rows are independent."""
    return _densities(family, data, params, control or RunControl())[0]


def _densities(family: Family, data: Any, params: Any, control: RunControl) -> tuple[F64, F64]:
    """The log densities and the weights (n,) of the used rows in file order."""
    blocks, weights = family.blocks(data), np.ones(data.rows)
    with Sweeper() as sweeper:
        parts = sweeper.each(
            lambda block: family.log_densities(data, block, params, sweeper.workspace()),
            blocks,
            control,
        )
    for block in blocks:
        own = data.weights_of(block)
        if own is not None:
            weights[block.start : block.stop] = own
    order = np.argsort(data.row_numbers)
    return np.concatenate(parts)[order], weights[order]


def _roles_there(spec: ModelSpec, dataset: Dataset) -> dict[Role, tuple[str, ...]]:
    """The roles of the model without known labels; row weights that the new file does not have count once."""
    roles = {role: names for role, names in spec.roles.items() if role not in ANSWERS}
    if not all(dataset.has(name) for name in roles.get(Role.WEIGHT, ())):
        del roles[Role.WEIGHT]
    return roles


def _needed(spec: ModelSpec) -> tuple[str, ...]:
    """The columns that a model asks for, each once."""
    names = (*spec.columns, *(name for names in spec.roles.values() for name in names))
    return tuple(dict.fromkeys(names))


def _in_words_of(model: FittedModel, dataset: Dataset) -> tuple[Dataset, tuple[str, ...]]:
    """The columns of the model, text columns in the codes of its words; a word that it does not know is missing."""
    spec = replace(model.spec, roles=_roles_there(model.spec, dataset))
    columns, notes = [], []
    for name in _needed(spec):
        if not dataset.has(name):
            raise DataProblem(
                say("predict.no_column", name=name),
                columns=(name,),
                where=dataset.name,
                remedy=say("data.columns_there_are", names=", ".join(dataset.names)),
            )
        column = dataset.column(name)
        words = model.categories.get(name)
        if words is None and column.categories and name in with_coded(spec):
            raise DataProblem(
                say("predict.text_column", name=name),
                columns=(name,),
                where=dataset.name,
                remedy=say("predict.same_kind"),
            )
        if words is not None:
            column, unknown = _recoded(column, words)
            if unknown:
                notes.append(say_count("predict.unknown_words", unknown, name=name))
        columns.append(column)
    return Dataset(tuple(columns), dataset.name, dataset.source), tuple(notes)


def _recoded(column: Column, words: tuple[str, ...]) -> tuple[Column, int]:
    """A column in the codes of these words, and how many of its cells are none of them. Words of digits may have been
    read as numbers."""
    places = {word: float(place) for place, word in enumerate(words)}
    there = np.flatnonzero(~column.missing)
    values = np.full(len(column.values), np.nan)
    values[there] = [places.get(column.text(row), np.nan) for row in there.tolist()]
    unknown = int(np.isnan(values[there]).sum())
    return replace(column, values=values, categories=words), unknown


# ---------------------------------------------------------------- the files


def prediction_object(prediction: Prediction, notes: Sequence[str] = ()) -> dict[str, Any]:
    """A prediction by fixed names, as `prediction.json` holds it; `groups` counts the rows of each label. Of a
    regression `rows_with_response` counts the rows used whose `response` was known, of several `responses` by name."""
    spec, output = prediction.model.spec, prediction.output
    made: dict[str, Any] = {
        "model": prediction.model.source,
        "family": spec.family,
        "law": spec.law,
        "columns": spec.columns,
        "file": prediction.dataset.name,
        "rows": prediction.dataset.rows,
        "rows_used": int(prediction.used.sum()),
        "log_likelihood": prediction.log_likelihood,
        "warnings": [*notes, *warnings_of(prediction)],
    }
    known = {response.name: int(response.is_known.sum()) for response in prediction.responses}
    if len(known) == 1:
        ((made["response"], made["rows_with_response"]),) = known.items()
    elif known:
        made["responses"] = known
    if output is not None:
        counts = np.bincount(output.label, minlength=len(output.probabilities))
        made["groups"] = counts[: output.groups]
        if output.has_noise:
            made["noise"] = counts[-1]
    plain: dict[str, Any] = plain_json(made)
    return plain


def warnings_of(prediction: Prediction) -> tuple[str, ...]:
    """What must be known of a prediction: rows that were set aside, words that the model does not know."""
    aside = prediction.dataset.rows - int(prediction.used.sum())
    told = [*prediction.notes]
    if aside:
        told.append(say_count("predict.set_aside", aside))
    is_alone = len(prediction.model.spec.columns) == 1
    for response in prediction.responses:
        if count := int((~response.is_known).sum()):
            key = "predict.no_response" if is_alone else "predict.response_apart"
            told.append(say_count(key, count, name=response.name))
    return tuple(told)


def prediction_files(family: Family) -> tuple[str, ...]:
    """The files that a prediction of this family writes, in order."""
    return ((LABELS_CSV,) if family.labels_rows else ()) + (PREDICTION_JSON,)


def export_prediction(
    prediction: Prediction, folder: Path, notes: Sequence[str] = ()
) -> tuple[Path, ...]:
    """Write `labels.csv` (where rows carry labels) and `prediction.json` into a folder; returns their paths.

    `labels.csv` holds the file's own rows and columns in their order, then what a regression expects of the response
    and its spread, log density, label, probabilities and uncertainty. Raises FileProblem.
    """
    made = prediction_object(prediction, notes)
    writers: dict[str, Callable[[BinaryIO], None]] = {}
    output = prediction.output
    if output is not None:
        dataset, used = _with_predictions(prediction), prediction.used
        writers[LABELS_CSV] = lambda stream: write_labels(
            stream,
            dataset,
            used,
            output,
            prediction.model.group_names,
        )
    writers[PREDICTION_JSON] = lambda stream: write_json(stream, made)
    write_all_safely(folder, writers)
    return tuple(folder / name for name in writers)


def _with_predictions(prediction: Prediction) -> Dataset:
    """The dataset with a column for each number that is predicted of its rows."""
    dataset, found = prediction.dataset, {}
    for response in prediction.responses:
        found[say("files.expected", name=response.name)] = response.expected
        found[say("files.expected_sd", name=response.name)] = response.spread
    if prediction.log_densities is not None:
        found[say("files.log_density")] = prediction.log_densities
    for name, own in found.items():
        values = np.full(dataset.rows, np.nan)
        values[prediction.used] = own
        column = Column(free_name(name, dataset.names), Kind.CONTINUOUS, values)
        dataset = replace(dataset, columns=(*dataset.columns, column))
    return dataset
