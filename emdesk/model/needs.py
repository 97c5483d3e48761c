"""What a law or a family asks of the data: kinds of columns and roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from emdesk.model.dataset import Kind


class Role(StrEnum):
    """What a column is used for besides being modelled."""

    WEIGHT = "weight"
    SEQUENCE = "sequence"
    TIME = "time"
    LABEL = "label"
    GROUP = "group"
    UNIT = "unit"
    RESPONSE = "response"
    PREDICTORS = "predictors"
    OFFSET = "offset"
    TRIALS = "trials"
    COUNT = "count"
    LOWER = "lower"
    UPPER = "upper"
    TRUTH = "truth"
    COVARIATES = "covariates"


SEVERAL = frozenset({Role.PREDICTORS, Role.COVARIATES})
"""The roles that several columns may have."""
WORDS = SEVERAL
"""The roles that columns of text may have in a law or family: their categories are coded."""


Roles = Mapping[Role, tuple[str, ...]]
"""The columns that were given to each role."""


@dataclass(frozen=True)
class Needs:
    """What the modelled columns must be; `whole` and `nonnegative` are checked cell by cell, `text` says that columns
    of text are taken as categories. Columns of numbers with more than `most_values` different ones are not taken unless
    they are named."""

    kinds: frozenset[Kind]
    least: int = 1
    most: int | None = None
    whole: bool = False
    nonnegative: bool = False
    text: bool = False
    most_values: int | None = None
