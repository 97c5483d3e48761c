"""Covariates on the class weights: the shares of the components depend on columns of the row.

The log odds of each component against the first are linear in the covariates (concomitant variables: Dayton and
Macready 1988, J. Amer. Statist. Assoc. 83, 173-178; Bandeen-Roche and others 1997, J. Amer. Statist. Assoc. 92,
1375-1386). An M-step is one Newton step of a multinomial logistic regression of the posterior probabilities. Where
covariates tell components apart without overlap the log odds have no finite best value, as in any logistic regression.
Noise is one more class there, with log odds of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.families.mixture.noise import NoisyMixtureParams
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
class NoisyGatedMixtureParams(GatedMixtureParams, NoisyMixtureParams):
    """The same with noise, whose log odds (q,) are against the first component, in a fit against the average of the
    components; its share of all rows follows from them."""

    noise_gating: Annotated[F64, Axes("covariate", label="Noise log odds"), Domain.REAL] = field(
        kw_only=True
    )


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
    """Score ((K - 1) q,) and information of the log odds of all classes but the first, at log odds `at` (K, q)."""

    score: F64
    information: F64
    at: F64

    def __add__(self, other: Self) -> GateSums:
        return GateSums(self.score + other.score, self.information + other.information, self.at)

    def scaled(self, factor: float) -> GateSums:
        """All sums times a factor."""
        return GateSums(factor * self.score, factor * self.information, self.at)


def gate_of(rows: Rows, settings: MixtureSettings, holds_weights: bool) -> Gate | None:
    """The covariates of rows, None without any; a SettingProblem where weights are said otherwise besides."""
    if not len(rows.roles.get(Role.COVARIATES, ())):
        return None
    unfit = (
        ("weights", settings.weights == "equal"),
        ("weight_prior", settings.weight_prior > 0),
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


def gating_rows(params: GatedMixtureParams) -> F64:
    """(K, q) the log odds of all classes: the components, and noise behind them where there is some."""
    if isinstance(params, NoisyGatedMixtureParams):
        return np.concatenate([params.gating, params.noise_gating[None]])
    return params.gating


def _with_rows(params: GatedMixtureParams, rows: F64) -> GatedMixtureParams:
    """The params with the log odds (K, q) of all classes."""
    groups = len(params.weights)
    if isinstance(params, NoisyGatedMixtureParams):
        return replace(params, gating=rows[:groups], noise_gating=rows[groups])
    return replace(params, gating=rows)


def average_shares(gate: Gate, gating: F64, weights: F64 | None) -> F64:
    """(K,) the shares of the classes among all rows with row weights (n,)."""
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
    level = gate.terms[0, 0]  # the intercept is a constant of the design
    odds = np.log(np.maximum(params.weights, 1e-10))
    gating = np.zeros((len(odds), gate.design.size))
    gating[:, 0] = (odds - odds[0]) / level
    if not isinstance(params, NoisyMixtureParams):
        return GatedMixtureParams(params.weights, params.law, gating, gate.carried)
    of_noise = np.zeros(gate.design.size)
    of_noise[0] = _noise_odds(params) / level
    return NoisyGatedMixtureParams(
        params.weights,
        params.law,
        params.noise,
        params.noise_low,
        params.noise_sides,
        gating,
        gate.carried,
        noise_gating=of_noise,
    )


def _noise_odds(params: NoisyMixtureParams) -> float:
    """The log odds of noise against the first component by their shares."""
    share = float(np.clip(params.noise, 1e-10, 1 - 1e-10))
    return float(np.log(share / (1 - share)) - np.log(max(params.weights[0], 1e-10)))


def with_noise_odds(params: GatedMixtureParams) -> GatedMixtureParams:
    """Params in units whose noise has its share in every row."""
    if not isinstance(params, NoisyGatedMixtureParams):
        return params
    odds = np.zeros(params.gating.shape[1])
    odds[0] = _noise_odds(params)
    return replace(params, noise_gating=odds)


def settled(params: GatedMixtureParams, gate: Gate, weights: F64 | None) -> GatedMixtureParams:
    """The same params within bounds, with log odds that add to zero, so that their components can change places, and
    with the weights that follow."""
    gating = gating_rows(params) - params.gating.mean(axis=0)
    length = np.linalg.norm(gating[:, 1:], axis=1)
    gating *= np.minimum(1.0, FARTHEST / np.maximum(length, FARTHEST))[:, None]
    shares = average_shares(gate, gating, weights)
    made = replace(_with_rows(params, gating), carried=gate.carried)
    if not isinstance(made, NoisyGatedMixtureParams):
        return replace(made, weights=shares)
    own = np.maximum(shares[:-1], np.finfo(float).tiny)
    return replace(made, weights=own / own.sum(), noise=np.array(shares[-1]))


def gating_in_units(params: GatedMixtureParams, gate: Gate) -> GatedMixtureParams:
    """The log odds in the analyst's units, against the first component."""
    gating = gate.design.in_units(gating_rows(params) - params.gating[0])
    return replace(_with_rows(params, gating), carried=gate.carried)


def gating_from_units(
    params: GatedMixtureParams, gate: Gate, weights: F64 | None
) -> GatedMixtureParams:
    """The inverse of `gating_in_units`."""
    gating = gate.design.from_units(gating_rows(params))
    return settled(_with_rows(params, gating), gate, weights)


def gate_sums(
    gating: F64, members: F64, odds: F64, terms: F64, weights: F64 | None, work: Workspace
) -> GateSums:
    """The sums of a block from log odds (K, q), weighted posterior probabilities (K, m), logarithms of shares (K, m),
    which are used up, terms (q, m) and row weights."""
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
    return GateSums(score.reshape(size), information.reshape(size, size), gating)


def climb(params: GatedMixtureParams, sums: GateSums) -> float:
    """What the classes of the rows say of log odds, to second order about those of the sums, where it is 0."""
    rows = gating_rows(params)
    step = ((rows - rows[0]) - (sums.at - sums.at[0]))[1:].ravel()
    return float(sums.score @ step - 0.5 * step @ sums.information @ step)


def better_gating(gating: F64, sums: GateSums) -> F64:
    """(K, q) the log odds of all classes after a Newton step."""
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


def stepped(
    params: GatedMixtureParams, sums: GateSums, gate: Gate, weights: F64 | None
) -> GatedMixtureParams:
    """The params after a Newton step of the log odds of all classes."""
    return settled(_with_rows(params, better_gating(gating_rows(params), sums)), gate, weights)


def odds_quantities(shown: GatedMixtureParams) -> tuple[Quantity, ...]:
    """What the parameter table shows of params in units."""
    names, axes = shown.carried.names, ("component", "covariate")
    own = Quantity("gating", say("quantity.log_odds"), axes, shown.gating, columns=names)
    if not isinstance(shown, NoisyGatedMixtureParams):
        return (own,)
    label = say("quantity.noise_log_odds")
    of_noise = Quantity("noise_gating", label, axes[1:], shown.noise_gating, columns=names)
    return (own, of_noise)


def gate_weaknesses(params: MixtureParams) -> tuple[Weakness, ...]:
    """The components whose log odds have run off."""
    if not isinstance(params, GatedMixtureParams):
        return ()
    length = np.linalg.norm(params.gating[:, 1:], axis=1)
    # of two components each lies half the way from their average
    away = np.flatnonzero(length >= 0.45 * FARTHEST)
    found = [Weakness(int(k), "separated", "gating.separated") for k in away]
    if isinstance(params, NoisyGatedMixtureParams) and not found:
        of_noise = float(np.linalg.norm(params.noise_gating[1:]))
        if of_noise >= (1 - 1e-6) * FARTHEST:
            nearest = int(np.argmax(params.weights))
            found.append(Weakness(nearest, "separated", "gating.noise_separated"))
    return tuple(found)


def drawn_groups_of(
    params: GatedMixtureParams, terms: F64, rng: np.random.Generator
) -> NDArray[np.intp]:
    """(m,) a class for each row, drawn by its shares at terms (q, m); noise is the last."""
    gating = gating_rows(params)
    shares = np.exp(log_shares(gating, terms, np.empty((len(gating), terms.shape[1]))))
    steps = np.cumsum(shares, axis=0)
    return np.asarray((steps < rng.random(terms.shape[1]) * steps[-1]).sum(axis=0), dtype=np.intp)
