"""Which laws and families there are: found by listing their packages, the same way in a checkout, a wheel and
the packaged program."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import emdesk.families
import emdesk.laws
from emdesk.errors import UsageProblem
from emdesk.model.family import Family
from emdesk.model.law import Law
from emdesk.texts import say


@dataclass(frozen=True)
class Catalogue:
    """Laws and families by id, in alphabetical order of the id except that the defaults come first."""

    laws: tuple[Law, ...]
    families: tuple[Family, ...]

    def law(self, name: str) -> Law:
        """The law with this id; a UsageProblem that lists the ids, if there is none."""
        for law in self.laws:
            if law.id == name:
                return law
        raise UsageProblem(
            say("catalogue.no_law", name=name),
            remedy=say("catalogue.laws_there_are", names=", ".join(x.id for x in self.laws)),
        )

    def family(self, name: str, law: str | None = None) -> Family:
        """The family with this id, over a law if it takes one."""
        for family in self.families:
            if family.id == name:
                if not family.takes_law:
                    return family
                return family.with_law(self.law(law or self.laws[0].id))
        raise UsageProblem(
            say("catalogue.no_family", name=name),
            remedy=say(
                "catalogue.families_there_are", names=", ".join(x.id for x in self.families)
            ),
        )

    def plus(self, laws: Iterable[Law] = (), families: Iterable[Family] = ()) -> Catalogue:
        """The same catalogue with more of both."""
        return Catalogue(self.laws + tuple(laws), self.families + tuple(families))


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Everything in `emdesk.laws` and `emdesk.families`."""
    return Catalogue(
        tuple(_listed(emdesk.laws, "LAW", "gaussian")),
        tuple(_listed(emdesk.families, "FAMILY", "mixture")),
    )


def _listed(package: ModuleType, name: str, first: str) -> list[Any]:
    found = []
    for module in pkgutil.iter_modules(package.__path__):
        entry = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), name, None)
        if entry is not None:
            found.append(entry)
    return sorted(found, key=lambda entry: (entry.id != first, entry.id))


def help_of(entry: Law | Family) -> str:
    """The help page of a law or family: the docstring of its module."""
    return (importlib.import_module(type(entry).__module__).__doc__ or "").strip()
