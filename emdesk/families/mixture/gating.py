"""Covariates on the class weights: the shares of the components depend on columns of the row.

The log odds of each component against the first are linear in the covariates (concomitant variables: Dayton and
Macready 1988, J. Amer. Statist. Assoc. 83, 173-178; Bandeen-Roche and others 1997, J. Amer. Statist. Assoc. 92,
1375-1386). An M-step is one Newton step of a multinomial logistic regression of the posterior probabilities. Where
covariates tell components apart without overlap the log odds have no finite best value, as in any logistic regression.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.families.mixture.settings import MixtureParams, MixtureSettings
from emdesk.model.design import NO_TERMS, Design, Terms, design_of, plain_design, raw_terms
from emdesk.model.law import Quantity, Weakness, Workspace
from emdesk.model.needs import Role
from emdesk.model.numerics.regression import (
    cross_products,
    flight,
    matrices_of,
    newton_step,
    pairs,
)
from emdesk.model.params import Axes, Domain
from emdesk.model.rows import Rows
from emdesk.texts import say

F64 = NDArray[np.float64]
REACH, FARTHEST = 3.0, 200.0
"""Log odds change by no more than the first in one step, in root mean square over all rows, and are no more spread
than the second."""
AT_ONCE = 65_536


@dataclass(frozen=True, eq=False)
class GatedMixtureParams(MixtureParams):
    """A mixture whose shares depend on covariates: `gating` (K, q) are the log odds of the components, in the analyst's
    units against the first, in a fit against their average; `weights` are the average shares, which follow from it."""

    gating: Annotated[F64, Axes("component", "covariate", label="Log odds"), Domain.REAL]
    carried: Terms = NO_TERMS


@dataclass(frozen=True, eq=False)
class Gate:
    """The covariates of the used rows as terms (q, n) of a design; `problem` says why they cannot be estimated."""

    design: Design
    carried: Terms
    terms: F64
    columns: tuple[str, ...]
    problem: DataProblem | None = None


@dataclass(frozen=True, eq=False)
class GateSums:
    """Score ((K - 1) q,) and information of the log odds of all components but the first."""

    score: F64
    information: F64

    def __add__(self, other: Self) -> GateSums:
        return GateSums(self.score + other.score, self.information + other.information)

    def scaled(self, factor: float) -> GateSums:
        """All sums times a factor."""
        return GateSums(factor * self.score, factor * self.information)


def gate_of(rows: Rows, settings: MixtureSettings, holds_weights: bool) -> Gate | None:
    """The covariates of rows, None without any; a SettingProblem where weights are said otherwise besides."""
    if not len(rows.roles.get(Role.COVARIATES, ())):
        return None
    unfit = (
        ("weights", settings.weights == "equal"),
        ("weight_prior", settings.weight_prior > 0),
        ("noise", settings.noise != "none"),
        ("held", holds_weights),
    )
    for name, is_so in unfit:
        if is_so:
            raise SettingProblem(
                say(f"gating.{name}"), setting=name, remedy=say("gating.leave_covariates")
            )
    problem = None
    try:
        design = design_of(rows, Role.COVARIATES, True)
    except DataProblem as found:
        design, problem = plain_design(rows, Role.COVARIATES, True), found
    raw, _ = raw_terms(rows, Role.COVARIATES)
    carried = Terms(design.names, design.averages, axis="covariate")
    names = rows.role_names.get(Role.COVARIATES, ())
    return Gate(design, carried, design.terms(raw), names, problem)


def log_shares(gating: F64, terms: F64, out: F64) -> F64:
    """(K, m) logarithms of the shares of the components at terms (q, m), written into `out`."""
    np.matmul(gating, terms, out=out)
    top = out.max(axis=0)
    out -= top
    out -= np.log(np.exp(out).sum(axis=0))
    return out


def average_shares(gate: Gate, gating: F64, weights: F64 | None) -> F64:
    """(K,) the shares of the components among all rows with row weights (n,)."""
    groups, n = len(gating), gate.terms.shape[1]
    total = np.zeros(groups)
    for first in range(0, n, AT_ONCE):
        piece = slice(first, min(first + AT_ONCE, n))
        terms = gate.terms[:, piece]
        shares = np.exp(log_shares(gating, terms, np.empty((groups, terms.shape[1]))))
        total += shares.sum(axis=1) if weights is None else shares @ weights[piece]
    return np.asarray(total / total.sum())


def with_gate(params: MixtureParams, gate: Gate | None) -> MixtureParams:
    """The params of a start, whose covariates have no effect yet."""
    if gate is None:
        return params
    groups, q = len(params.weights), gate.design.size
    gating = np.zeros((groups, q))
    odds = np.log(np.maximum(params.weights, 1e-10))
    gating[:, 0] = (odds - odds[0]) / gate.terms[0, 0]  # the intercept is a constant of the design
    return GatedMixtureParams(params.weights, params.law, gating, gate.carried)


def settled(params: GatedMixtureParams, gate: Gate, weights: F64 | None) -> GatedMixtureParams:
    """The same params within bounds, with log odds that add to zero, so that their components can change places, and
    with the weights that follow."""
    gating = params.gating - params.gating.mean(axis=0)
    length = np.linalg.norm(gating[:, 1:], axis=1)
    gating *= np.minimum(1.0, FARTHEST / np.maximum(length, FARTHEST))[:, None]
    shares = average_shares(gate, gating, weights)
    return replace(params, weights=shares, gating=gating, carried=gate.carried)


def gating_in_units(params: GatedMixtureParams, gate: Gate) -> GatedMixtureParams:
    """The log odds in the analyst's units, against the first component."""
    gating = gate.design.in_units(params.gating - params.gating[0])
    made: GatedMixtureParams = replace(params, gating=gating, carried=gate.carried)
    return made


def gating_from_units(
    params: GatedMixtureParams, gate: Gate, weights: F64 | None
) -> GatedMixtureParams:
    """The inverse of `gating_in_units`."""
    return settled(replace(params, gating=gate.design.from_units(params.gating)), gate, weights)


def gate_sums(
    members: F64, odds: F64, terms: F64, weights: F64 | None, work: Workspace
) -> GateSums:
    """The sums of a block from weighted posterior probabilities (K, m), logarithms of shares (K, m), which are used up,
    terms (q, m) and row weights."""
    groups, m = odds.shape
    q, shares = len(terms), np.exp(odds, out=odds)
    weighted = shares if weights is None else shares * weights
    score = (members - weighted)[1:] @ terms.T
    products = cross_products(terms, work.array("mixture.products", pairs(q), m))
    information = np.empty((groups - 1, q, groups - 1, q))
    for k in range(1, groups):
        bend = -weighted[k] * shares[k:]
        bend[0] += weighted[k]
        made = matrices_of(bend @ products.T, q)
        for other in range(k, groups):
            information[k - 1, :, other - 1] = made[other - k]
            information[other - 1, :, k - 1] = made[other - k]
    size = (groups - 1) * q
    return GateSums(score.reshape(size), information.reshape(size, size))


def better_gating(gating: F64, sums: GateSums) -> F64:
    """(K, q) the log odds after a Newton step."""
    groups, q = gating.shape
    made = gating - gating[0]
    if groups == 1:
        return np.asarray(made)
    step: F64 = newton_step(sums.score, sums.information).reshape(groups - 1, q)
    longest = float(np.linalg.norm(step, axis=1).max())
    step *= min(1.0, REACH / max(longest, REACH))
    made[1:] += step
    blocks = sums.information.reshape(groups - 1, q, groups - 1, q)
    for k in range(groups - 1):
        made[k + 1] += flight(made[k + 1], step[k], blocks[k, :, k], 1, FARTHEST)
    return np.asarray(made)


def odds_quantity(shown: GatedMixtureParams) -> Quantity:
    """What the parameter table shows of params in units."""
    names = shown.carried.names
    label = say("quantity.log_odds")
    return Quantity("gating", label, ("component", "covariate"), shown.gating, columns=names)


def gate_weaknesses(params: MixtureParams) -> tuple[Weakness, ...]:
    """The components whose log odds have run off."""
    if not isinstance(params, GatedMixtureParams):
        return ()
    length = np.linalg.norm(params.gating[:, 1:], axis=1)
    # of two components each lies half the way from their average
    away = np.flatnonzero(length >= 0.45 * FARTHEST)
    return tuple(Weakness(int(k), "separated", "gating.separated") for k in away)


def drawn_groups_of(
    params: GatedMixtureParams, terms: F64, rng: np.random.Generator
) -> NDArray[np.intp]:
    """(m,) a component for each row, drawn by its shares at terms (q, m)."""
    shares = np.exp(
        log_shares(params.gating, terms, np.empty((len(params.gating), terms.shape[1])))
    )
    steps = np.cumsum(shares, axis=0)
    return np.asarray((steps < rng.random(terms.shape[1]) * steps[-1]).sum(axis=0), dtype=np.intp)
