"""Data that do not fit a model give a Problem that names the column, before anything is fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emdesk.errors import DataProblem, Problem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role
from tests.catalogues import Case, cases, everything, fitted, group_setting
from tests.example_rows import dataset_for

every_case = pytest.mark.parametrize("case", cases(), ids=str)
SOME = [c for c in cases() if "2d" in c.name or not c.family.takes_law]
some_cases = pytest.mark.parametrize("case", SOME, ids=str)


def with_column(dataset: Dataset, column: Column) -> Dataset:
    """The dataset with one column replaced by another of its name."""
    return replace(
        dataset, columns=tuple(column if c.name == column.name else c for c in dataset.columns)
    )


def with_cell(dataset: Dataset, name: str, row: int, value: float) -> Dataset:
    column = dataset.column(name)
    values = column.values.copy()
    values[row] = value
    return with_column(dataset, replace(column, values=values))


def the_problem(case: Case, dataset: Dataset, name: str) -> DataProblem:
    """The DataProblem that a dataset gives; it names the column in its sentence and in `columns`."""
    with pytest.raises(DataProblem) as caught:
        case.over(dataset).fit()
    problem = caught.value
    assert name in problem.columns
    assert name in problem.sentence
    assert problem.exit_status == 2
    return problem


@every_case
def test_text_in_a_used_column_is_refused(case: Case) -> None:
    if case.family.id == "mixture" and case.family.takes_law and case.law.needs.text:
        pytest.skip("this law takes words for categories")
    for name in case.spec.columns:
        codes = np.zeros(case.dataset.rows)
        text = Column(name, Kind.NOMINAL, codes, ("word",))
        the_problem(case, with_column(case.dataset, text), name)


@some_cases
def test_an_infinite_cell_is_refused_with_its_row(case: Case) -> None:
    name = case.spec.columns[-1]
    problem = the_problem(case, with_cell(case.dataset, name, 41, float("inf")), name)
    assert "42" in problem.sentence


@some_cases
def test_a_column_that_is_not_there_is_named(case: Case) -> None:
    other = replace(case, spec=replace(case.spec, columns=(*case.spec.columns[:-1], "nowhere")))
    the_problem(other, case.dataset, "nowhere")


@some_cases
def test_no_column_at_all_is_refused(case: Case) -> None:
    with pytest.raises(DataProblem):
        replace(case, spec=replace(case.spec, columns=())).fit()


@every_case
def test_rows_with_missing_cells_are_set_aside_where_they_are_not_kept_and_are_counted(
    case: Case,
) -> None:
    name = case.spec.columns[0]
    dataset = with_cell(with_cell(case.dataset, name, 3, np.nan), name, 90, np.nan)
    drops = {"missing": "drop"} if "missing" in case.spec.values() else {}
    result = case.over(dataset).set(max_iterations=2, **drops).fit()
    before = fitted(case.name)
    expected = before.data.used.copy()
    expected[[3, 90]] = False
    assert np.array_equal(result.data.used, expected)
    assert any(str(int((~expected).sum())) in warning for warning in result.warnings())
    output = result.row_output()
    if output is not None:
        assert output.label.shape == (expected.sum(),)


@pytest.mark.parametrize("law", everything().laws, ids=lambda law: law.id)
def test_cells_that_a_law_cannot_hold_are_refused_with_value_and_row(law: object) -> None:
    for case in (c for c in SOME if c.family.law is law and not c.spec.roles.get(Role.WEIGHT)):
        name = case.spec.columns[-1]
        if case.law.needs.nonnegative:
            problem = the_problem(case, with_cell(case.dataset, name, 17, -2.0), name)
            assert "-2" in problem.sentence and "18" in problem.sentence
        if case.law.needs.whole:
            problem = the_problem(case, with_cell(case.dataset, name, 17, 2.5), name)
            assert "2.5" in problem.sentence and "18" in problem.sentence


def test_a_row_of_a_bad_cell_is_counted_in_the_file_although_rows_before_it_are_set_aside() -> None:
    for case in (c for c in SOME if c.family.takes_law and c.law.needs.whole):
        if case.spec.roles.get(Role.WEIGHT):
            continue
        name = case.spec.columns[-1]
        dataset = with_cell(with_cell(case.dataset, name, 2, np.nan), name, 17, 2.5)
        assert "row 18" in the_problem(case, dataset, name).sentence


def test_a_column_without_spread_has_no_gaussian_density() -> None:
    for case in (c for c in SOME if c.spec.law == "gaussian"):
        name = case.spec.columns[-1]
        flat = replace(case.dataset.column(name), values=np.full(case.dataset.rows, 0.1))
        the_problem(case, with_column(case.dataset, flat), name)


@every_case
def test_fewer_rows_than_groups_are_refused(case: Case) -> None:
    groups = group_setting(case.family)
    if groups is None:
        return
    few = tuple(replace(c, values=c.values[:2]) for c in case.dataset.columns)
    with pytest.raises(DataProblem) as caught:
        case.over(replace(case.dataset, columns=few)).fit()
    assert "3" in caught.value.sentence


def roles_of(role: Role) -> list[Case]:
    return [c for c in cases() if c.spec.roles.get(role)]


@pytest.mark.parametrize("value", [-1.0, float("inf")])
@pytest.mark.parametrize("case", roles_of(Role.WEIGHT), ids=str)
def test_a_weight_below_zero_or_infinite_is_refused_with_its_row(case: Case, value: float) -> None:
    problem = the_problem(case, with_cell(case.dataset, "weight", 11, value), "weight")
    assert "12" in problem.sentence


@pytest.mark.parametrize("case", roles_of(Role.WEIGHT), ids=str)
def test_weights_that_are_words_are_refused(case: Case) -> None:
    words = Column("weight", Kind.NOMINAL, np.zeros(case.dataset.rows), ("much",))
    the_problem(case, with_column(case.dataset, words), "weight")


@pytest.mark.parametrize("case", roles_of(Role.TIME), ids=str)
def test_a_row_without_a_place_in_its_series_is_refused(case: Case) -> None:
    for name in ("series", "time"):
        problem = the_problem(case, with_cell(case.dataset, name, 5, np.nan), name)
        assert "6" in problem.sentence


@pytest.mark.parametrize("case", roles_of(Role.TIME), ids=str)
def test_one_time_twice_in_a_series_is_refused(case: Case) -> None:
    time = case.dataset.column("time").values[8]
    problem = the_problem(case, with_cell(case.dataset, "time", 9, time), "time")
    assert "9 and 10" in problem.sentence


@pytest.mark.parametrize("case", roles_of(Role.TIME), ids=str)
def test_times_that_are_words_are_refused(case: Case) -> None:
    words = Column("time", Kind.NOMINAL, np.zeros(case.dataset.rows), ("noon",))
    the_problem(case, with_column(case.dataset, words), "time")


def test_a_scan_that_does_not_fit_the_scanner_is_refused_with_the_cell() -> None:
    for case in (c for c in SOME if c.spec.family == "emission"):
        scan = case.dataset
        assert "row 5" in the_problem(case, with_cell(scan, "view", 4, 10.0), "view").sentence
        assert (
            "row 5" in the_problem(case, with_cell(scan, "position", 4, 0.5), "position").sentence
        )
        assert "row 5" in the_problem(case, with_cell(scan, "count", 4, -1.0), "count").sentence
        again = with_cell(scan, "position", 1, scan.column("position").values[0])
        with pytest.raises(DataProblem, match="twice, in rows 1 and 2"):
            case.over(again).fit()
        dark = replace(scan.column("count"), values=np.zeros(scan.rows))
        the_problem(case, with_column(scan, dark), "count")
        with pytest.raises(DataProblem, match="2 are used"):
            replace(case, spec=replace(case.spec, columns=("view", "position"))).fit()


def test_every_problem_of_a_model_over_the_wrong_data_is_one_sentence() -> None:
    """Every family over every law's data: it fits, or says in a sentence why it does not."""
    for case in SOME:
        for law in everything().laws:
            dataset = dataset_for(law, 2, rows=40)
            columns = tuple(n for n in ("a", "b") if dataset.has(n))
            other = replace(case, dataset=dataset, spec=replace(case.spec, columns=columns))
            try:
                other.set(max_iterations=1).fit()
            except Problem as problem:
                assert problem.sentence.endswith(".") and "Traceback" not in problem.sentence
