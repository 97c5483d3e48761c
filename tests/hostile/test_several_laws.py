"""Laws on different columns of hostile data: a sound fit, or the column and the group that are in the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec, with_laws
from emdesk.errors import DataProblem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role
from tests.hostile.data import HOSTILE
from tests.hostile.fits import Ended, fit_of
from tests.hostile.forms import Form, Taken
from tests.hostile.judging import faults

REFUSED = {
    "constant_column": "c",
    "all_rows_equal": "a",
    "more_groups_than_rows": "",
    "one_row": "a",
    "scale_of_1e_minus_312": "a",
    "scale_of_1e_minus_300": "a",
    "scale_of_1e_minus_150": "n",
    "scale_of_1e_minus_100": "n",
    "scale_of_1e16": "n",
    "scale_of_1e100": "n",
    "scale_of_1e150": "n",
    "scale_of_1e300": "a",
    "next_to_the_largest_number": "a",
    "unequal_scales": "n",
    "offset_of_1e12_and_a_small_spread": "n",
    "one_observed_cell": "c",
    "empty_column": "c",
    "weights_of_1e_minus_9": "weight",
    "infinite_cell": "b",
    "negative_cell": "n",
    "broken_count": "n",
}
"""The column that is named where the model is refused: a, b and c are Gaussian, n is a column of counts."""


def ended_jointly(name: str) -> Ended:
    """Three Gaussian columns and one of Poisson counts, made hostile together."""
    table, counts = HOSTILE[name](Taken(Form.REAL)), HOSTILE[name](Taken(Form.COUNT))
    # where another column of the counts is the hostile one, that one
    row = counts.columns[1] if name == "unequal_scales" else counts.columns[0]
    columns = [
        Column(n, Kind.CONTINUOUS, c.copy()) for n, c in zip("abc", table.columns, strict=False)
    ]
    columns.append(Column("n", Kind.COUNT, row.copy()))
    roles: dict[Role, tuple[str, ...]] = {}
    if table.weights is not None:
        columns.append(Column("weight", Kind.CONTINUOUS, table.weights.copy()))
        roles = {Role.WEIGHT: ("weight",)}
    spec = new_spec(catalogue(), "mixture", "gaussian")
    names = tuple(c.name for c in columns[: len(table.columns)] if c.name in "abc")
    spec = with_laws(spec, catalogue(), [("gaussian", names), ("poisson", ("n",))])
    for key, value in {"components": table.components, "starts": 2, "max_iterations": 200}.items():
        spec = spec.with_setting(key, value)
    dataset = Dataset(tuple(columns), name)
    try:
        return Ended(table, result=fit_of(dataset, replace(spec, roles=roles)))
    except DataProblem as problem:
        return Ended(table, problem=problem)


@pytest.mark.parametrize("name", [n for n in HOSTILE if n != "words"])
def test_two_laws_together_end_in_a_right_answer_or_a_named_diagnosis(name: str) -> None:
    found = ended_jointly(name)
    assert not faults(found), str(found)
    if name in REFUSED:
        assert found.problem is not None, str(found)
        assert REFUSED[name] in found.problem.sentence
        return
    assert found.result is not None, str(found)
    assert found.result.is_sound or found.reasons <= {"floor", "few-rows"}, str(found)
    assert np.isfinite(found.result.objective)
