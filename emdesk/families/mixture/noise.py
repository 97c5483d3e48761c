"""Uniform noise as one more component: its box, its density, and what it does to each step of a mixture.

Noise has the same density 1 / V at every row, with V the volume of a box around the data: along the columns or along
the principal axes, whichever is smaller (Fraley and Raftery 1998, The Computer Journal 41, 578-588, section 4; Banfield
and Raftery 1993, Biometrics 49, 803-821). Where cells are missing the box lies along the columns, and a row has the
density of the columns that are observed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem, SettingProblem
from emdesk.families.mixture.settings import MixtureParams
from emdesk.model.joint import Joint
from emdesk.model.law import Law, Quantity
from emdesk.model.params import Axes, Domain
from emdesk.model.positive import refuse_large
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]

START_SHARE = 0.05
"""The share of the rows that is taken for noise at a start."""
MOST_VALUE = 1e300
"""The sides of a box around larger values may be infinite to a computer."""
FLAT = 1e-9
"""A principal axis this much shorter than the longest is one along which the data do not vary."""
TEXTS = {
    "noise.discrete": "Noise is uniform over continuous columns; {law} describes counts or categories",
    "noise.continuous": "Set noise to none, or choose a law of continuous columns",
    "noise.constant": "every used row has the same value of {name}, so noise has no volume there",
    "noise.leave_out": "Leave the column out, or set noise to none",
    "noise.all_known": "the label of every row is known, and noise would have none",
    "start.noise": "a share of {share} of the rows is noise, or its box has no volume",
    "start.noise_inside": "Give a share from 0 to less than 1, and sides above 0",
    "noise.no_labels": "Set noise to none, or leave some labels empty",
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class NoisyMixtureParams(MixtureParams):
    """A mixture with noise: `weights` are the shares of the components among the rows that are no noise, `noise` is its
    share of all rows. Its box has the sides `noise_sides` from the corner `noise_low`, in the analyst's units."""

    noise: Annotated[F64, Axes(label="Noise share"), Domain.UNIT]
    noise_low: Annotated[F64, Axes("column", label="Noise from"), Domain.REAL]
    noise_sides: Annotated[F64, Axes("column", label="Noise side"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class NoiseBox:
    """A box with the volume of the noise: its lower corner and its sides (d,)."""

    low: F64
    sides: F64


def box_of(rows: Rows, law: Law) -> NoiseBox:
    """The box of the rows; a Problem where noise makes no sense."""
    _check_law(law)
    for name, missing in zip(rows.names, rows.missing, strict=True):
        if missing.all():
            raise DataProblem(
                say("data.all_missing", name=name),
                columns=(name,),
                remedy=say("data.leave_constant_out"),
            )
    low, high = np.nanmin(rows.columns, axis=1), np.nanmax(rows.columns, axis=1)
    refuse_large(np.maximum(-low, high), MOST_VALUE, rows.names)
    sides = high - low
    for name, side in zip(rows.names, sides, strict=True):
        if not side > 0:
            raise DataProblem(
                say("noise.constant", name=name), columns=(name,), remedy=say("noise.leave_out")
            )
    if not rows.missing.any():
        shrink = np.exp(min(0.0, _log_principal_volume(rows.columns, sides)) / len(sides))
        # a box of the smaller volume in the middle of the larger one
        low, sides = low + 0.5 * (1 - shrink) * sides, shrink * sides
    return NoiseBox(low, sides)


def _check_law(law: Law) -> None:
    laws = [part.law for part in law.parts] if isinstance(law, Joint) else [law]
    for one in laws:
        if one.is_discrete() or one.needs.text:
            raise SettingProblem(
                say("noise.discrete", law=one.label),
                setting="noise",
                remedy=say("noise.continuous"),
            )


def refuse_if_all_known(known: NDArray[np.intp] | None) -> None:
    """A SettingProblem where the group of every row is known."""
    if known is not None and np.all(known >= 0):
        raise SettingProblem(say("noise.all_known"), setting="noise", remedy=say("noise.no_labels"))


def _log_principal_volume(columns: F64, sides: F64) -> float:
    """The log volume of the box along the principal axes of columns (d, n), that of the box along the columns taken
    off; 0 where the data fill no volume along them."""
    scale = float(sides.max())
    centred = (columns - columns.mean(axis=1, keepdims=True)) / scale
    _, axes = np.linalg.eigh(centred @ centred.T)
    along = axes.T @ centred
    lengths = along.max(axis=1) - along.min(axis=1)
    if lengths.min() <= FLAT * lengths.max():
        return 0.0
    return float(np.log(lengths).sum() - np.log(sides / scale).sum())


def with_noise(
    params: MixtureParams, box: NoiseBox | None, share: float = START_SHARE
) -> MixtureParams:
    """The params of a start, with noise if there is a box for it."""
    if box is None:
        return params
    return NoisyMixtureParams(params.weights, params.law, np.array(share), box.low, box.sides)


def noise_share(params: MixtureParams) -> float:
    """The share of the rows that is noise, 0 without noise."""
    return float(params.noise) if isinstance(params, NoisyMixtureParams) else 0.0


def shares(params: MixtureParams) -> F64:
    """(K,) the shares of the components among all rows."""
    return (1.0 - noise_share(params)) * params.weights


def log_noise_share(params: MixtureParams) -> float:
    """The log of the share of noise among all rows."""
    with np.errstate(divide="ignore"):
        return float(np.log(noise_share(params)))


def log_noise_density(params: NoisyMixtureParams, missing: NDArray[np.bool_] | None) -> F64 | float:
    """The log density of noise at rows whose cells are missing where `missing` (d, m) says so; a number where none
    is."""
    lengths = np.log(params.noise_sides)
    return -float(lengths.sum()) if missing is None else np.asarray(-(lengths @ ~missing))


def noise_quantities(shown: NoisyMixtureParams, size: float) -> tuple[Quantity, ...]:
    """What tables show of noise: the shares of all rows that it and the components have, its rows, and the logarithm of
    the volume of its box, which is minus that of its density and finite in any units."""
    own = {
        "noise": float(shown.noise),
        "noise_rows": float(shown.noise) * size,
        "noise_log_volume": -float(log_noise_density(shown, None)),
    }
    of_all = Quantity("shares", say("quantity.share"), ("component",), shares(shown))
    return (of_all, *(_number(name, value) for name, value in own.items()))


def _number(name: str, value: float) -> Quantity:
    return Quantity(name, say(f"quantity.{name}"), (), np.asarray(value))


def noise_rows(params: MixtureParams, count: int, rng: np.random.Generator) -> F64:
    """(d, count) rows of noise."""
    assert isinstance(params, NoisyMixtureParams)
    sides = params.noise_sides[:, None]
    return np.asarray(params.noise_low[:, None] + sides * rng.random((len(sides), count)))


def blended(
    params: MixtureParams,
    of_law: tuple[F64, F64],
    chance: F64,
    rng: np.random.Generator | None,
) -> tuple[F64, F64]:
    """What is said of missing cells (d, m): values and standard deviations of the law's groups and of noise together,
    where a row is noise with `chance` (m,); draws with `rng`."""
    assert isinstance(params, NoisyMixtureParams)
    values, spread = of_law
    middle = (params.noise_low + 0.5 * params.noise_sides)[:, None]
    variance = (params.noise_sides**2 / 12)[:, None]
    mean = (1 - chance) * values + chance * middle
    within = (1 - chance) * spread**2 + chance * variance
    between = chance * (1 - chance) * (middle - values) ** 2
    if rng is None:
        return mean, np.sqrt(within + between)
    drawn = noise_rows(params, values.shape[1], rng)
    is_noise = rng.random(values.shape[1]) < chance
    return np.where(is_noise, drawn, values), np.sqrt(within + between)
