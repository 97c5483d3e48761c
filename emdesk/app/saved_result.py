"""A fit in a project file: its starts, what was found out about it since, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec
from emdesk.app.parts import PartRows, part_of
from emdesk.app.saved_model import spec_document, spec_from
from emdesk.app.saved_trust import trust_document, with_trust
from emdesk.app.saved_version import other_version, refuse_unlike
from emdesk.app.session import FitResult
from emdesk.em.attempts import Attempt, Outcome
from emdesk.em.fit_settings import FitSettings
from emdesk.em.stopping import Stop
from emdesk.em.trace import Trace
from emdesk.errors import EMDeskError
from emdesk.model import params as params_of
from emdesk.model.dataset import Dataset
from emdesk.model.family import ByParams, Family
from emdesk.model.law import Weakness
from emdesk.texts import say

SAVED_ITERATIONS = 400
"""At most so many iterations keep their params in the file; the others are replayed from them."""


def result_document(
    result: FitResult, arrays: dict[str, NDArray[Any]], prefix: str = ""
) -> dict[str, Any]:
    """The fit as plain names and numbers; its arrays are put among `arrays`, their names after `prefix`, so that
    several fits have room in one file."""
    attempts = []
    for attempt in result.outcome.attempts:
        trace, own = attempt.trace, f"{prefix}start_{attempt.index}_"
        for name in ("objectives", "log_likelihoods", "seconds", "evaluations"):
            arrays[own + name] = np.array(getattr(trace, name), dtype=np.float64)
        wanted = {0, attempt.kept, trace.last}
        if attempt is result.best:
            wanted |= {result.chosen} | _spread(list(trace.kept()))
        kept = sorted(i for i in wanted if trace.params_if_kept(i) is not None)
        saved = [params_of.arrays(trace.params_if_kept(i)) for i in kept]
        arrays[f"{own}iterations"] = np.array(kept, dtype=np.int64)
        for name in saved[0]:
            arrays[f"{own}params_{name}"] = np.stack([one[name] for one in saved])
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
        **_group_of(result.dataset),
        **trust_document(result, arrays, prefix),
    }


def _group_of(dataset: Dataset) -> dict[str, Any]:
    """Which group of the rows a fit is of, where it is of one."""
    if not isinstance(dataset, PartRows):
        return {}
    return {"group": {"column": dataset.column_of_group, "value": dataset.value_of_group}}


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


def result_from(
    document: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    dataset: Dataset,
    catalogue: Catalogue,
    prefix: str = "",
) -> FitResult:
    """The fit of a document to a dataset, or to the rows of the group that it is of. Raises OtherVersion where the fit
    is not what its own numbers say, and what a damaged document raises by itself."""
    if (of := document.get("group")) is not None and not isinstance(dataset, PartRows):
        dataset = part_of(dataset, of["column"], of["value"]).dataset
    spec, family, data, like = _prepared(document, dataset, catalogue)
    attempts = tuple(
        _attempt(entry, arrays, like, spec.fit, entry["index"] == document["best"], prefix)
        for entry in document["starts"]
    )
    best = next(a for a in attempts if a.index == document["best"])
    outcome = Outcome(attempts, best, document["seconds"], document["evaluations"])
    found = FitResult(
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
    refuse_unlike(found)
    return with_trust(found, document, arrays, prefix)


def _prepared(
    document: Mapping[str, Any], dataset: Dataset, catalogue: Catalogue
) -> tuple[ModelSpec, Family, Any, Any]:
    """The model of a fit, its data, and params that are like its own, from those in the analyst's units. Raises
    OtherVersion where this version takes no such model, data or params."""
    model, shown = document["model"], dict(document["params"])
    try:
        spec = spec_from(model, catalogue)
        family = spec.family_in(catalogue)
        data = family.prepare(dataset, spec.request())
        like = family.start(data, ByParams(shown), np.random.default_rng(spec.fit.seed))
    except EMDeskError as problem:
        raise other_version(say("project.the_fit")) from problem
    return spec, family, data, like


def _attempt(
    entry: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    like: Any,
    fit: FitSettings,
    is_best: bool,
    prefix: str,
) -> Attempt:
    own = f"{prefix}start_{entry['index']}_"
    stored = {
        name.removeprefix(f"{own}params_"): values
        for name, values in arrays.items()
        if name.startswith(f"{own}params_")
    }

    shapes = {name: value.shape for name, value in params_of.arrays(like).items()}
    if shapes != {name: values.shape[1:] for name, values in stored.items()}:
        raise other_version(say("project.the_fit"))

    def at(position: int) -> Any:
        return params_of.rebuild(like, lambda parameter, _: stored[parameter.name][position])

    params = {int(i): at(position) for position, i in enumerate(arrays[f"{own}iterations"])}

    def numbers(name: str) -> list[float]:
        return [float(x) for x in arrays[own + name]]

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
