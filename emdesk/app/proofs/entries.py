"""The published results: which data, which model, what was printed, and to how many digits.

`resources/proof/proof.json` lists them. A number is kept as it was printed, so that its tolerance, half a unit of the
last digit, follows from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.errors import EMDeskError, Problem, UsageProblem
from emdesk.io.readers import read
from emdesk.model.dataset import Column, Dataset
from emdesk.model.needs import Role
from emdesk.resources import resource, resources_root
from emdesk.texts import say

DEEP = {
    "stop_rule": "parameters",
    "tolerance": 1e-9,
    "max_iterations": 50_000,
    "starts": 20,
    "finish": 10,
}
"""Printed digits are reached only close to the limit of the iterations."""


@dataclass(frozen=True)
class Check:
    """One printed quantity. `at_most` turns the number into a bound; `target` is where the objective of counted sweeps
    is to arrive."""

    quantity: str
    published: tuple[str, ...]
    at_most: bool = False
    target: float | None = None

    @property
    def numbers(self) -> tuple[float, ...]:
        return tuple(float(text) for text in self.published)

    @property
    def tolerance(self) -> float:
        """Half a unit of the last printed digit; none for a bound."""
        if self.at_most:
            return 0.0
        decimals = max(len(text.partition(".")[2]) for text in self.published)
        return 0.5 * 10.0**-decimals


@dataclass(frozen=True)
class Entry:
    """One published result. `start` are params by name for a path, `searches` the most single starts for maxima."""

    id: str
    title: str
    model: str
    data: str
    columns: tuple[str, ...]
    law: str
    checks: tuple[Check, ...]
    source: str
    family: str = "mixture"
    settings: Mapping[str, Any] = field(default_factory=dict)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cells: tuple[tuple[str, int, float], ...] = ()
    times: Mapping[str, float] = field(default_factory=dict)
    start: Mapping[str, Any] | None = None
    searches: int = 0

    @property
    def reference(self) -> str:
        """The result it belongs to: `G4` for `G4b`."""
        return self.id.rstrip("abcdefghijklmnopqrstuvwxyz")


class NotRun(Problem):
    """The result cannot be tried here; `what` is the reason."""


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Every published result, in the order of the list."""
    return tuple(_entry(told) for told in _document()["entries"])


def chosen_entries(names: Sequence[str]) -> tuple[Entry, ...]:
    """The results of these names, or all; `G4` names its variants `G4b`, ... too. A UsageProblem for an unknown one."""
    wanted = [name.lower() for name in names]
    for name, plain in zip(names, wanted, strict=True):
        if not any(plain in (e.id.lower(), e.reference.lower()) for e in entries()):
            listed = ", ".join(dict.fromkeys(e.reference for e in entries()))
            raise UsageProblem(
                say("proof.none_such", name=name), remedy=say("proof.there_are", names=listed)
            )
    return tuple(
        e for e in entries() if not wanted or {e.id.lower(), e.reference.lower()} & set(wanted)
    )


def proof_dataset(entry: Entry, folder: Path | None = None) -> Dataset:
    """The data of a result, with the stated corrections; NotRun if they are neither bundled nor in `folder`
    or a folder in it."""
    place = _document()["data"][entry.data]
    name = Path(place).name
    looked = [resources_root() / place]
    if folder is not None:
        looked += [folder / name, *sorted(folder.glob(f"*/{name}"))]
    path = next((p for p in looked if p.is_file()), None)
    if path is None:
        raise NotRun(say("proof.no_data", file=name))
    dataset = read(path).dataset
    absent = [c for c in (*entry.columns, *_role_columns(entry)) if not dataset.has(c)]
    if absent:
        raise NotRun(say("proof.no_column", file=path.name, name=absent[0]))
    columns = tuple(_corrected(entry, column) for column in dataset.columns)
    return replace(dataset, columns=columns, name=entry.title, source=entry.source)


def _role_columns(entry: Entry) -> tuple[str, ...]:
    return tuple(name for names in entry.roles.values() for name in names)


def _corrected(entry: Entry, column: Column) -> Column:
    values = np.array(column.values)
    for name, row, value in entry.cells:
        if name == column.name:
            values[row - 1] = value
    values *= entry.times.get(column.name, 1.0)
    return replace(column, values=values)


def proof_spec(entry: Entry, catalogue: Catalogue) -> ModelSpec:
    """The model of a result; NotRun if its law, a setting or a role is not in this program."""
    if all(law.id != entry.law for law in catalogue.laws):
        raise NotRun(say("proof.no_law", name=entry.law))
    family = catalogue.family(entry.family, entry.law)
    taken = {role.value for role in family.roles}
    for name in entry.roles:
        if name not in taken:
            raise NotRun(say("proof.no_role", name=name))
    spec = new_spec(catalogue, entry.family, entry.law)
    for name, value in {**DEEP, **entry.settings}.items():
        try:
            spec = spec.with_setting(name, value)
        except EMDeskError:
            raise NotRun(say("proof.no_setting", name=name, value=value)) from None
    spec = replace(
        spec,
        columns=entry.columns,
        roles={Role(name): columns for name, columns in entry.roles.items()},
    )
    if entry.start is not None:
        started = replace(spec.fit, start="result", starts=1)
        spec = replace(spec, fit=started, start_params=dict(entry.start))
    return spec


@lru_cache(maxsize=1)
def _document() -> Any:
    return json.loads(resource("proof/proof.json").read_text("utf-8"))


def _entry(told: Mapping[str, Any]) -> Entry:
    made = dict(told)
    made["columns"] = tuple(made["columns"])
    made["checks"] = tuple(
        Check(**{**check, "published": tuple(check["published"])}) for check in made["checks"]
    )
    made["roles"] = {role: tuple(names) for role, names in made.get("roles", {}).items()}
    made["cells"] = tuple((c["column"], c["row"], c["value"]) for c in made.get("cells", ()))
    return Entry(**made)
