"""A project: the data, how they were read, the model and its result, as one file and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.holding import held_object
from emdesk.app.model_spec import ModelSpec, new_spec, with_laws
from emdesk.app.session import FitResult
from emdesk.em.attempts import Attempt, Outcome
from emdesk.em.fit_settings import FitSettings
from emdesk.em.stopping import Stop
from emdesk.em.trace import Trace
from emdesk.errors import EMDeskError, FileProblem
from emdesk.io.project_file import ProjectFile, read_project, write_project
from emdesk.model import params as params_of
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import ByParams
from emdesk.model.held import HeldValue
from emdesk.model.law import Weakness
from emdesk.model.needs import Role
from emdesk.texts import say

SAVED_ITERATIONS = 400
"""At most so many iterations keep their params in the file; the others are replayed from them."""


@dataclass(frozen=True, eq=False)
class Project:
    """What a project file holds. `reading` is how the data were read, `other` the keys this version does not know."""

    dataset: Dataset
    spec: ModelSpec
    result: FitResult | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)


def save_project(path: Path | str, project: Project) -> None:
    """Write the project safely."""
    arrays: dict[str, NDArray[Any]] = {}
    document: dict[str, Any] = {
        **project.other,
        "dataset": _dataset_document(project.dataset, arrays),
        "reading": dict(project.reading),
        "model": spec_document(project.spec),
        "result": None if project.result is None else _result_document(project.result, arrays),
    }
    write_project(path, ProjectFile(document, arrays))


def open_project(path: Path | str, catalogue: Catalogue) -> Project:
    """Read a project; a FileProblem says what cannot be read."""
    file = read_project(path)
    document = file.document
    try:
        dataset = _dataset(document["dataset"], file.arrays)
        spec = spec_from(document["model"], catalogue)
        result = document.get("result")
        opened = None if result is None else _result(result, file.arrays, dataset, catalogue)
    except EMDeskError as problem:
        raise FileProblem(problem.what, where=str(path), remedy=problem.remedy) from None
    except (KeyError, TypeError, ValueError, IndexError):
        raise FileProblem(
            say("project.damaged"), where=str(path), remedy=say("project.try_copy")
        ) from None
    known = {"format", "dataset", "reading", "model", "result"}
    other = {key: value for key, value in document.items() if key not in known}
    return Project(dataset, spec, opened, document.get("reading") or {}, other)


def _dataset_document(dataset: Dataset, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    columns = []
    for position, column in enumerate(dataset.columns):
        arrays[f"column_{position}"] = column.values
        columns.append(
            {
                "name": column.name,
                "kind": column.kind.value,
                "categories": list(column.categories),
                "missing_word": column.missing_word,
                "unit": column.unit,
                "as_read": {str(row): text for row, text in column.as_read.items()},
            }
        )
    return {"name": dataset.name, "source": dataset.source, "columns": columns}


def _dataset(document: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Dataset:
    columns = tuple(
        Column(
            entry["name"],
            Kind(entry["kind"]),
            np.array(arrays[f"column_{position}"], dtype=np.float64),
            tuple(entry["categories"]),
            entry["missing_word"],
            {int(row): text for row, text in entry["as_read"].items()},
            entry.get("unit", ""),
        )
        for position, entry in enumerate(document["columns"])
    )
    return Dataset(columns, document["name"], document["source"])


def spec_document(spec: ModelSpec) -> dict[str, Any]:
    """A model as plain names and numbers."""
    return {
        "family": spec.family,
        "law": spec.law,
        "columns": list(spec.columns),
        "laws": [{"law": part.law, "columns": list(part.columns)} for part in spec.laws],
        "roles": {role.value: list(names) for role, names in spec.roles.items()},
        "settings": spec.values(),
        "start_labels": spec.start_labels,
        "start_means": None if spec.start_means is None else [list(m) for m in spec.start_means],
        "start_params": None
        if spec.start_params is None
        else {name: np.asarray(v).tolist() for name, v in spec.start_params.items()},
        "held": held_object(spec.held),
    }


def spec_from(document: Mapping[str, Any], catalogue: Catalogue) -> ModelSpec:
    """The model of a document; settings that this version does not know keep their defaults."""
    laws = [(part["law"], tuple(part["columns"])) for part in document.get("laws", ())]
    law = document["law"] if not laws else laws[0][0]
    spec = new_spec(catalogue, document["family"], law)
    if laws:
        spec = with_laws(spec, catalogue, laws)
    known = {bound.name for bound in spec.fields()}
    for name, value in document["settings"].items():
        if name in known:
            spec = spec.with_setting(name, value)
    means = document.get("start_means")
    return replace(
        spec,
        columns=tuple(document["columns"]),
        roles={Role(role): tuple(names) for role, names in document["roles"].items()},
        start_labels=document.get("start_labels"),
        start_means=None if means is None else tuple(tuple(row) for row in means),
        start_params=document.get("start_params"),
        held=tuple(
            HeldValue(one["name"], tuple(one["place"]), float(one["value"]))
            for one in document.get("held", ())
        ),
    )


def _result_document(result: FitResult, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    attempts = []
    for attempt in result.outcome.attempts:
        trace, number = attempt.trace, attempt.index
        for name in ("objectives", "log_likelihoods", "seconds", "evaluations"):
            arrays[f"start_{number}_{name}"] = np.array(getattr(trace, name), dtype=np.float64)
        wanted = {0, attempt.kept, trace.last}
        if attempt is result.best:
            wanted |= {result.chosen} | _spread(list(trace.kept()))
        kept = sorted(i for i in wanted if trace.params_if_kept(i) is not None)
        saved = [params_of.arrays(trace.params_if_kept(i)) for i in kept]
        arrays[f"start_{number}_iterations"] = np.array(kept, dtype=np.int64)
        for name in saved[0]:
            arrays[f"start_{number}_params_{name}"] = np.stack([one[name] for one in saved])
        attempts.append(_attempt_document(attempt))
    return {
        "model": spec_document(result.spec),
        "starts": attempts,
        "best": result.best.index,
        "chosen": result.chosen,
        "is_kept_by_hand": result.is_kept_by_hand,
        "names": list(result.names),
        "slots": list(result.slots),
        "seconds": result.outcome.seconds,
        "evaluations": result.outcome.evaluations,
        "params": {
            name: value.tolist()
            for name, value in params_of.arrays(
                result.family.in_units(result.data, result.params)
            ).items()
        },
    }


def _spread(kept: list[int]) -> set[int]:
    if len(kept) <= SAVED_ITERATIONS:
        return set(kept)
    positions = np.linspace(0, len(kept) - 1, SAVED_ITERATIONS).astype(int)
    return {kept[p] for p in positions}


def _attempt_document(attempt: Attempt) -> dict[str, Any]:
    return {
        "index": attempt.index,
        "method": attempt.method,
        "stop": None if attempt.stop is None else attempt.stop.value,
        "kept": attempt.kept,
        "detail": attempt.detail,
        "climbs_to": attempt.climbs_to,
        "weaknesses": [
            {"group": w.group, "reason": w.reason, "template": w.template, "values": dict(w.values)}
            for w in attempt.weaknesses
        ],
    }


def _result(
    document: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    dataset: Dataset,
    catalogue: Catalogue,
) -> FitResult:
    spec = spec_from(document["model"], catalogue)
    family = spec.family_in(catalogue)
    data = family.prepare(dataset, spec.request())
    rng = np.random.default_rng(spec.fit.seed)
    like = family.start(data, ByParams(dict(document["params"])), rng)
    attempts = tuple(
        _attempt(entry, arrays, like, spec.fit, entry["index"] == document["best"])
        for entry in document["starts"]
    )
    best = next(a for a in attempts if a.index == document["best"])
    outcome = Outcome(attempts, best, document["seconds"], document["evaluations"])
    return FitResult(
        spec,
        dataset,
        family,
        data,
        outcome,
        document["chosen"],
        document["is_kept_by_hand"],
        names=tuple(document.get("names", ())),
        slots=tuple(document.get("slots", ())),
    )


def _attempt(
    entry: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    like: Any,
    fit: FitSettings,
    is_best: bool,
) -> Attempt:
    prefix = f"start_{entry['index']}_"
    stored = {
        name.removeprefix(f"{prefix}params_"): values
        for name, values in arrays.items()
        if name.startswith(f"{prefix}params_")
    }

    def at(position: int) -> Any:
        return params_of.rebuild(like, lambda parameter, _: stored[parameter.name][position])

    params = {int(i): at(position) for position, i in enumerate(arrays[f"{prefix}iterations"])}

    def numbers(name: str) -> list[float]:
        return [float(x) for x in arrays[prefix + name]]

    trace = Trace.restored(
        numbers("objectives"),
        numbers("log_likelihoods"),
        numbers("seconds"),
        numbers("evaluations"),
        params,
        accelerate=fit.accelerate,
        is_finished=fit.finish_with != "none" and is_best,
        seeds=(fit.seed, entry["index"]),
    )
    weaknesses = tuple(
        Weakness(w["group"], w["reason"], w["template"], w["values"]) for w in entry["weaknesses"]
    )
    stop = None if entry["stop"] is None else Stop(entry["stop"])
    return Attempt(
        entry["index"],
        entry["method"],
        trace,
        stop,
        entry["kept"],
        weaknesses,
        entry["detail"],
        entry.get("climbs_to"),
    )
