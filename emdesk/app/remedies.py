"""What helps where a component has collapsed or is about to: changes of the form, which undo takes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from emdesk.app import commands
from emdesk.app.commands.starting import groups_of
from emdesk.app.model_spec import ModelSpec
from emdesk.app.state import AppState
from emdesk.model.fields import BoundField
from emdesk.texts import say, say_count
from emdesk.texts.numbers import short

HIGHER_FLOOR = 100.0
"""How many times higher the floor is raised."""
HEAVY_TAILED = "student-t"


@dataclass(frozen=True)
class Remedy:
    """One change of the form: its words, and the command that makes it."""

    id: str
    label: str
    change: Callable[[AppState], AppState]


def remedies(state: AppState) -> tuple[Remedy, ...]:
    """The remedies that apply to the model in the form."""
    spec = state.spec
    if spec is None:
        return ()
    return tuple(_remedies(state, spec, {bound.name: bound for bound in spec.fields()}))


def _remedies(state: AppState, spec: ModelSpec, there: dict[str, BoundField]) -> Iterator[Remedy]:
    values = spec.values()
    prior = there.get("prior")
    if prior is not None and prior.choice("conjugate") and values["prior"] != "conjugate":
        yield _setting("prior", say("remedy.prior"), "prior", "conjugate")
    floor = there.get("floor")
    if floor is not None:
        raised = float(values["floor"]) * HIGHER_FLOOR
        if floor.field.high is None or raised <= floor.field.high:
            yield _setting("floor", say("remedy.floor", value=short(raised)), "floor", raised)
    covariance = there.get("covariance")
    if covariance is not None and not str(values["covariance"]).startswith("E"):
        tied = "EEE" if len(spec.columns) > 1 else "E"
        if covariance.choice(tied):
            yield _setting("tied", say("remedy.tied", word=tied), "covariance", tied)
    laws = {law.id for law in state.catalogue.laws}
    if spec.law == "gaussian" and HEAVY_TAILED in laws:
        yield Remedy("heavy", say("remedy.heavy"), lambda s: commands.set_law(s, HEAVY_TAILED))
    law = spec.family_in(state.catalogue).law
    is_continuous = law is not None and not law.is_discrete() and not law.needs.text
    if "noise" in there and values["noise"] == "none" and is_continuous:
        yield _setting("noise", say("remedy.noise"), "noise", "uniform")
    groups = groups_of(spec)
    if groups > 1 and "components" in there:
        label = say_count("remedy.fewer", groups - 1)
        yield _setting("fewer", label, "components", groups - 1)


def _setting(name: str, label: str, setting: str, value: object) -> Remedy:
    return Remedy(name, label, lambda state: commands.set_setting(state, setting, value))
