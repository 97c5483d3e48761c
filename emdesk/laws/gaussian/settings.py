"""Settings, params and texts of the Gaussian law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.fields import Choice, Field
from emdesk.model.params import Axes, Domain
from emdesk.texts import declare

F64 = NDArray[np.float64]
TEXTS = {
    "gaussian.out_of_range": "the spread of column {name} is {deviation}, and its square cannot be held",
    "gaussian.change_unit": "Write the column in another unit, or leave it out",
    "gaussian.one_column_only": "Covariance {word} is for one column; {count} are used",
    "gaussian.use_instead": "Choose {word} instead",
    "gaussian.constant_column": "every used row has the same value of {name}, so it has no variance",
    "gaussian.leave_out": "Leave this column out",
    "gaussian.not_positive": (
        "the covariance matrix of component {component} is not symmetric and positive definite"
    ),
    "gaussian.give_positive": "Give matrices of positive variance in every direction",
    "gaussian.weak_floor": (
        "component {group} has shrunk to the variance floor in some direction: its rows repeat or lie "
        "on a line"
    ),
    "gaussian.weak_stretched": (
        "component {group} is flat: to keep the common volume it stretches far beyond the data"
    ),
    "gaussian.weak_common": (
        "the common covariance has shrunk to the variance floor in some direction: rows repeat or lie "
        "on a line"
    ),
    "gaussian.whole_matrices": (
        "covariances and SDs can be held for single components under VII, VVI, VVV and V only; {word} ties them"
    ),
    "gaussian.hold_all": "Hold those of every component, or choose such a structure",
    "gaussian.whole_matrix": "the covariance matrix of component {component} is held in part",
    "gaussian.hold_matrix": "Hold the whole matrix of a component",
    "gaussian.sds_along": "SDs can be held where components lie along the axes (EII to VVI, E, V)",
    "gaussian.hold_covariances": "Hold the covariances instead",
    "gaussian.held_sd": "the SD held for component {component} is {value}; SDs are positive",
}
declare(TEXTS)
ALIASES = {"E": "EEE", "V": "VVV"}


def _has_prior(values: Mapping[str, Any]) -> bool:
    return values.get("prior") == "conjugate"


@dataclass(frozen=True)
class GaussianSettings:
    """Settings of the Gaussian law."""

    covariance: Annotated[
        str,
        Field(
            "Covariance",
            "How the size, shape and direction of the groups may differ. Fewer letters V: fewer "
            "parameters, simpler borders between groups.",
            choices=(
                Choice("EII", "EII", "Round groups of one size."),
                Choice("VII", "VII", "Round groups, each of its own size."),
                Choice("EEI", "EEI", "All components share one ellipse along the axes."),
                Choice("VEI", "VEI", "Ellipses along the axes: one shape, each its own size."),
                Choice("EVI", "EVI", "Ellipses along the axes: one size, each its own shape."),
                Choice("VVI", "VVI", "Every component has its own ellipse along the axes."),
                Choice("EEE", "EEE", "All components share one full matrix."),
                Choice("VEE", "VEE", "One shape and direction, each its own size."),
                Choice("EVE", "EVE", "One size and direction, each its own shape."),
                Choice("VVE", "VVE", "One direction, each its own size and shape."),
                Choice("EEV", "EEV", "One size and shape, each its own direction."),
                Choice("VEV", "VEV", "One shape, each its own size and direction."),
                Choice("EVV", "EVV", "One size, each its own shape and direction."),
                Choice("VVV", "VVV", "Every component has its own full matrix."),
                Choice("E", "E", "One column: all components share one variance."),
                Choice("V", "V", "One column: every component has its own variance."),
            ),
        ),
    ] = "VVV"
    floor: Annotated[
        float,
        Field(
            "Variance floor",
            "The least variance in any direction, as a share of the data's variance. A component that "
            "touches it has collapsed.",
            low=1e-12,
            high=0.1,
            section="Floor",
            more=True,
            logarithmic=True,
        ),
    ] = 1e-8
    prior: Annotated[
        str,
        Field(
            "Prior",
            "What is believed of means and covariances before the data. A prior keeps components from collapsing; "
            "the objective is then the log posterior.",
            section="Prior",
            more=True,
            choices=(
                Choice("none", "None", "Maximum likelihood."),
                Choice(
                    "conjugate",
                    "Conjugate",
                    "Means near the data's mean, covariances near the data's shared out among the components "
                    "(Fraley and Raftery 2007).",
                ),
            ),
        ),
    ] = "none"
    prior_shrinkage: Annotated[
        float,
        Field(
            "Mean shrinkage",
            "How many rows the belief about each mean is worth.",
            low=0.0,
            high=1000.0,
            section="Prior",
            more=True,
            applies=_has_prior,
        ),
    ] = 0.01
    prior_degrees: Annotated[
        float,
        Field(
            "Extra degrees of freedom",
            "How firm the belief about the covariances is: degrees of freedom beyond the number of columns.",
            low=0.1,
            high=1000.0,
            section="Prior",
            more=True,
            applies=_has_prior,
        ),
    ] = 2.0
    prior_scale: Annotated[
        float,
        Field(
            "Prior spread",
            "The believed covariance as a multiple of the data's variance shared out among the components.",
            low=1e-6,
            high=1000.0,
            section="Prior",
            more=True,
            logarithmic=True,
            applies=_has_prior,
        ),
    ] = 1.0


@dataclass(frozen=True, eq=False)
class GaussianParams:
    """Means and covariance matrices, whatever the structure."""

    means: Annotated[F64, Axes("component", "column", label="Mean"), Domain.REAL]
    covariances: Annotated[
        F64, Axes("component", "column", "column", label="Covariance"), Domain.SPD
    ]
