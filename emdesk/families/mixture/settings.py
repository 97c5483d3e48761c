"""Settings and params of a mixture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.fields import Choice, Field
from emdesk.model.params import Axes, Domain


def _can_be_truncated(values: Mapping[str, Any]) -> bool:
    # what was asked of another law stays in sight, so that it can be emptied
    asked = values.get("truncated_below") or values.get("truncated_above")
    is_one = values.get("columns", 1) == 1
    return bool(asked or (is_one and values.get("can_be_truncated", True)))


def _is_smooth(values: Mapping[str, Any]) -> bool:
    return bool(values.get("is_smooth", True))


def _has_free_weights(values: Mapping[str, Any]) -> bool:
    return values.get("weights") != "equal"


@dataclass(frozen=True)
class MixtureSettings:
    """How many groups, their weights, and how rows are assigned to them."""

    components: Annotated[
        int, Field("Components", "How many groups the mixture has.", low=1, high=200)
    ] = 2
    weights: Annotated[
        str,
        Field(
            "Weights",
            "Whether the groups may have different shares of the rows.",
            choices=(
                Choice("free", "Free", "Each component has its own share of the rows."),
                Choice("equal", "Equal", "All components have the same share of the rows."),
            ),
        ),
    ] = "free"
    assignment: Annotated[
        str,
        Field(
            "Assignment",
            "Soft: every row belongs to all groups by its probabilities, the likelihood is maximised. Hard: "
            "every row belongs to its likeliest group, the classification likelihood is maximised. "
            "Stochastic: rows are drawn into groups. Hard, EII and equal weights together are k-means.",
            choices=(
                Choice("soft", "Soft", "Rows are shared by probability: EM."),
                Choice("hard", "Hard", "Rows go to their likeliest group: classification EM."),
                Choice(
                    "stochastic",
                    "Stochastic",
                    "Every row is drawn into a group by its probabilities: stochastic EM, which leaves poor "
                    "optima and never settles. The best iteration is kept.",
                ),
            ),
        ),
    ] = "soft"
    noise: Annotated[
        str,
        Field(
            "Noise",
            "One more component for rows that belong to no group: the same density everywhere in a box around the "
            "data. Weights are then the shares among the rows that are no noise.",
            applies=_is_smooth,
            choices=(
                Choice("none", "None", "Every row belongs to a component."),
                Choice(
                    "uniform",
                    "Uniform",
                    "Rows that fit no component count as noise, and no longer widen one.",
                ),
            ),
        ),
    ] = "none"
    missing: Annotated[
        str,
        Field(
            "Missing cells",
            "What becomes of rows in which some cells are missing. Keeping them is right where the reason that a "
            "cell is missing does not depend on its value.",
            section="Missing cells",
            more=True,
            choices=(
                Choice(
                    "keep", "Keep rows", "Every observed cell counts; missing ones are estimated."
                ),
                Choice("drop", "Set rows aside", "Only complete rows are fitted."),
            ),
        ),
    ] = "keep"
    truncated_below: Annotated[
        str,
        Field(
            "Truncated below",
            "Rows with a smaller value were never recorded: the model is of the rows that could be seen, and the "
            "parameters are those of all. Empty: nothing was cut off. For one column of continuous values, or of "
            "Poisson, geometric or negative binomial counts (1 for counts that are never 0).",
            section="Truncation",
            more=True,
            is_number=True,
            applies=_can_be_truncated,
        ),
    ] = ""
    truncated_above: Annotated[
        str,
        Field(
            "Truncated above",
            "Rows with a larger value were never recorded. Empty: nothing was cut off. For one column of continuous "
            "values, or of Poisson or geometric counts.",
            section="Truncation",
            more=True,
            is_number=True,
            applies=_can_be_truncated,
        ),
    ] = ""
    weight_prior: Annotated[
        float,
        Field(
            "Weight prior",
            "How many rows each component's weight is believed to be worth before the data (a Dirichlet prior). 0 is "
            "maximum likelihood; 1 or more keeps components from running empty.",
            low=0.0,
            high=1e6,
            section="Prior",
            more=True,
            applies=_has_free_weights,
        ),
    ] = 0.0


@dataclass(frozen=True, eq=False)
class MixtureParams:
    """Weights of the groups and the params of their law."""

    weights: Annotated[NDArray[np.float64], Axes("component", label="Weight"), Domain.SIMPLEX]
    law: Any
