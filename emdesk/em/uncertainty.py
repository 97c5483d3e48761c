"""How sure an estimate is: standard errors and intervals from the observed information, and a rank test of it.

The covariance matrix of the estimate is the inverse of the observed information (Efron and Hinkley 1978, Biometrika
65, 457-487), found by Oakes' formula where the sums of a sweep determine Q, else from differences; every reported
number gets its standard error by the delta method, in the analyst's units. Intervals are Wald's on the scale on which
the number is free (logarithm of a positive one, logit of a share), so that they stay inside its domain. Where the
information has no full rank the data do not tell the parameters apart (Rothenberg 1971, Econometrica 39, 577-591; for
latent classes Goodman 1974, Biometrika 61, 215-231), and those are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.em.control import RunControl
from emdesk.em.information import EDGE as AT_EDGE
from emdesk.em.information import Chart, Information, information
from emdesk.em.oakes import Model, oakes
from emdesk.em.reduce import Sweeper
from emdesk.errors import UsageProblem
from emdesk.model.family import Family
from emdesk.model.params import Domain, Parameter, arrays, walk
from emdesk.texts import say, say_count
from emdesk.texts.numbers import short

F64 = NDArray[np.float64]
Tell = Callable[[float], None]

LEVEL = 0.95
NORMAL_QUANTILE = 1.959963984540054
"""The normal quantile of LEVEL, both sides."""
EDGE = 1e-3
"""A direction without information in which a step of 1 in logarithms moves no parameter by more than this share of its
size is one to the edge of the domain: a share at 0 or 1, a rate at 0."""
MOVE = 0.02
"""The step, in standard errors, of the derivatives of reported numbers, whose digits are good: no sweep is asked."""
INVOLVED = 0.05
FAR_BELOW = 0.005
"""An estimate this far below the top of its parabola is told: a hundredth in terms of twice the objective."""
MOST_NAMED = 4
NAMED_AXES = frozenset({"column", "term", "covariate"})
_TOUCHED = 0.01
_NOISE = 1e-9


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Standard errors and intervals of one fit, in the analyst's units.

    `standard_errors` are shaped like the parameters of the same names, `intervals` have a last axis (low, high) more;
    0 for what the model fixes, NaN for what the data do not determine. `quantities` are the standard errors of what the
    parameter table shows. `method` is observed, bootstrap or parametric. `unidentified` names the parameters that the
    data do not tell apart and `at_edge` those at the edge of their domain. `below_maximum` is how far the top of the
    parabola through the estimate lies above it, infinite where the estimate is no maximum; NaN for a bootstrap, whose
    `replicates` and `failures` are counted. `derivatives` says how the observed information was found, oakes or
    differences, and is empty for a bootstrap; by Oakes' formula the largest fraction of missing information among what
    the data determine is known too, else it is NaN.
    """

    method: str
    standard_errors: Mapping[str, F64]
    intervals: Mapping[str, F64]
    quantities: Mapping[str, F64]
    free: int
    rank: int
    unidentified: tuple[str, ...] = ()
    at_edge: tuple[str, ...] = ()
    is_maximum: bool = True
    below_maximum: float = float("nan")
    replicates: int = 0
    failures: int = 0
    level: float = field(default=LEVEL)
    derivatives: str = ""
    missing_information: float = float("nan")

    @property
    def is_identified(self) -> bool:
        """Whether the data determine every parameter that is not at the edge of its domain."""
        return not self.unidentified

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known of the estimate and its standard errors, a sentence each."""
        made = []
        if not self.is_maximum:
            made.append(say("uncertainty.no_maximum"))
        elif self.below_maximum > FAR_BELOW:
            made.append(say("uncertainty.below", below=short(self.below_maximum)))
        if self.unidentified:
            names = _named(self.unidentified)
            made.append(
                say("uncertainty.unidentified", rank=self.rank, free=self.free, names=names)
            )
        if self.at_edge:
            made.append(say("uncertainty.at_edge", names=_named(self.at_edge)))
        if self.failures:
            made.append(say_count("uncertainty.failed", self.failures))
        return tuple(made)


def _named(names: tuple[str, ...]) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return say("uncertainty.more", names=shown, count=more) if more > 0 else shown


def observed(
    family: Family,
    data: Any,
    params: Any,
    sweeper: Sweeper,
    control: RunControl | None = None,
    tell: Tell | None = None,
) -> Uncertainty:
    """The uncertainty of internal `params` that maximise the objective, from its second derivatives there.

    About 4 p sweeps for p free parameters by Oakes' formula, 3 p^2 where the sums of a sweep do not determine the
    expected complete-data log-likelihood; `tell` hears the share that is done. Raises Cancelled, and a UsageProblem
    where the fit does not climb the likelihood or the family does not keep what its settings tie together.
    """
    chart = Chart(family, data, params)
    counted = family.free_parameters(data, params)
    if chart.size > counted:
        raise UsageProblem(
            say("uncertainty.untied", directions=chart.size, free=counted),
            remedy=say("uncertainty.draw"),
        )
    blocks, control = family.blocks(data), control or RunControl()
    here = sweeper.sweep(family, data, params, blocks, control)
    if abs(here.fit - here.log_likelihood) > 1e-9 * max(1.0, abs(here.fit)):
        raise UsageProblem(say("uncertainty.not_likelihood"), remedy=say("uncertainty.soft"))

    model = Model(chart, lambda at: sweeper.sweep(family, data, at, blocks, control), control)
    by_formula = oakes(model, here, tell)
    found = by_formula.observed if by_formula else information(model.height, chart.size, tell)
    moves = _Moves(chart, found)
    untold, outward = _untold(moves, data, params)
    stuck, places = _stuck(params, family.group_axis, data.columns)
    free = chart.size
    base = Uncertainty(
        method="observed",
        standard_errors={},
        intervals={},
        quantities={},
        free=free,
        rank=found.told.shape[1],
        unidentified=untold,
        at_edge=tuple(dict.fromkeys((*stuck, *outward))),
        is_maximum=found.is_maximum,
        below_maximum=found.below_maximum,
        derivatives="oakes" if by_formula else "differences",
        missing_information=by_formula.missing if by_formula else float("nan"),
    )
    return _with_errors(base, moves, family, data, params, places)


def _with_errors(
    base: Uncertainty,
    moves: _Moves,
    family: Family,
    data: Any,
    params: Any,
    stuck: Mapping[str, NDArray[np.bool_]],
) -> Uncertainty:
    estimates = {p.name: (p, v) for p, v in walk(family.in_units(data, params))}
    errors = moves.errors(lambda moved: arrays(family.in_units(data, moved)))
    for name, places in stuck.items():
        errors[name] = np.where(places, np.nan, errors[name])
    shown = moves.errors(
        lambda moved: {q.name: np.asarray(q.values) for q in family.quantities(data, moved)}
    )
    intervals = {
        name: interval(parameter.domain, value, errors[name])
        for name, (parameter, value) in estimates.items()
    }
    return replace(base, standard_errors=errors, intervals=intervals, quantities=shown)


class _Moves:
    """How reported numbers move with the free coordinates, and so what the information says of them."""

    def __init__(self, chart: Chart, found: Information) -> None:
        self.chart, self.found = chart, found

    def derivatives(self, report: Callable[[Any], Mapping[str, F64]]) -> dict[str, F64]:
        """(..., p) derivatives of reported arrays in the coordinates of the information."""
        axes = self.found.axes
        columns: list[dict[str, F64]] = []
        for j in range(axes.shape[1]):
            fine, coarse = (self._slopes(report, axes[:, j], h) for h in (MOVE, 2 * MOVE))
            columns.append({name: (4 * fine[name] - coarse[name]) / 3 for name in fine})
        names = columns[0] if columns else {}
        return {name: np.stack([c[name] for c in columns], axis=-1) for name in names}

    def _slopes(
        self, report: Callable[[Any], Mapping[str, F64]], axis: F64, step: float
    ) -> dict[str, F64]:
        ahead = report(self.chart.at(step * axis))
        behind = report(self.chart.at(-step * axis))
        return {name: (ahead[name] - behind[name]) / (2 * step) for name in ahead}

    def errors(self, report: Callable[[Any], Mapping[str, F64]]) -> dict[str, F64]:
        """Standard errors of reported arrays; NaN where they move in a direction that the data do not tell about."""
        found = self.found
        at_rest = report(self.chart.at(np.zeros(self.chart.size)))
        if not found.is_maximum:
            return {name: np.full(value.shape, np.nan) for name, value in at_rest.items()}
        made = {}
        for name, slopes in self.derivatives(report).items():
            noise = _NOISE * np.abs(at_rest[name]).max(initial=0.0)
            error = np.sqrt(((slopes @ found.told) ** 2 / found.precisions).sum(axis=-1))
            error = np.where(error > noise, error, 0.0)
            if found.untold.shape[1]:
                along = np.abs(slopes @ found.untold).max(axis=-1)
                error = np.where(along > _TOUCHED * error + noise, np.nan, error)
            made[name] = error
        return made


def _stuck(
    params: Any, group_axis: str, columns: tuple[str, ...]
) -> tuple[list[str], dict[str, NDArray[np.bool_]]]:
    """The names of the shares that are 0 or 1, and their places by parameter. A share that is 0 in every group, such as
    that of a category that no row has, is none of the model."""
    names: list[str] = []
    places: dict[str, NDArray[np.bool_]] = {}
    for parameter, value in walk(params):
        if parameter.domain not in (Domain.SIMPLEX, Domain.UNIT):
            continue
        stuck = value < AT_EDGE
        if parameter.domain is Domain.UNIT:
            stuck |= 1 - value < AT_EDGE
        elif value.ndim > 1 and group_axis in parameter.axes.names:
            stuck &= ~stuck.all(axis=parameter.axes.names.index(group_axis), keepdims=True)
        found = [tuple(int(i) for i in place) for place in np.argwhere(stuck)]
        names += [entry_name(parameter, place, value.shape, columns) for place in found]
        if found and parameter.domain is Domain.SIMPLEX:  # what all others leave is stuck with them
            stuck |= (value >= AT_EDGE).sum(axis=-1, keepdims=True) == 1
        if found:
            places[parameter.name] = stuck
    return names, places


def _untold(moves: _Moves, data: Any, params: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the parameters that move along directions without information, and of those that only go further
    towards the edge of their domain there."""
    found, chart = moves.found, moves.chart
    if not found.untold.shape[1]:
        return (), ()
    slopes = moves.derivatives(arrays)
    reach = np.abs(found.axes @ found.untold).max(axis=0)
    directions = found.untold / np.where(reach > 0, reach, 1.0)
    names, rows = [], []
    for parameter, value in walk(params):
        size = float(np.abs(value).max(initial=0.0)) or 1.0
        places = list(np.ndindex(*value.shape))
        names += [entry_name(parameter, place, value.shape, data.columns) for place in places]
        rows.append(slopes[parameter.name].reshape(len(places), -1) @ directions / size)
    displaced = np.concatenate(rows)
    _, sizes, right = np.linalg.svd(displaced)
    sizes = np.concatenate([sizes, np.zeros(len(right) - len(sizes))])
    loose = np.abs(displaced @ right[sizes > EDGE].T).max(axis=1, initial=0.0)
    least = INVOLVED * loose.max(initial=0.0)
    unidentified = [n for n, moved in zip(names, loose, strict=True) if moved > max(least, 1e-12)]
    outward = chart.basis @ found.axes @ directions @ right[sizes <= EDGE].T
    free = np.abs(outward).max(axis=1, initial=0.0)
    coordinates = _coordinate_names(params, data.columns)
    at_edge = [
        name for name, moved in zip(coordinates, free, strict=True) if moved > 0.5 * free.max()
    ]
    if not (sizes <= EDGE).any():
        at_edge = []
    return tuple(unidentified), tuple(dict.fromkeys(at_edge))


def _coordinate_names(params: Any, columns: tuple[str, ...]) -> list[str]:
    """What each coordinate of the unconstrained vector belongs to."""
    made = []
    for parameter, value in walk(params):
        places = list(np.ndindex(*value.shape))
        if parameter.domain is Domain.SPD:
            lower = list(zip(*np.tril_indices(value.shape[-1]), strict=True))
            before = list(product(*(range(n) for n in value.shape[:-2])))
            places = [(*first, int(i), int(j)) for first in before for i, j in lower]
        made += [entry_name(parameter, place, value.shape, columns) for place in places]
    return made


def entry_name(
    parameter: Parameter,
    place: tuple[int, ...],
    shape: tuple[int, ...],
    columns: tuple[str, ...],
) -> str:
    """One number of a parameter, such as means[2, waiting]: groups by number from 1, columns by name."""
    names = parameter.columns or columns
    words = [
        names[at] if axis in NAMED_AXES and size == len(names) else str(at + 1)
        for axis, at, size in zip(parameter.axes.names, place, shape, strict=True)
    ]
    return f"{parameter.name}[{', '.join(words)}]" if words else parameter.name


def interval(domain: Domain, estimate: F64, error: F64) -> F64:
    """(..., 2) Wald intervals of LEVEL on the scale on which the parameter is free."""
    reach = NORMAL_QUANTILE * error
    plain = np.stack([estimate - reach, estimate + reach], axis=-1)
    if domain is Domain.REAL:
        return plain
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if domain in (Domain.UNIT, Domain.SIMPLEX):
            centre = np.log(estimate) - np.log1p(-estimate)
            width = reach / (estimate * (1 - estimate))
            made = np.stack([centre - width, centre + width], axis=-1)
            made = 1 / (1 + np.exp(-made))
        else:
            ratio = np.exp(reach / estimate)
            made = np.stack([estimate / ratio, estimate * ratio], axis=-1)
    fixed = np.stack([estimate, estimate], axis=-1)
    made = np.where((error == 0)[..., None], fixed, made)
    if domain is Domain.SPD:
        diagonal = np.eye(estimate.shape[-1], dtype=bool)
        return np.where(diagonal[..., None], made, plain)
    return np.asarray(made)
