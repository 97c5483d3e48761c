"""The Gaussian law and its covariance structures."""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import new_spec
from emdesk.app.session import fit
from emdesk.errors import SettingProblem
from emdesk.laws.gaussian import LAW
from emdesk.laws.gaussian.settings import GaussianParams, GaussianSettings
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.law import Workspace
from emdesk.model.numerics.covariance import STRUCTURES, Second, clamp_eigenvalues
from emdesk.model.rows import plain_rows
from emdesk.resources import resource
from tests.catalogues import everything

F64 = NDArray[np.float64]
WORDS = tuple(STRUCTURES)


def scatter_of(structure: Any, matrices: F64, counts: F64) -> F64:
    """What the sums hold of scatter matrices, as this structure needs them."""
    scaled = counts[:, None, None] * matrices
    if structure.second is Second.SPHERE:
        return np.asarray(np.trace(scaled, axis1=1, axis2=2)[:, None])
    if structure.second is Second.DIAGONAL:
        return np.asarray(np.diagonal(scaled, axis1=1, axis2=2))
    return scaled


def expected_fit(covariances: F64, scatter: F64, counts: F64) -> float:
    """The expected log-likelihood of covariances (K, d, d), constants left out."""
    _, logs = np.linalg.slogdet(covariances)
    traces = np.trace(np.linalg.solve(covariances, scatter), axis1=1, axis2=2)
    return float(-0.5 * (counts * logs + counts * traces).sum())


def inside(structure: Any, covariances: F64) -> bool:
    same = not structure.is_equal or np.allclose(covariances, covariances[:1])
    off = covariances - np.diagonal(covariances, axis1=1, axis2=2)[:, :, None] * np.eye(3)
    if structure.second is not Second.FULL and np.abs(off).max() > 1e-12:
        return False
    if structure.second is Second.SPHERE:
        same = same and np.allclose(np.ptp(np.diagonal(covariances, axis1=1, axis2=2), axis=1), 0)
    return bool(same)


@pytest.mark.parametrize("word", WORDS)
def test_the_maximum_of_a_structure_is_higher_than_anything_near_it(word: str) -> None:
    structure, rng = STRUCTURES[word], np.random.default_rng(1)
    roots = rng.standard_normal((4, 3, 5))
    matrices = roots @ np.swapaxes(roots, 1, 2) / 5
    counts = np.array([10.0, 30.0, 5.5, 70.0])
    made = structure.maximise(counts, scatter_of(structure, matrices, counts), 3, 1e-8)
    assert inside(structure, made)
    best = expected_fit(made, matrices, counts)
    for _ in range(60):
        noise = rng.standard_normal((4, 3, 3)) * 0.05
        other = structure.project(
            made + noise @ np.swapaxes(noise, 1, 2), counts / counts.sum(), 1e-8
        )
        scaled = other * rng.uniform(0.9, 1.1)
        assert inside(structure, other)
        assert expected_fit(other, matrices, counts) <= best + 1e-9
        assert expected_fit(scaled, matrices, counts) <= best + 1e-9


@pytest.mark.parametrize(
    ("word", "two_of_four", "three_of_one"),
    [("EII", 1, 1), ("VII", 2, 3), ("EEI", 4, 1), ("VVI", 8, 3), ("EEE", 10, 1), ("VVV", 20, 3)],
)
def test_structures_have_the_free_parameters_of_the_textbook(
    word: str, two_of_four: int, three_of_one: int
) -> None:
    assert STRUCTURES[word].free_parameters(2, 4) == two_of_four
    assert STRUCTURES[word].free_parameters(3, 1) == three_of_one


def test_a_clamp_is_the_maximum_under_the_floor() -> None:
    """Between the clamped matrix and others above the floor none has a higher likelihood."""
    rng = np.random.default_rng(6)
    matrix = np.diag([4.0, 1.0, 1e-6])
    turn, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    scatter = turn @ matrix @ turn.T
    made = clamp_eigenvalues(scatter[None], 0.01)
    assert np.linalg.eigvalsh(made[0])[0] == pytest.approx(0.01)
    best = expected_fit(made, scatter[None], np.ones(1))
    for _ in range(60):
        noise = rng.standard_normal((3, 3)) * 0.02
        other = clamp_eigenvalues(
            made + noise @ noise.T + rng.uniform(-0.005, 0.02) * np.eye(3), 0.01
        )
        assert expected_fit(other, scatter[None], np.ones(1)) <= best + 1e-9


def test_matrices_above_the_floor_keep_their_bits() -> None:
    matrices = np.array([np.eye(3), np.diag([1.0, 2.0, 1e-12])])
    made = clamp_eigenvalues(matrices, 1e-8)
    assert np.array_equal(made[0], matrices[0]) and made[1, 2, 2] == pytest.approx(1e-8)


def test_a_structure_of_one_column_is_refused_for_two_with_what_to_choose() -> None:
    rows = np.random.default_rng(0).standard_normal((2, 20))
    for word, instead in (("E", "EEE"), ("V", "VVV")):
        with pytest.raises(SettingProblem) as caught:
            LAW.constants(plain_rows(rows, ("a", "b")), GaussianSettings(covariance=word))
        assert instead in caught.value.sentence and "2" in caught.value.sentence


@pytest.mark.parametrize(
    "matrix", [[[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.5], [0.2, 1.0]], [[0.0, 0.0], [0.0, 1.0]]]
)
def test_a_given_matrix_that_is_no_covariance_is_refused_with_its_component(matrix: Any) -> None:
    rows = np.random.default_rng(0).standard_normal((2, 20))
    constants = LAW.constants(plain_rows(rows, ("a", "b")), GaussianSettings())
    given = GaussianParams(np.zeros((2, 2)), np.array([np.eye(2), matrix]))
    with pytest.raises(SettingProblem, match="component 2"):
        LAW.from_units(given, constants)


def test_an_m_step_from_a_partition_is_the_sample_mean_and_covariance() -> None:
    rng = np.random.default_rng(8)
    rows = rng.standard_normal((3, 60)) * np.array([[1.0], [50.0], [0.01]]) + 5
    codes = np.repeat([0, 1], [25, 35])
    constants = LAW.constants(plain_rows(rows, ("a", "b", "c")), GaussianSettings())
    members = (codes == np.arange(2)[:, None]).astype(np.float64)
    work = Workspace()
    features = LAW.features(LAW.encode(plain_rows(rows), constants), constants, work)
    sums = LAW.statistics(features, members, None, constants, work)
    made = LAW.in_units(LAW.maximise(sums, None, constants), constants)
    for k in range(2):
        part = rows[:, codes == k]
        np.testing.assert_allclose(made.means[k], part.mean(axis=1), rtol=1e-12)
        np.testing.assert_allclose(
            made.covariances[k], np.cov(part, bias=True), rtol=1e-9, atol=1e-16
        )


def test_a_component_without_rows_keeps_its_place() -> None:
    rows = np.random.default_rng(8).standard_normal((2, 30))
    constants = LAW.constants(plain_rows(rows, ("a", "b")), GaussianSettings())
    before = GaussianParams(
        np.array([[0.0, 0.0], [7.0, 7.0]]), np.stack([np.eye(2), 3 * np.eye(2)])
    )
    work = Workspace()
    features = LAW.features(LAW.encode(plain_rows(rows), constants), constants, work)
    members = np.stack([np.ones(30), np.zeros(30)])
    kernel = LAW.kernel(before, np.zeros(2), constants)
    made = LAW.maximise(
        LAW.statistics(features, members, kernel, constants, work), before, constants
    )
    assert np.array_equal(made.means[1], [7.0, 7.0])
    assert np.array_equal(made.covariances[1], 3 * np.eye(2))


def iris() -> Dataset:
    with resource("samples/iris.csv").open(encoding="utf-8") as file:
        table = list(csv.reader(file))
    header, body = table[0], table[1:]
    species = sorted({row[4] for row in body})
    columns = [
        Column(name, Kind.CONTINUOUS, np.array([float(row[i]) for row in body]))
        for i, name in enumerate(header[:4])
    ]
    codes = np.array([float(species.index(row[4])) for row in body])
    return Dataset((*columns, Column("species", Kind.NOMINAL, codes, tuple(species))), "iris")


def test_iris_from_its_species_reaches_the_known_fits() -> None:
    """EII fitted with each column scaled on its own would be another model and reach -461.34."""
    from dataclasses import replace

    data = iris()
    for word, expected in (("EII", -401.80), ("VVV", -180.19)):
        spec = new_spec(everything())
        for name, value in {
            "components": 3,
            "covariance": word,
            "start": "labels",
            "tolerance": 1e-10,
        }.items():
            spec = spec.with_setting(name, value)
        spec = replace(spec, columns=data.names[:4], start_labels="species")
        assert fit(data, spec, everything(), 1).log_likelihood == pytest.approx(expected, abs=0.006)
