"""Standard errors, intervals and the rank test, against closed forms and an independent Hessian."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.em.control import RunControl
from emdesk.em.information import Chart, information
from emdesk.em.reduce import Sweeper
from emdesk.em.uncertainty import Uncertainty, interval, observed
from emdesk.errors import Cancelled, UsageProblem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role
from emdesk.model.params import Domain, arrays
from tests import catalogues

F64 = NDArray[np.float64]
# patterns of four yes-no answers and how many gave them (Stouffer and Toby 1951)
VALUES = {
    "1111": 20, "1112": 2, "1121": 9, "1122": 2, "1211": 6, "1212": 1, "1221": 4, "1222": 1,
    "2111": 38, "2112": 7, "2121": 24, "2122": 6, "2211": 25, "2212": 6, "2221": 23, "2222": 42,
}  # fmt: skip


def fitted(
    law: str, columns: dict[str, F64], weights: F64 | None = None, **values: Any
) -> FitResult:
    """A fit to rounding."""
    whole = law in ("poisson", "bernoulli")
    kind = Kind.COUNT if whole else Kind.CONTINUOUS
    made = [Column(name, kind, column.copy()) for name, column in columns.items()]
    roles = {}
    if weights is not None:
        made.append(Column("w", Kind.COUNT, weights.copy()))
        roles = {Role.WEIGHT: ("w",)}
    spec = replace(new_spec(catalogue(), "mixture", law), columns=tuple(columns), roles=roles)
    for name, value in (
        {"tolerance": 1e-14, "max_iterations": 20_000, "starts": 3} | values
    ).items():
        spec = spec.with_setting(name, value)
    return fit(Dataset(tuple(made), "rows"), spec, catalogue(), threads=1)


def errors_of(result: FitResult) -> Uncertainty:
    with Sweeper(1) as sweeper:
        return observed(result.family, result.data, result.params, sweeper)


def two_groups(rows: int = 120, d: int = 2, seed: int = 2) -> dict[str, F64]:
    rng = np.random.default_rng(seed)
    far = np.arange(rows) % 3 == 0
    shapes = np.where(far[:, None], 1.0, 0.6) * rng.normal(size=(rows, d))
    shapes[:, -1] += 0.5 * shapes[:, 0]
    made = shapes + 3.5 * far[:, None]
    return {f"x{j + 1}": made[:, j] for j in range(d)}


def test_a_normal_mean_has_sd_over_root_n_and_its_sd_that_over_root_two() -> None:
    x = np.random.default_rng(1).normal(50.0, 3.0, 80)
    found = errors_of(fitted("gaussian", {"x": x}, components=1))
    sd = x.std()
    assert found.standard_errors["means"][0, 0] == pytest.approx(sd / math.sqrt(80), rel=1e-5)
    assert found.quantities["sds"][0, 0] == pytest.approx(sd / math.sqrt(160), rel=1e-5)
    variance = found.standard_errors["covariances"][0, 0, 0]
    assert variance == pytest.approx(sd**2 * math.sqrt(2 / 80), rel=1e-5)
    assert found.standard_errors["weights"][0] == 0.0


def test_a_poisson_rate_has_the_root_of_rate_over_n_also_from_frequencies() -> None:
    x = np.random.default_rng(2).poisson(4.0, 300).astype(np.float64)
    rates, counts = np.unique(x, return_counts=True)
    for result in (
        fitted("poisson", {"x": x}, components=1),
        fitted("poisson", {"x": rates}, counts.astype(np.float64), components=1),
    ):
        error = errors_of(result).standard_errors["rates"][0, 0]
        assert error == pytest.approx(math.sqrt(x.mean() / 300), rel=1e-5)


def _log_likelihood(theta: F64, x: F64) -> float:
    """Two normals, written anew: theta is (share of the first, means, deviations)."""
    share, m1, m2, s1, s2 = theta
    first = share * np.exp(-0.5 * ((x - m1) / s1) ** 2) / s1
    second = (1 - share) * np.exp(-0.5 * ((x - m2) / s2) ** 2) / s2
    return float(np.log((first + second) / math.sqrt(2 * math.pi)).sum())


def _hessian(theta: F64, x: F64) -> F64:
    """Fourth-order differences in the analyst's own coordinates."""
    steps = 2e-3 * np.abs(theta)
    weights = {-2: 1 / 12, -1: -2 / 3, 1: 2 / 3, 2: -1 / 12}
    made = np.zeros((5, 5))
    for i in range(5):
        for j in range(5):
            for a, wa in weights.items():
                for b, wb in weights.items():
                    moved = theta.copy()
                    moved[i] += a * steps[i]
                    moved[j] += b * steps[j]
                    made[i, j] += wa * wb * _log_likelihood(moved, x)
            made[i, j] /= steps[i] * steps[j]
    return made


def test_two_normals_agree_with_a_full_hessian_in_other_coordinates() -> None:
    x = two_groups(200, 1)["x1"]
    result = fitted("gaussian", {"x": x}, components=2)
    values = arrays(result.family.in_units(result.data, result.params))
    deviations = np.sqrt(values["covariances"][:, 0, 0])
    theta = np.array([values["weights"][0], *values["means"][:, 0], *deviations])
    expected = np.sqrt(np.diag(np.linalg.inv(-_hessian(theta, x))))
    found = errors_of(result)
    shown = [
        found.standard_errors["weights"][0],
        *found.standard_errors["means"][:, 0],
        *found.quantities["sds"][:, 0],
    ]
    assert shown == pytest.approx(expected, rel=2e-5)
    assert found.below_maximum < 1e-8 and found.is_maximum and found.is_identified


@pytest.mark.parametrize(
    "structure",
    [
        "EII",
        "VII",
        "EEI",
        "VEI",
        "EVI",
        "VVI",
        "EEE",
        "VEE",
        "EVE",
        "VVE",
        "EEV",
        "VEV",
        "EVV",
        "VVV",
    ],
)
def test_tied_covariances_leave_as_many_directions_as_free_parameters(structure: str) -> None:
    result = fitted("gaussian", two_groups(90), components=2, covariance=structure)
    chart = Chart(result.family, result.data, result.params)
    assert chart.size == result.free_parameters
    moved = chart.at(0.1 * np.ones(chart.size))
    again = result.family.retract(result.data, moved)
    for name, value in arrays(moved).items():
        assert arrays(again)[name] == pytest.approx(value, abs=1e-8)
    found = errors_of(result)
    assert found.rank == found.free == result.free_parameters
    if structure in ("EII", "EEI", "EEE"):
        errors = found.standard_errors["covariances"]
        assert errors[0] == pytest.approx(errors[1], rel=1e-6)


@pytest.mark.parametrize("law", [law.id for law in catalogue().laws])
def test_every_law_has_as_many_directions_as_free_parameters(law: str) -> None:
    case = next(c for c in catalogues.cases() if c.name.startswith(f"mixture-{law}-"))
    result = case.from_labels().set(max_iterations=3).fit()
    chart = Chart(result.family, result.data, result.params)
    assert chart.size + chart.at_edge.sum() == result.free_parameters


def test_a_quadratic_gives_back_its_own_matrix_and_gradient() -> None:
    rng = np.random.default_rng(5)
    root = rng.normal(size=(4, 4)) * np.array([1.0, 10.0, 100.0, 1e4])
    matrix, slope = root.T @ root, rng.normal(size=4)
    shares: list[float] = []
    found = information(lambda z: float(slope @ z - 0.5 * z @ matrix @ z), 4, shares.append)
    covariance = found.axes @ found.covariance @ found.axes.T
    assert covariance == pytest.approx(np.linalg.inv(matrix), rel=1e-5)
    assert found.below_maximum == pytest.approx(
        0.5 * slope @ np.linalg.inv(matrix) @ slope, rel=1e-5
    )
    assert shares == sorted(shares) and shares[-1] <= 1.0


def test_three_latent_classes_of_four_answers_are_not_identified_and_two_are() -> None:
    patterns = np.array([[int(c) - 1 for c in key] for key in VALUES], dtype=np.float64)
    columns = dict(zip("ABCD", patterns.T, strict=True))
    weights = np.array(list(VALUES.values()), dtype=np.float64)
    two = errors_of(fitted("bernoulli", columns, weights, components=2))
    assert two.is_identified and two.rank == 9 and not two.notes
    three = errors_of(fitted("bernoulli", columns, weights, components=3))
    assert not three.is_identified
    assert (three.rank, three.free) == (13, 14)
    assert "weights[1]" in three.unidentified
    assert np.isnan(three.standard_errors["weights"]).all()
    assert "13 of 14" in three.notes[0]


def test_a_share_at_its_edge_is_named_and_spoils_no_other() -> None:
    rng = np.random.default_rng(4)
    answers = {"a": np.ones(60), "b": (rng.random(60) < 0.4).astype(np.float64)}
    found = errors_of(fitted("bernoulli", answers, components=1))
    assert found.at_edge == ("probabilities[1, a]",) and found.is_identified
    errors = found.standard_errors["probabilities"][0]
    share = answers["b"].mean()
    assert np.isnan(errors[0])
    assert errors[1] == pytest.approx(math.sqrt(share * (1 - share) / 60), rel=1e-5)


def test_two_equal_components_are_told_to_be_no_maximum() -> None:
    x = two_groups(90, 1)["x1"]
    result = fitted("gaussian", {"x": x}, components=1)
    one = arrays(result.family.in_units(result.data, result.params))
    twice = {
        "weights": np.array([0.5, 0.5]),
        "means": np.repeat(one["means"], 2, axis=0),
        "covariances": np.repeat(one["covariances"], 2, axis=0),
    }
    spec = result.spec.with_setting("components", 2).with_setting("start", "result")
    spec = replace(spec.with_setting("max_iterations", 0), start_params=twice)
    found = errors_of(fit(result.dataset, spec, catalogue(), threads=1))
    assert not found.is_maximum and math.isinf(found.below_maximum)
    assert np.isnan(found.standard_errors["means"]).all()
    assert "no maximum" in found.notes[0]


def test_intervals_stay_inside_the_domain() -> None:
    share = interval(Domain.UNIT, np.array([0.02, 0.5]), np.array([0.05, 0.1]))
    assert np.all((share > 0) & (share < 1))
    rate = interval(Domain.POSITIVE, np.array([0.1]), np.array([0.3]))
    assert 0 < rate[0, 0] < 0.1 < rate[0, 1]
    assert math.sqrt(rate[0, 0] * rate[0, 1]) == pytest.approx(0.1)
    real = interval(Domain.REAL, np.array([1.0]), np.array([1.0]))
    assert real[0] == pytest.approx([1 - 1.959964, 1 + 1.959964])
    matrix = interval(Domain.SPD, np.array([[1.0, 0.2], [0.2, 2.0]]), np.full((2, 2), 0.9))
    assert matrix[0, 0, 0] > 0 and matrix[1, 1, 0] > 0 and matrix[0, 1, 0] < 0
    fixed = interval(Domain.POSITIVE, np.array([3.0]), np.array([0.0]))
    assert fixed[0].tolist() == [3.0, 3.0]


def test_hard_assignment_has_no_standard_errors() -> None:
    result = fitted("gaussian", two_groups(60, 1), components=2, assignment="hard")
    with pytest.raises(UsageProblem, match="hard assignment"):
        errors_of(result)


def test_finding_them_can_be_stopped() -> None:
    result = fitted("gaussian", two_groups(60), components=2)
    control = RunControl()

    def stop(share: float) -> None:
        if share > 0.2:
            control.stop()

    with Sweeper(1) as sweeper, pytest.raises(Cancelled):
        observed(result.family, result.data, result.params, sweeper, control, stop)


def test_a_family_that_leaves_its_ties_open_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    result = fitted("gaussian", two_groups(60, 1), components=2)
    monkeypatch.setattr(type(result.family), "free_parameters", lambda *_: 4)
    with pytest.raises(UsageProblem, match="5 directions and has 4 free"):
        errors_of(result)
