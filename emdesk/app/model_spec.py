"""What is to be fitted, as the form, a script or a project file says it: one immutable value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from emdesk.app.catalogue import Catalogue
from emdesk.app.law_part import LawPart
from emdesk.em.fit_settings import RANDOM_METHODS, FitSettings
from emdesk.errors import UsageProblem
from emdesk.model.dataset import Column, Dataset
from emdesk.model.family import Family, Request
from emdesk.model.fields import BoundField, Value, fields_of, problems_in, values_of, with_value
from emdesk.model.held import Held, HeldValue
from emdesk.model.interval_ends import EDGES, window_of
from emdesk.model.intervals import in_intervals, takes_intervals
from emdesk.model.joint import Joint
from emdesk.model.law import Law
from emdesk.model.needs import Needs, Role
from emdesk.model.power_law import with_powers
from emdesk.model.tied import Tie
from emdesk.model.truncated_counts import in_window, takes_window
from emdesk.texts import say

JOINT = "joint"
"""The law of a model whose columns have different laws."""


@dataclass(frozen=True)
class ModelSpec:
    """Family, law, columns, roles, all settings and where to start.

    `start_labels` names a column; `start_means` are (K, d) numbers in the analyst's units; `start_params` are
    parameters by name in the analyst's units. Each takes effect when `fit.start` says so. `held` are the numbers
    that stay as they are, in the analyst's units, and `ties` the parameters that are equal in several groups. Where
    different columns have different laws, `laws` says which, `law` is "joint" and `columns` are those of the laws,
    one after the other.
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
    held: tuple[HeldValue, ...] = ()
    ties: tuple[Tie, ...] = ()
    laws: tuple[LawPart, ...] = ()

    @property
    def parts(self) -> tuple[Any, ...]:
        """The settings objects there are: of the family, of its law, of the fit."""
        return tuple(s for s in (self.settings, self.law_settings, self.fit) if s is not None)

    def fields(self) -> tuple[BoundField, ...]:
        """Every setting of this model, in the order of the form."""
        own = (fields_of(type(part)) for part in self.parts)
        family, *rest = own
        joint = (part.fields() for part in self.laws)
        return tuple(f for fields in (family, *joint, *rest) for f in fields)

    def values(self) -> dict[str, Value]:
        """Every setting by name."""
        made = values_of(*self.parts)
        for part in self.laws:
            made |= part.values()
        return made

    def bound(self, name: str) -> BoundField | None:
        """The setting of this name, or that of the first of several laws that has it by its plain name."""
        fields = self.fields()
        whole = next((f for f in fields if f.name == name), None)
        if whole is not None:
            return whole
        owner = next((part for part in self.laws if part.plain_name(name) is not None), None)
        return (
            None if owner is None else next(f for f in fields if f.name == f"{owner.name}.{name}")
        )

    def is_of_one_law(self, name: str) -> bool:
        """Whether this is the full name of a setting of one of several laws."""
        return any(name in part.values() for part in self.laws)

    def with_setting(self, name: str, value: object) -> ModelSpec:
        """The same model with one setting changed and checked; a UsageProblem for an unknown name."""
        for attribute in ("settings", "law_settings", "fit"):
            part = getattr(self, attribute)
            if part is not None and any(f.name == name for f in fields_of(type(part))):
                return replace(self, **{attribute: with_value(part, name, value)})
        owners = [part for part in self.laws if part.plain_name(name) is not None]
        if owners:
            return self._with_law_setting(owners, name, value)
        raise UsageProblem(
            say("model.no_setting", name=name, model=self.law or self.family),
            remedy=say("model.settings_there_are", names=", ".join(f.name for f in self.fields())),
        )

    def _with_law_setting(self, owners: list[LawPart], name: str, value: object) -> ModelSpec:
        """A setting in full changes one law, its plain name all laws that have it."""
        laws = tuple(
            replace(part, settings=with_value(part.settings, plain, value))
            if part in owners and (plain := part.plain_name(name)) is not None
            else part
            for part in self.laws
        )
        return replace(self, laws=laws)

    def family_in(self, catalogue: Catalogue) -> Family:
        """The family of this model over its law, or over its laws as one."""
        if not self.laws:
            return self._in_intervals(self._as_set(catalogue.family(self.family, self.law)))
        joint = Joint(
            [
                (
                    _law_as_set(catalogue.law(part.law), part.settings, len(part.columns)),
                    part.columns,
                )
                for part in self.laws
            ]
        )
        return catalogue.family(self.family).with_law(joint)

    def _as_set(self, family: Family) -> Family:
        """The family over its law as the settings make it."""
        law = family.law
        if law is None:
            return family
        made = _law_as_set(law, self.law_settings, len(self.columns))
        return family if made is law else family.with_law(made)

    def _in_intervals(self, family: Family) -> Family:
        """The family over its law in intervals where columns give ends, or values are truncated."""
        law, window = family.law, window_of(self.settings)
        if law is not None and window and takes_window(law):
            return family.with_law(in_window(law, window))
        if law is None or not takes_intervals(law):
            return family
        return family.with_law(in_intervals(law, window)) if window or self.has_ends else family

    @property
    def has_ends(self) -> bool:
        """Whether columns give the ends of intervals."""
        return any(role in EDGES for role in self.roles)

    def check(self) -> None:
        """Raise the first SettingProblem there is."""
        for part in (*self.parts, *(law.settings for law in self.laws)):
            for problem in problems_in(part):
                raise problem

    @property
    def holding(self) -> Held:
        """What is held and tied."""
        return Held(self.held, self.ties)

    def holding_what(self, family: Family) -> ModelSpec:
        """The same model with what of the held and tied parameters a family can hold and tie."""
        held, ties = self.holding.only(family.holdable), self.holding.only(family.tieable)
        return replace(self, held=held.values, ties=ties.ties)

    def request(self) -> Request:
        own = tuple(part.settings for part in self.laws) if self.laws else self.law_settings
        return Request(self.columns, self.settings, own, dict(self.roles), self.holding)


def _law_as_set(law: Law, settings: Any, columns: int) -> Law:
    """A law over so many columns as its settings make it: of other parameters, or in powers of the columns."""
    return with_powers(law.under(settings, columns), settings)


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
    """Another family or law over the same columns; settings of the same name and type are kept, and what is held as far
    as it can be there."""
    made = replace(
        new_spec(catalogue, family, law),
        columns=spec.columns,
        roles={r: c for r, c in spec.roles.items() if r in catalogue.family(family, law).roles},
        held=spec.held,
        ties=spec.ties,
    ).holding_what(catalogue.family(family, law))
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


def with_laws(
    spec: ModelSpec, catalogue: Catalogue, laws: Sequence[tuple[str, tuple[str, ...]]]
) -> ModelSpec:
    """The same model with laws by id over different columns; one law over all of them is the plain model. Settings of
    the laws that were there are kept."""
    if len(laws) == 1:
        own = {part.law: part.settings for part in spec.laws}.get(laws[0][0])
        made = changed_model(spec, catalogue, spec.family, laws[0][0])
        return replace(made, columns=laws[0][1], law_settings=own or made.law_settings)
    before = {part.law: part.settings for part in spec.laws}
    if spec.law is not None and spec.law_settings is not None:
        before.setdefault(spec.law, spec.law_settings)
    parts = tuple(
        LawPart(law, columns, before.get(law, catalogue.law(law).Settings()))
        for law, columns in laws
    )
    columns = tuple(name for part in parts for name in part.columns)
    made = replace(spec, law=JOINT, law_settings=None, laws=parts, columns=columns)
    return made.holding_what(made.family_in(catalogue))


def start_choices(family: Family) -> tuple[str, ...]:
    """The values of the setting `start` that mean something for a family: its methods, those taken in turn where
    there are several with chance in them, labels and means where rows are in groups, and an earlier result."""
    methods = family.start_methods()
    several = ("mixed",) if len(RANDOM_METHODS.intersection(methods)) > 1 else ()
    groups = ("labels", "means") if family.labels_rows else ()
    return (*methods, *several, *groups, "result")


def default_columns(
    dataset: Dataset, roles: Mapping[Role, tuple[str, ...]], needs: Needs | None = None
) -> tuple[str, ...]:
    """Every column without a role that a law takes unasked: the numeric ones, and for a law of categories those of
    text and of few different numbers."""
    taken = {name for names in roles.values() for name in names}
    return tuple(
        column.name
        for column in dataset.columns
        if column.name not in taken and takes_unasked(needs, column)
    )


def takes_unasked(needs: Needs | None, column: Column) -> bool:
    """Whether a column is modelled where none is named."""
    if needs is None or not needs.text:
        return column.is_numeric
    if not column.is_numeric:
        return column.kind in needs.kinds
    most = needs.most_values
    return most is None or (column.is_whole and column.distinct <= most)


def needs_of(spec: ModelSpec, catalogue: Catalogue) -> Needs | None:
    """What the law of a model asks of its columns, None for a family without a law."""
    law = spec.family_in(catalogue).law
    return None if law is None else law.needs
