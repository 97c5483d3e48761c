"""The fits that can be compared: the one on the desk, those that were kept, and the cells marked in the Explorer."""

from __future__ import annotations

from dataclasses import dataclass

from emdesk.app.catalogue import Catalogue
from emdesk.app.comparison.nesting import STRUCTURES
from emdesk.app.comparison.outcome import long_name_of
from emdesk.app.comparison.places import Place
from emdesk.app.model_spec import ModelSpec
from emdesk.app.pairing.kept import KeptFit
from emdesk.app.session import FitResult
from emdesk.app.state import AppState, model_key
from emdesk.em.splitting import group_count
from emdesk.model.dataset import Dataset
from emdesk.texts import say, say_count, translated

DESK_KEY = "desk"


@dataclass(frozen=True, eq=False)
class ComparedFit:
    """A fit with what it is called; `key` names it in the state, `model` says what was fitted."""

    key: str
    name: str
    model: str
    result: FitResult


def fits_of(state: AppState) -> tuple[ComparedFit, ...]:
    """Every fit that can be compared, those on the desk first; a fit that stands in two places is listed once."""
    book = state.catalogue
    found: list[ComparedFit] = []

    def add(key: str, name: str, result: FitResult | None) -> None:
        if result is None or not result.family.labels_rows or _has(found, result):
            return
        if not _is_of(result, state.dataset):
            return
        found.append(ComparedFit(key, name, model_words(result, book), result))

    for kept in state.kept:
        add(key_of_kept(kept), kept.name, kept.result)
    shown = state.exploration
    for place in shown.marked:
        cell = shown.cell(place)
        if cell is not None and shown.comparison is not None:
            name = long_name_of(shown.comparison.grid, place)
            add(key_of_place(place), name, cell.result)
    if state.result is not None and not state.is_busy:
        add(DESK_KEY, say("pair.on_desk"), state.result)
    return tuple(sorted(found, key=lambda fit: fit.key != DESK_KEY))


def pair_of(state: AppState) -> tuple[ComparedFit, ComparedFit] | None:
    """The two fits that are pictured: those that were chosen as far as they are there, else the first others."""
    fits = fits_of(state)
    if len(fits) < 2:
        return None
    by_key = {fit.key: fit for fit in fits}
    first, second = (by_key.get(key) for key in state.compared)
    if first is second:
        second = None
    first = first or next(fit for fit in fits if fit is not second)
    second = second or next(fit for fit in fits if fit is not first)
    return first, second


def _is_of(result: FitResult, dataset: Dataset | None) -> bool:
    """Whether a fit is one to the rows on the desk, though the kinds of columns may have been changed since."""
    own = result.dataset
    if dataset is None or own is dataset:
        return dataset is not None
    return (own.name, own.names, own.rows) == (dataset.name, dataset.names, dataset.rows)


def key_of_kept(kept: KeptFit) -> str:
    """How the state names a kept fit."""
    return f"kept {kept.number}"


def key_of_place(place: Place) -> str:
    """How the state names a marked cell."""
    return f"cell {place.components} {place.variant}"


def _has(found: list[ComparedFit], result: FitResult) -> bool:
    return any(is_same_fit(fit.result, result) for fit in found)


def is_same_fit(one: FitResult, other: FitResult) -> bool:
    """Whether two results are the same iteration of the same start, whatever its groups are called: of one run, or of
    one that was saved and opened again."""
    if one.best is other.best:
        return one.chosen == other.chosen
    return (
        (one.best.index, one.chosen, one.objective)
        == (other.best.index, other.chosen, other.objective)
        and one.free_parameters == other.free_parameters
        and model_key(one.spec) == model_key(other.spec)
    )


def model_words(result: FitResult, catalogue: Catalogue) -> str:
    """`Gaussian VEV, 3 components`."""
    count = group_count(result.params, result.family.group_axis)
    name = law_words(result.spec, catalogue)
    if count is None:
        return name
    return say("compare.name", variant=name, components=say_count("compare.components", count))


def law_words(spec: ModelSpec, catalogue: Catalogue) -> str:
    """The law with its covariance structure where it has one; of several laws how many there are."""
    if spec.laws:
        return say_count("pair.laws", len(spec.laws))
    family = spec.family_in(catalogue)
    label = translated(family.law.label if family.law is not None else family.label)
    structure = spec.values().get(STRUCTURES)
    return label if structure is None else say("pair.law", law=label, structure=structure)
