"""How the fit of each hostile data set is expected to end for every model: as that of its law, or as written here."""

from __future__ import annotations

from tests.hostile.ends import RIGHT, End, refused, right_or, weak
from tests.hostile.expected_of_laws import EXPECTED
from tests.hostile.models import ALONG, NARROWING, ROUND, Model
from tests.hostile.sorts_of_laws import Row

DIAGONAL = " ".join([*(f"gaussian-{s}" for s in (*ROUND, *ALONG)), "student-t-EII student-t-VVI"])
FULL = " ".join(f"gaussian-{s}" for s in ("EEE", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV"))
ONE_SCALE = " ".join(f"gaussian-{s}" for s in ("EVE", "VVE", "EEV", "VEV"))
ONE_VOLUME = " ".join(f"gaussian-{s}" for s in ("EII", "EEI", "EVI", "EEE", "EVE", "EEV", "EVV"))
POSITIVE_PRIORS = " ".join(f"{law}-prior" for law in NARROWING)
ANY = ("floor", "few-rows", "ceiling")
LEANING = "skew-normal-joint"
LEANING_ANY = ("floor", "few-rows", "edge")
IN_A_PLANE: Row = (LEANING, weak("floor", "edge"), "a full matrix in a plane is singular")
TOO_FEW_ROWS: Row = (LEANING, weak(*LEANING_ANY), "rows of a group lie in a plane")
WIDE_PRIOR: Row = ("von-mises-prior", RIGHT, "the prior is as wide as the data")
NO_SQUARES: Row = (LEANING, refused("a"), "the square is 0 or infinite")

UNLIKE_THEIR_LAW: dict[str, tuple[Row, ...]] = {
    "plane": (
        IN_A_PLANE,
        (DIAGONAL, RIGHT, "no matrix has a direction between the columns"),
        ("gaussian-prior student-t-prior", refused("c"), "the prior is about a singular matrix"),
        ("gaussian-stochastic", weak(*ANY), "as without chance"),
    ),
    "duplicated_column": (
        IN_A_PLANE,
        (DIAGONAL, RIGHT, "no matrix has a direction between the columns"),
        ("gaussian-prior student-t-prior", refused("c"), "the prior is about a singular matrix"),
        ("gaussian-stochastic", weak(*ANY), "as without chance"),
    ),
    "mirrored_column": (
        IN_A_PLANE,
        (DIAGONAL, RIGHT, "no matrix has a direction between the columns"),
        ("gaussian-prior student-t-prior", refused("c"), "the prior is about a singular matrix"),
        ("gaussian-stochastic", weak(*ANY), "as without chance"),
    ),
    "last_bits": ((ONE_SCALE, weak("floor"), "one scale for all columns: the last has no spread"),),
    "two_distinct_rows": (
        ("gaussian-prior student-t-prior", refused("c"), "the prior is about a singular matrix"),
    ),
    "three_distinct_rows": (
        (f"{DIAGONAL} {FULL}", weak(*ANY), "a row for itself, or a plane"),
        ("gaussian-prior student-t-prior", refused("c"), "the prior is about a singular matrix"),
    ),
    "fewer_rows_than_columns": (
        TOO_FEW_ROWS,
        (DIAGONAL, RIGHT, "each column by itself has four rows"),
        ("gaussian-prior student-t-prior", right_or("few-rows"), "the prior is worth rows"),
    ),
    "two_groups_in_fewer_rows_than_columns": (
        TOO_FEW_ROWS,
        (DIAGONAL, right_or(*ANY), "three rows a group"),
        ("gaussian-prior student-t-prior", right_or("few-rows"), "the prior is worth rows"),
    ),
    "nearly_as_many_groups_as_rows": (
        TOO_FEW_ROWS,
        (DIAGONAL, right_or(*ANY), "a group on one row"),
        ("gaussian-prior student-t-prior", right_or("few-rows"), "the prior is worth rows"),
    ),
    "as_many_groups_as_rows": (
        TOO_FEW_ROWS,
        (DIAGONAL, right_or(*ANY), "a group on one row"),
        ("gaussian-prior student-t-prior", right_or("few-rows"), "the prior is worth rows"),
    ),
    "two_rows": (
        TOO_FEW_ROWS,
        (DIAGONAL, RIGHT, "each column by itself has two rows"),
        ("gaussian-prior student-t-prior", right_or("few-rows"), "the prior is worth rows"),
    ),
    "two_rows_far_from_the_others": ((ONE_VOLUME, right_or(*ANY), "a group of two rows"),),
    "unequal_scales": ((ONE_SCALE, weak("floor"), "one scale for all columns"),),
    "needle": (
        ("von-mises-prior gaussian-regression-prior", RIGHT, "the prior is as wide as the data"),
        (ONE_VOLUME, RIGHT, "the volume is that of both groups"),
        (
            "gaussian-regression-common gaussian-prior student-t-prior",
            RIGHT,
            "the other group widens it",
        ),
        (POSITIVE_PRIORS, RIGHT, "the prior is as wide as the data"),
    ),
    "worlds_apart": (
        ("gaussian-regression-prior", RIGHT, "the prior is as wide as the data"),
        ("gaussian-prior student-t-prior", RIGHT, "the prior is as wide as the data"),
        ("gaussian-stochastic", weak(*ANY), "as without chance"),
    ),
    "told_apart_by_a_predictor": (
        (LEANING, right_or("edge"), "one group has one maximum"),
        ("gaussian-noise", right_or("floor"), "noise takes rows, and what is left is flat"),
    ),
    "three_rows_with_a_weight": (TOO_FEW_ROWS,),
    "scale_of_1e_minus_312": (NO_SQUARES, WIDE_PRIOR),
    "scale_of_1e_minus_300": (NO_SQUARES, WIDE_PRIOR),
    "scale_of_1e300": (NO_SQUARES,),
    "very_far_point": ((LEANING, weak(*LEANING_ANY), "a group for the far row alone collapses"),),
    "powers_of_ten": ((LEANING, weak(*LEANING_ANY), "all rows but the largest are nearly 0"),),
}
"""The ends of models that differ from what is expected of their law."""


def expected_end(data_set: str, model: Model) -> End:
    """What was written for a data set and a model; a KeyError where nothing was."""
    for names, end, _ in UNLIKE_THEIR_LAW.get(data_set, ()):
        if model.name in names.split():
            return end
    found = end_of_law(data_set, model.law)
    if dict(model.settings).get("assignment") in ("hard", "stochastic") and not found.is_refused:
        # a row is in one group, so that a group may lose all of them
        return End(found.is_right, found.reasons | {"empty", "few-rows"})
    return found


def end_of_law(data_set: str, law: str) -> End:
    """What was written for a data set and a law with its default settings; a KeyError where nothing was."""
    for laws, end, _ in EXPECTED[data_set]:
        if law in laws.split():
            return end
    raise KeyError((data_set, law))
