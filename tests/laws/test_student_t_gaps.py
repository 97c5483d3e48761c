"""Missing cells and held parameters under the Student t law."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp
from scipy.stats import multivariate_t

from emdesk.errors import SettingProblem
from emdesk.families.mixture import FAMILY
from emdesk.laws.student_t import LAW
from emdesk.laws.student_t.settings import StudentTParams
from emdesk.model.held import NOTHING_HELD, Held, HeldValue
from emdesk.model.law import Workspace
from emdesk.model.params import arrays, from_vector, rebuild, to_vector
from emdesk.model.rows import Rows, plain_rows
from tests.example_rows import rows_for
from tests.laws.test_columnwise_gaps import climbs, run, with_gaps

F64 = NDArray[np.float64]
MIXTURE = FAMILY.with_law(LAW)


def observed_logs(params: Any, columns: F64) -> F64:
    """(K, n) each row by the t law of the cells that are there, of params in units."""
    made = np.empty((len(params.means), columns.shape[1]))
    for i, row in enumerate(columns.T):
        o = ~np.isnan(row)
        for k, (mean, scale, df) in enumerate(
            zip(params.means, params.scales, params.degrees, strict=True)
        ):
            made[k, i] = multivariate_t(mean[o], scale[np.ix_(o, o)], df).logpdf(row[o])
    return made


def log_likelihood(shown: Any, columns: F64) -> float:
    logs = observed_logs(shown.law, columns) + np.log(shown.weights)[:, None]
    return float(logsumexp(logs, axis=0).sum())


def fast_log_likelihood(shown: Any, columns: F64) -> float:
    """The same by the law's own projections on the observed columns, which are quicker."""
    law, eye = shown.law, np.eye(len(columns))
    logs = np.empty((len(law.means), columns.shape[1]))
    gaps = np.isnan(columns)
    for pattern in np.unique(gaps, axis=1).T:
        rows = np.flatnonzero((gaps == pattern[:, None]).all(axis=0))
        points = columns[~pattern][:, rows]
        logs[:, rows] = LAW.log_marginal(law, eye[~pattern], np.zeros(len(columns)), points)
    return float(logsumexp(logs + np.log(shown.weights)[:, None], axis=0).sum())


TAILS = ({"tails": "each"}, {"tails": "common"}, {"tails": "fixed", "degrees": 5.0})


@pytest.mark.parametrize("settings", TAILS, ids=lambda s: str(s["tails"]))
@pytest.mark.parametrize("word", ["VVV", "VVI", "EII"])
def test_the_objective_of_rows_with_gaps_never_falls_and_is_their_likelihood(
    word: str, settings: dict[str, Any]
) -> None:
    columns = with_gaps(LAW, 3)
    data, params, objectives = run(LAW, columns, 2, covariance=word, iterations=60, **settings)
    assert climbs(objectives)
    shown = MIXTURE.in_units(data, params)
    assert objectives[-1] == pytest.approx(log_likelihood(shown, columns), rel=1e-10)
    assert objectives[-1] == pytest.approx(fast_log_likelihood(shown, columns), rel=1e-10)


@pytest.mark.parametrize("settings", TAILS[:2], ids=lambda s: str(s["tails"]))
def test_a_fit_of_rows_with_gaps_ends_where_an_optimiser_ends(settings: dict[str, Any]) -> None:
    columns = with_gaps(LAW, 2, 80)
    # a few stray rows, so that the degrees of freedom are not at their end
    columns[0, ::20] += 25.0
    data, params, objectives = run(LAW, columns, 2, **settings)

    def tied(params: Any) -> Any:
        if settings["tails"] == "each":
            return params
        mean = np.exp(np.log(params.law.degrees).mean())
        return rebuild(params, lambda p, v: np.full(2, mean) if p.name == "degrees" else v)

    def fall(vector: F64) -> float:
        made = tied(from_vector(np.clip(vector, -12, 12), params))
        return -fast_log_likelihood(MIXTURE.in_units(data, made), columns)

    reached = np.clip(to_vector(params), -11.6, 11.6)
    nudge = 0.02 * np.random.default_rng(1).standard_normal(len(reached))
    with np.errstate(all="ignore"):
        found = [-minimize(fall, s, method="BFGS").fun for s in (reached, reached + nudge)]
    assert max(found) == pytest.approx(objectives[-1], rel=1e-6)


def test_with_many_degrees_missing_cells_are_those_of_the_normal_law() -> None:
    from emdesk.laws.gaussian import LAW as GAUSSIAN

    columns = with_gaps(LAW, 3)
    data, params, _ = run(LAW, columns, 2, tails="fixed", degrees=1e8)
    other, normal, _ = run(GAUSSIAN, columns, 2)
    np.testing.assert_allclose(params.weights, normal.weights, rtol=1e-4)
    members = np.random.default_rng(2).dirichlet([1.0, 1.0], columns.shape[1]).T
    encoded = LAW.encode(plain_rows(columns), data.constants)
    found = LAW.complete(encoded, members, params.law, data.constants, None)
    expected = GAUSSIAN.complete(encoded, members, normal.law, other.constants, None)
    for one, same in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, same, rtol=2e-3, atol=2e-3)


def test_missing_cells_are_drawn_from_the_t_law_given_the_observed_ones() -> None:
    columns = np.array([[0.0, 1.0, 2.0, 5.0, 4.0], [1.0, 0.0, 2.5, 4.0, np.nan]])
    constants = LAW.constants(
        plain_rows(columns), LAW.Settings(tails="fixed", degrees=7.0, covariance="EEE")
    )
    given = StudentTParams(
        np.array([[1.0, 1.0]]), np.array([[[2.0, 1.2], [1.2, 1.5]]]), np.array([7.0])
    )
    inner = LAW.from_units(given, constants)
    row = LAW.encode(plain_rows(columns[:, 4:]), constants)
    many = np.repeat(row, 60_000, axis=1)
    members = np.ones((1, 60_000))
    values, spread = LAW.complete(many, members, inner, constants, None)
    reach = (7 + (4 - 1) ** 2 / 2) / 8
    variance = reach * (1.5 - 1.2**2 / 2) * 8 / 6
    assert values[1, 0] == pytest.approx(1 + 0.6 * 3, rel=1e-10)
    assert spread[1, 0] == pytest.approx(np.sqrt(variance), rel=1e-10)
    drawn, same = LAW.complete(many, members, inner, constants, np.random.default_rng(1))
    assert drawn[1].mean() == pytest.approx(2.8, abs=0.03)
    assert drawn[1].std() == pytest.approx(np.sqrt(variance), rel=0.03)
    assert np.all(drawn[0] == 4) and np.all(same[0] == 0)


HOLDINGS = (
    {"means": ((0, 0),)},
    {"means": ((0, 0), (0, 1), (1, 1))},
    {"degrees": ((1,),)},
    {"means": ((1, 0),), "scales": ((0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1))},
)


def held_near(columns: F64, places: dict[str, tuple[tuple[int, ...], ...]]) -> Held:
    """These places, a little beside the estimates of a free fit."""
    data, params, _ = run(LAW, columns, 2, iterations=60)
    shown = arrays(LAW.in_units(params.law, data.constants))
    shown["degrees"] = np.array([6.0, 9.0])
    beside = {"means": 0.8, "degrees": 0.0, "scales": 0.0}
    factor = {"means": 1.0, "degrees": 0.7, "scales": 1.4}
    return Held(
        tuple(
            HeldValue(
                name, place, round(float(shown[name][place]) * factor[name] + beside[name], 6)
            )
            for name, chosen in places.items()
            for place in chosen
        )
    )


@pytest.mark.parametrize("places", HOLDINGS, ids=lambda p: "-".join(p))
def test_a_fit_with_held_parameters_is_the_best_one_that_keeps_them(
    places: dict[str, tuple[tuple[int, ...], ...]],
) -> None:
    columns = with_gaps(LAW, 2, 80)
    columns[0, ::20] += 25.0
    held = held_near(columns, places)
    data, params, objectives = run(LAW, columns, 2, held)
    shown = arrays(MIXTURE.in_units(data, params))
    for one in held.values:
        assert shown[one.name][one.place] == pytest.approx(one.value, rel=1e-12)
    assert climbs(objectives)
    free = run(LAW, columns, 2, iterations=1)
    fewer = {"scales": 3}
    count = sum(fewer.get(name, len(chosen)) for name, chosen in places.items())
    free_count = MIXTURE.free_parameters(free[0], free[1])
    assert MIXTURE.free_parameters(data, params) == free_count - count

    def fixed(parameter: Any, value: F64) -> F64:
        made = value.copy()
        for place in places.get(parameter.name, ()):
            made[place] = arrays(params)[parameter.name][place]
        return made

    def fall(vector: F64) -> float:
        made = rebuild(from_vector(np.clip(vector, -12, 12), params), fixed)
        return -fast_log_likelihood(MIXTURE.in_units(data, made), columns)

    reached = np.clip(to_vector(params), -11.6, 11.6)
    nudge = 0.02 * np.random.default_rng(1).standard_normal(len(reached))
    with np.errstate(all="ignore"):
        found = [-minimize(fall, s, method="BFGS").fun for s in (reached, reached + nudge)]
    assert max(found) == pytest.approx(objectives[-1], rel=1e-6)


@pytest.mark.parametrize(
    ("held", "settings", "match"),
    [
        (HeldValue("degrees", (0,), 4.0), {"tails": "common"}, "degrees"),
        (HeldValue("degrees", (0,), -4.0), {}, "component 1"),
        (HeldValue("widths", (0, 0), 1.0), {}, "along"),
        (HeldValue("scales", (0, 0, 0), 1.0), {}, "in part"),
        (HeldValue("sds", (0, 0), 1.0), {}, "sds"),
    ],
)
def test_what_cannot_be_held_is_refused_in_a_sentence(
    held: HeldValue, settings: dict[str, Any], match: str
) -> None:
    columns, _ = rows_for(LAW, 2)
    rows = Rows(columns, ("a", "b"), np.arange(columns.shape[1]), held=Held((held,)), groups=2)
    with pytest.raises(SettingProblem, match=match):
        LAW.constants(rows, LAW.Settings(**settings))


def test_a_block_without_gaps_and_blocks_with_them_add_up(n: int = 150) -> None:
    columns = with_gaps(LAW, 3)
    columns = columns[:, np.argsort(np.isnan(columns).any(axis=0), kind="stable")]
    data, params, _ = run(LAW, columns, 2, NOTHING_HELD, iterations=3)
    constants, work = data.constants, Workspace()
    encoded = LAW.encode(plain_rows(columns), constants)
    kernel = LAW.kernel(params.law, np.zeros(2), constants)
    members = np.random.default_rng(2).dirichlet([1.0, 1.0], n).T.copy()

    def sums(a: int, b: int) -> Any:
        features = LAW.features(encoded[:, a:b], constants, work)
        return LAW.statistics(features, members[:, a:b].copy(), kernel, constants, work)

    whole, parts = sums(0, n), sums(0, 40) + sums(40, 100) + sums(100, n)
    one = LAW.maximise(whole, params.law, constants)
    other = LAW.maximise(parts, params.law, constants)
    for name, value in arrays(one).items():
        np.testing.assert_allclose(arrays(other)[name], value, rtol=1e-10)
