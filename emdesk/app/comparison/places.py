"""Which models are compared: a model at every count of groups, and for every value of one setting or every law."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec, changed_model
from emdesk.em.control import RunControl
from emdesk.em.fit_settings import RANDOM_METHODS
from emdesk.em.reduce import Sweeper
from emdesk.em.restarts import random_numbers
from emdesk.errors import EMDeskError, SettingProblem, UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.model.family import ByMethod
from emdesk.model.fields import BoundField, fields_of
from emdesk.model.params import arrays
from emdesk.texts import say, translated

LAW = "law"
"""What varies where it is not a setting."""
ALL = "all"
TIED = "tied"
"""What a problem of a value that some structures have by themselves names as its setting."""


@dataclass(frozen=True, order=True)
class Place:
    """Where a model stands in the grid: how many groups, and the value of what varies (empty where nothing does)."""

    components: int
    variant: str = ""


@dataclass(frozen=True)
class GridSpec:
    """What is compared. `varied` names a setting with a closed list, or LAW, or is empty; `labels` are what laws are
    called."""

    base: ModelSpec
    counts: tuple[int, ...]
    varied: str = ""
    variants: tuple[str, ...] = ("",)
    labels: tuple[str, ...] = ()

    def label(self, variant: str) -> str:
        """What a variant is called: a value of a setting by itself, a law by its label."""
        return self.labels[self.variants.index(variant)] if self.labels else variant

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place, those of few groups and early variants first: models there have the fewest parameters."""
        found = [
            (i + j, i, Place(count, variant))
            for i, count in enumerate(self.counts)
            for j, variant in enumerate(self.variants)
        ]
        return tuple(place for _, _, place in sorted(found, key=lambda entry: entry[:2]))

    def at(self, place: Place, catalogue: Catalogue) -> ModelSpec:
        """The model of one place."""
        spec = with_variant(self.base, self.varied, place.variant, catalogue)
        return spec.with_setting(count_setting(spec, catalogue).name, place.components)


def count_setting(spec: ModelSpec, catalogue: Catalogue) -> BoundField:
    """The setting that says how many groups there are; a UsageProblem for a family without one."""
    family = spec.family_in(catalogue)
    wanted = f"{family.group_axis}s"
    for bound in fields_of(family.Settings):
        if bound.name == wanted:
            return bound
    raise UsageProblem(
        say("compare.no_count", family=translated(family.label)),
        remedy=say("compare.other_family"),
    )


def with_variant(spec: ModelSpec, varied: str, variant: str, catalogue: Catalogue) -> ModelSpec:
    """The same model with another value of what varies."""
    if not varied:
        return spec
    if varied == LAW:
        made = changed_model(spec, catalogue, spec.family, variant)
        if made.ties != spec.ties:
            spec.holding.refuse_untieable(made.family_in(catalogue).tieable)
        return made
    return spec.with_setting(varied, variant)


def grid_spec(
    base: ModelSpec,
    dataset: Dataset,
    catalogue: Catalogue,
    counts: Iterable[int],
    varied: str = "",
    wanted: Sequence[str] = (),
) -> GridSpec:
    """The grid over these counts, and over the `wanted` values of what varies: (ALL,) takes every one that is for
    these columns, and of several names of one model the shortest. A Problem for what cannot be compared."""
    bound = count_setting(base, catalogue)
    _refuse_numbers(base)
    numbers = tuple(sorted({int(str(bound.check(count))) for count in counts}))
    base = _with_neutral_start(base, catalogue)
    if not varied:
        return GridSpec(base, numbers)
    if tuple(wanted) == (ALL,):
        variants = _fitting(base, dataset, catalogue, varied)
    else:
        for word in wanted:
            with_variant(base, varied, word, catalogue)
        variants = tuple(dict.fromkeys(_spelled(base, varied, word) for word in wanted))
    labels = (translated(catalogue.law(name).label) for name in variants) if varied == LAW else ()
    return GridSpec(base, numbers, varied, variants, tuple(labels))


def _refuse_numbers(base: ModelSpec) -> None:
    """A SettingProblem where some components are tied by their numbers: which these are is not the same in a model of
    another count."""
    for tie in base.ties:
        if tie.groups:
            raise SettingProblem(
                say("compare.ties_numbers"),
                setting=TIED,
                remedy=say("compare.tie_in_all", name=tie.name),
            )


def choices_of(spec: ModelSpec, varied: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Every value that may vary; a UsageProblem for a setting without a closed list, or a family without laws."""
    if varied == LAW:
        if spec.law is None:
            raise UsageProblem(
                say("compare.no_laws", family=spec.family), remedy=say("compare.leave_law")
            )
        return tuple(law.id for law in catalogue.laws)
    bound = spec.bound(varied)
    if bound is None or not bound.field.choices:
        names = [f.name for f in spec.fields() if f.field.choices]
        raise UsageProblem(
            say("compare.no_list", name=varied),
            remedy=say("compare.lists_there_are", names=", ".join(names)),
        )
    return tuple(choice.value for choice in bound.field.choices)


def _spelled(spec: ModelSpec, varied: str, word: str) -> str:
    """A value in its own spelling."""
    if varied == LAW:
        return word
    bound = spec.bound(varied)
    return str(spec.with_setting(varied, word).values()[varied if bound is None else bound.name])


def _with_neutral_start(spec: ModelSpec, catalogue: Catalogue) -> ModelSpec:
    """Labels, means and earlier results belong to one count of groups: a grid begins by method."""
    methods = spec.family_in(catalogue).start_methods()
    several = len(RANDOM_METHODS.intersection(methods)) > 1
    if spec.fit.start in methods or (spec.fit.start == "mixed" and several):
        return spec
    return replace(spec, fit=replace(spec.fit, start=methods[0]))


def _fitting(
    base: ModelSpec, dataset: Dataset, catalogue: Catalogue, varied: str
) -> tuple[str, ...]:
    """The values that are for these columns, one for each model."""
    names: list[str] = []
    steps: list[_FirstStep] = []
    refused: EMDeskError | None = None
    for variant in choices_of(base, varied, catalogue):
        if varied == LAW and not _is_for(base, dataset, catalogue, variant):
            continue
        try:
            step = _first_step(base, dataset, catalogue, varied, variant)
        except SettingProblem as problem:
            if problem.setting not in (varied, TIED) and varied != LAW:
                raise
            refused = problem
            continue
        except EMDeskError as problem:
            if varied != LAW:
                raise
            refused = problem
            continue
        twin = next((i for i, other in enumerate(steps) if step.is_same_as(other)), None)
        if twin is None or varied == LAW:
            names.append(variant)
            steps.append(step)
        elif len(variant) < len(names[twin]):
            names[twin] = variant
    if not names and refused is not None:
        raise refused
    return tuple(names)


def _is_for(spec: ModelSpec, dataset: Dataset, catalogue: Catalogue, law: str) -> bool:
    """Whether a law is one for columns of these kinds."""
    kinds = {dataset.column(name).kind for name in spec.columns}
    return kinds <= catalogue.law(law).needs.kinds


@dataclass(frozen=True, eq=False)
class _FirstStep:
    """What one EM iteration makes of a start: two names of one model cannot be told apart by it."""

    free_parameters: int
    params: dict[str, np.ndarray]

    def is_same_as(self, other: _FirstStep) -> bool:
        return (
            self.free_parameters == other.free_parameters
            and self.params.keys() == other.params.keys()
            and all(
                value.shape == other.params[name].shape
                and np.allclose(value, other.params[name], rtol=1e-9, atol=1e-12)
                for name, value in self.params.items()
            )
        )


def _first_step(
    base: ModelSpec, dataset: Dataset, catalogue: Catalogue, varied: str, variant: str
) -> _FirstStep:
    """With two groups: with one, different models may be equal."""
    spec = with_variant(base, varied, variant, catalogue)
    spec = spec.with_setting(count_setting(spec, catalogue).name, 2)
    family = spec.family_in(catalogue)
    data = family.prepare(dataset, spec.request())
    how = ByMethod(family.start_methods()[0], 0)
    params = family.start(data, how, random_numbers(0, 0))
    with Sweeper(1) as sweeper:
        statistics = sweeper.sweep(family, data, params, family.blocks(data), RunControl())
    params = family.maximise(data, statistics, params)
    return _FirstStep(family.free_parameters(data, params), arrays(family.in_units(data, params)))
