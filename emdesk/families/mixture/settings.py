"""Settings and params of a mixture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from emdesk.model.fields import Choice, Field
from emdesk.model.params import Axes, Domain


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
            "Hard, EII and equal weights together are k-means.",
            choices=(
                Choice("soft", "Soft", "Rows are shared by probability: EM."),
                Choice("hard", "Hard", "Rows go to their likeliest group: classification EM."),
            ),
        ),
    ] = "soft"


@dataclass(frozen=True, eq=False)
class MixtureParams:
    """Weights of the groups and the params of their law."""

    weights: Annotated[NDArray[np.float64], Axes("component", label="Weight"), Domain.SIMPLEX]
    law: Any
