"""A model as plain names and numbers, for a project file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from emdesk.app.catalogue import Catalogue
from emdesk.app.holding import held_object
from emdesk.app.model_spec import ModelSpec, new_spec, with_laws
from emdesk.app.tying import tied_object, ties_from
from emdesk.model.held import HeldValue
from emdesk.model.needs import Role


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
        "tied": tied_object(spec.ties),
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
        ties=ties_from(document.get("tied", ())),
    )
