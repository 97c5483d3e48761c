"""What is to be fitted, as the form, a script or a project file says it: one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emdesk.app.catalogue import Catalogue
from emdesk.em.fit_settings import RANDOM_METHODS, FitSettings
from emdesk.errors import UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.model.family import Family, Request
from emdesk.model.fields import BoundField, Value, fields_of, problems_in, values_of, with_value
from emdesk.model.needs import Role
from emdesk.texts import say


@dataclass(frozen=True)
class ModelSpec:
    """Family, law, columns, roles, all settings and where to start.

    `start_labels` names a column; `start_means` are (K, d) numbers in the analyst's units; `start_params` are
    parameters by name in the analyst's units. Each takes effect when `fit.start` says so.
    """

    family: str = "mixture"
    law: str | None = "gaussian"
    columns: tuple[str, ...] = ()
    roles: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    settings: Any = None
    law_settings: Any = None
    fit: FitSettings = field(default_factory=FitSettings)
    start_labels: str | None = None
    start_means: tuple[tuple[float, ...], ...] | None = None
    start_params: Mapping[str, Any] | None = None

    @property
    def parts(self) -> tuple[Any, ...]:
        """The settings objects there are: of the family, of its law, of the fit."""
        return tuple(s for s in (self.settings, self.law_settings, self.fit) if s is not None)

    def fields(self) -> tuple[BoundField, ...]:
        """Every setting of this model, in the order of the form."""
        return tuple(f for part in self.parts for f in fields_of(type(part)))

    def values(self) -> dict[str, Value]:
        """Every setting by name."""
        return values_of(*self.parts)

    def with_setting(self, name: str, value: object) -> ModelSpec:
        """The same model with one setting changed and checked; a UsageProblem for an unknown name."""
        for attribute in ("settings", "law_settings", "fit"):
            part = getattr(self, attribute)
            if part is not None and any(f.name == name for f in fields_of(type(part))):
                return replace(self, **{attribute: with_value(part, name, value)})
        raise UsageProblem(
            say("model.no_setting", name=name, model=self.law or self.family),
            remedy=say("model.settings_there_are", names=", ".join(f.name for f in self.fields())),
        )

    def check(self) -> None:
        """Raise the first SettingProblem there is."""
        for part in self.parts:
            for problem in problems_in(part):
                raise problem

    def request(self) -> Request:
        return Request(self.columns, self.settings, self.law_settings, dict(self.roles))


def new_spec(
    catalogue: Catalogue, family: str = "mixture", law: str | None = "gaussian"
) -> ModelSpec:
    """The default model of a family over a law."""
    chosen: Family = catalogue.family(family, law)
    return ModelSpec(
        family=chosen.id,
        law=chosen.law.id if chosen.law is not None else None,
        settings=chosen.Settings(),
        law_settings=chosen.law.Settings() if chosen.law is not None else None,
        fit=replace(FitSettings(), start=chosen.start_methods()[0]),
    )


def changed_model(spec: ModelSpec, catalogue: Catalogue, family: str, law: str | None) -> ModelSpec:
    """Another family or law over the same columns; settings of the same name and type are kept."""
    made = replace(
        new_spec(catalogue, family, law),
        columns=spec.columns,
        roles={r: c for r, c in spec.roles.items() if r in catalogue.family(family, law).roles},
    )
    old = {f.name: f for f in spec.fields()}
    values = spec.values()
    offered = start_choices(catalogue.family(family, law))
    for bound in made.fields():
        before = old.get(bound.name)
        if (
            before is not None
            and before.type is bound.type
            and values[bound.name] != before.default
        ):
            if bound.field.choices and bound.choice(str(values[bound.name])) is None:
                continue
            if bound.name == "start" and values["start"] not in offered:
                continue
            made = made.with_setting(bound.name, values[bound.name])
    return made


def start_choices(family: Family) -> tuple[str, ...]:
    """The values of the setting `start` that mean something for a family: its methods, those taken in turn where
    there are several with chance in them, labels and means where rows are in groups, and an earlier result."""
    methods = family.start_methods()
    several = ("mixed",) if len(RANDOM_METHODS.intersection(methods)) > 1 else ()
    groups = ("labels", "means") if family.labels_rows else ()
    return (*methods, *several, *groups, "result")


def default_columns(dataset: Dataset, roles: Mapping[Role, tuple[str, ...]]) -> tuple[str, ...]:
    """Every numeric column without a role."""
    taken = {name for names in roles.values() for name in names}
    return tuple(name for name in dataset.numeric_names() if name not in taken)
