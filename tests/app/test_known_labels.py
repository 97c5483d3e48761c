"""Known labels: discriminant analysis and comparison, against scikit-learn and computations by hand."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app import commands
from emdesk.app.agreement import match
from emdesk.app.catalogue import catalogue
from emdesk.app.discriminant import is_discriminant
from emdesk.app.exporting import export
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.result_object import result_object
from emdesk.app.samples import sample, sample_dataset
from emdesk.app.session import FitResult, fit
from emdesk.app.state import AppState
from emdesk.errors import SettingProblem
from emdesk.model.dataset import Dataset
from emdesk.model.needs import Role
from emdesk.model.numerics.partitions import adjusted_rand

F64 = NDArray[np.float64]
MEASURES = ("Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width")


def iris() -> Dataset:
    return sample_dataset(sample("iris"))


def rows_and_species() -> tuple[F64, NDArray[np.intp]]:
    data = iris()
    rows = np.stack([data.column(name).values for name in MEASURES], axis=1)
    return rows, data.column("Species").values.astype(np.intp)


def spec(role: Role, **settings: Any) -> ModelSpec:
    made = replace(new_spec(catalogue()), columns=MEASURES, roles={role: ("Species",)})
    for name, value in {"components": 3, "starts": 1, **settings}.items():
        made = made.with_setting(name, value)
    return made


def labelled(data: Dataset, covariance: str) -> FitResult:
    return fit(data, spec(Role.LABEL, covariance=covariance), catalogue(), threads=1)


def normal_posteriors(rows: F64, means: F64, matrices: F64, weights: F64) -> F64:
    from scipy.stats import multivariate_normal

    logs = np.stack(
        [
            np.log(w) + multivariate_normal(m, c).logpdf(rows)
            for w, m, c in zip(weights, means, matrices, strict=True)
        ]
    )
    made = np.exp(logs - logs.max(axis=0))
    return np.asarray(made / made.sum(axis=0))


@pytest.mark.parametrize("covariance", ["EEE", "VVV"])
def test_with_all_labels_known_the_fit_is_that_of_discriminant_analysis(covariance: str) -> None:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    rows, species = rows_and_species()
    params = result_object(labelled(iris(), covariance))["params"]
    means, matrices = np.array(params["means"]), np.array(params["covariances"])
    if covariance == "EEE":
        linear = LinearDiscriminantAnalysis(solver="lsqr", store_covariance=True).fit(rows, species)
        assert means == pytest.approx(linear.means_)
        for matrix in matrices:  # it takes the shares of the labels for weights, as EM does
            assert matrix == pytest.approx(linear.covariance_, rel=1e-9)
        expected = linear.predict_proba(rows)
    else:  # scikit-learn's quadratic rule may divide by n - 1: computed by hand
        centres = np.stack([rows[species == k].mean(axis=0) for k in range(3)])
        likely = np.stack([np.cov(rows[species == k].T, bias=True) for k in range(3)])
        assert means == pytest.approx(centres)
        assert matrices == pytest.approx(likely, rel=1e-9)
        expected = normal_posteriors(rows, centres, likely, np.full(3, 1 / 3)).T
    found = normal_posteriors(rows, means, matrices, np.array(params["weights"]))
    assert pytest.approx(expected, abs=1e-9) == found.T


def test_the_error_on_the_rows_left_out_is_that_of_refitting_without_each() -> None:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import LeaveOneOut, cross_val_predict

    rows, species = rows_and_species()
    found = labelled(iris(), "EEE").discriminant()
    assert found is not None and found.leaves_one_out and found.rows == 150
    rule = LinearDiscriminantAnalysis(solver="lsqr")
    given = cross_val_predict(rule, rows, species, cv=LeaveOneOut())
    assert found.cross_validated_error == pytest.approx(float(np.mean(given != species)))
    assert found.resubstitution_error == pytest.approx(0.02)
    expected = np.zeros((3, 3))
    np.add.at(expected, (species, given), 1.0)
    assert found.confusion.tolist() == expected.tolist()


def test_more_rows_are_judged_in_ten_folds_by_the_seed() -> None:
    data = iris()
    twice = replace(
        data,
        columns=tuple(
            replace(c, values=np.concatenate([c.values, c.values + (0.05 if c.is_numeric else 0)]))
            for c in data.columns
        ),
    )
    first, second = (labelled(twice, "VVV").discriminant() for _ in range(2))
    assert first is not None and second is not None
    assert first.folds == 10 and not first.leaves_one_out
    assert first.confusion.tolist() == second.confusion.tolist()
    assert first.cross_validated_error is not None
    assert 0.0 < first.cross_validated_error < 0.05


def test_a_label_of_one_row_cannot_be_left_out_and_the_reason_is_said() -> None:
    data = iris()
    species = data.column("Species")
    codes = np.where(np.arange(150) == 149, 2.0, np.minimum(species.values, 1.0))
    columns = tuple(replace(c, values=codes) if c.name == "Species" else c for c in data.columns)
    found = labelled(replace(data, columns=columns), "EEE").discriminant()
    assert found is not None and found.cross_validated_error is None
    assert "virginica" in found.reason


def test_components_are_named_by_their_labels_and_the_rest_by_number() -> None:
    data = iris()
    species = data.column("Species")
    some = np.where(species.values == 2, np.nan, species.values)
    some[5:40] = np.nan
    columns = tuple(replace(c, values=some) if c.name == "Species" else c for c in data.columns)
    result = labelled(replace(data, columns=columns), "VVV")
    made = result_object(result)
    assert made["group_names"] == ["setosa", "versicolor", "3"]
    assert "discriminant" not in made
    assert not is_discriminant(result.spec, result.dataset, result.data)
    assert made["params"]["means"][0][2] == pytest.approx(1.46, abs=0.02)
    assert made["params"]["means"][2][2] > 5


def test_labels_name_the_components_in_the_exported_table(tmp_path: Path) -> None:
    export(labelled(iris(), "EEE"), tmp_path)
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["label"] for row in rows} == {"setosa", "versicolor", "virginica"}
    assert all(row["label"] == row["Species"] for row in rows)
    assert "probability_setosa" in rows[0]


def test_a_column_of_more_labels_than_components_is_refused() -> None:
    with pytest.raises(SettingProblem, match="has 3 labels, and there are 2 components"):
        fit(iris(), spec(Role.LABEL, components=2), catalogue(), threads=1)


def test_a_label_role_gives_the_form_a_component_for_each_label() -> None:
    state = commands.open_dataset(AppState(catalogue()), iris())
    state = commands.set_role(state, "Species", Role.LABEL)
    assert state.spec is not None and state.spec.values()["components"] == 3
    undone = commands.undo(state)
    assert undone.spec is not None and undone.spec.values()["components"] == 2


# ------------------------------------------------------------------ comparison


def compared(**settings: Any) -> FitResult:
    return fit(iris(), spec(Role.TRUTH, starts=5, **settings), catalogue(), threads=1)


def test_a_truth_column_is_compared_with_and_never_modelled() -> None:
    from sklearn.metrics import adjusted_rand_score

    result = compared()
    made = result_object(result)
    assert made["log_likelihood"] == pytest.approx(-180.19, abs=0.01)
    output, (_, species) = result.row_output(), rows_and_species()
    assert output is not None
    found = made["comparison"]
    assert found["adjusted_rand"] == pytest.approx(adjusted_rand_score(species, output.label))
    assert found["accuracy"] == pytest.approx(145 / 150)
    assert found["labels"] == ["setosa", "versicolor", "virginica"]
    assert sorted(n for row in found["confusion"] for n in row) == [0, 0, 0, 0, 0, 5, 45, 50, 50]
    assert sorted(found["matched"]) == [1, 2, 3]
    for row, group in zip(found["confusion"], found["matched"], strict=True):
        assert row[group - 1] == max(row)


def test_the_confusion_is_exported(tmp_path: Path) -> None:
    result = compared()
    paths = export(result, tmp_path)
    assert "confusion.csv" in {path.name for path in paths}
    with (tmp_path / "confusion.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    assert header == ["Species", "1", "2", "3", "component"]
    assert [sum(map(int, row[1:4])) for row in rows] == [50, 50, 50]


def test_labels_that_no_component_is_left_for_stay_unmatched() -> None:
    result = compared(components=2)
    found = result.agreement()
    assert found is not None
    assert sorted(found.matched)[0] == -1
    assert found.accuracy == pytest.approx(100 / 150)


def test_rows_whose_label_the_fit_was_given_do_not_count() -> None:
    data = iris()
    species = data.column("Species")
    known = np.where(np.arange(150) % 5 == 0, species.values, np.nan)
    given = replace(species, name="given", values=known)
    model = replace(spec(Role.TRUTH), roles={Role.TRUTH: ("Species",), Role.LABEL: ("given",)})
    dataset = replace(data, columns=(*data.columns, given))
    found = fit(dataset, model, catalogue(), threads=1).agreement()
    assert found is not None and found.rows == 120
    assert found.groups == ("setosa", "versicolor", "virginica") == found.labels
    assert found.matched == (0, 1, 2)


def test_partitions_by_chance_have_an_adjusted_rand_index_near_zero() -> None:
    assert adjusted_rand(np.full((3, 4), 25.0)) == pytest.approx(0.0, abs=0.01)
    assert adjusted_rand(np.diag([5.0, 9.0, 2.0])) == 1.0
    assert match(np.array([[1.0, 5.0], [4.0, 6.0]])) == (1, 0)
