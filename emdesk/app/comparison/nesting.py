"""Which model is a special case of which, so that none may end below another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from emdesk.app.comparison.cells import Cell
from emdesk.app.comparison.places import Place
from emdesk.app.session import FitResult
from emdesk.model import dispersion, power_settings
from emdesk.model.params import arrays

STRUCTURES = "covariance"
"""The setting whose values are structures of nested letters, whatever the law."""
DISPERSIONS = "dispersion"
"""The setting whose values are ties of the probabilities of categories."""
TRANSFORMATIONS = "transformation"
"""The setting whose values are ties of the powers of the columns."""
_FREEDOM = {letter: rank for rank, letter in enumerate("IEV")}


def is_special_case(simple: str, rich: str) -> bool:
    """Whether a covariance structure is a special case of another: no letter of it has more freedom."""
    if simple == rich or len(simple) != len(rich) or not set(simple + rich) <= set(_FREEDOM):
        return False
    return all(_FREEDOM[a] <= _FREEDOM[b] for a, b in zip(simple, rich, strict=True))


def with_fewer_groups(place: Place, others: Iterable[Place]) -> Place | None:
    """The nearest place of the same variant with fewer groups."""
    fewer = [o for o in others if o.variant == place.variant and o.components < place.components]
    return max(fewer, default=None)


def simpler_structures(place: Place, varied: str, others: Iterable[Place]) -> Iterator[Place]:
    """The places of as many groups whose structure is a special case."""
    nested = {
        STRUCTURES: is_special_case,
        DISPERSIONS: dispersion.is_special_case,
        TRANSFORMATIONS: power_settings.is_special_case,
    }.get(varied)
    if nested is None:
        return
    for other in others:
        same_count = other.components == place.components
        if same_count and nested(other.variant, place.variant):
            yield other


def is_comparable(cell: Cell) -> bool:
    """Whether nested models must be in order: where the plain likelihood is climbed, no value is held, and the weights
    are free. What is one in all groups is so in a group that is halved, except for the weights."""
    free = cell.spec.values().get("weights", "free") == "free" and not cell.spec.held
    free = free and all(not tie.groups and tie.name != "weights" for tie in cell.spec.ties)
    plain = free and cell.objective == cell.log_likelihood
    return cell.is_sound and plain


def with_params(cell: Cell, result: FitResult) -> FitResult:
    """A result whose model says where it started from, so that running it again ends at the same place."""
    values = arrays(result.family.in_units(result.data, result.params))
    fit = replace(cell.spec.fit, start="result", starts=1)
    return replace(result, spec=replace(cell.spec, fit=fit, start_params=values))
