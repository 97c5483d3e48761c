"""Probabilities of intervals and means inside them, against closed forms and other software."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats

from emdesk.model.numerics.interval_nodes import Course, IntervalNodes, interval_nodes, peaks

F64 = NDArray[np.float64]


def nodes_of(
    log_density: Callable[[F64], F64], course: Course, lower: list[float], upper: list[float]
) -> IntervalNodes:
    """Of one group."""

    def density(groups: NDArray[np.intp], values: F64) -> F64:
        return log_density(values)

    ends = np.array(lower), np.array(upper)
    nobody = np.zeros(len(lower), dtype=np.intp)
    return interval_nodes(density, course, peaks(density, course), nobody, *ends)


def on_the_line(centre: float = 0.0, scale: float = 1.0) -> Course:
    return Course(np.array([centre]), np.array([scale]), False)


def above_zero(mean: float) -> Course:
    return Course(np.array([mean]), np.array([mean]), True)


def test_normal_probabilities_keep_their_digits_from_the_centre_to_thirty_deviations() -> None:
    lower = [-np.inf, -np.inf, 0.0, 1.0, 3.0, 10.0, 30.0, -1e9]
    upper = [np.inf, -8.0, 1.0, 2.0, np.inf, np.inf, np.inf, 1e9]
    found = nodes_of(stats.norm().logpdf, on_the_line(), lower, upper).log_masses
    norm = stats.norm()
    expected = [
        0.0,
        norm.logcdf(-8.0),
        np.log(norm.sf(0.0) - norm.sf(1.0)),
        np.log(norm.sf(1.0) - norm.sf(2.0)),
        norm.logsf(3.0),
        norm.logsf(10.0),
        norm.logsf(30.0),
        0.0,
    ]
    assert np.allclose(found, expected, rtol=1e-14, atol=2e-14)


def test_a_narrow_interval_far_from_zero_has_density_times_width() -> None:
    law = stats.norm(1e6, 2.0)
    lower = [1e6 + 3.0, 1e6 - 1e-6]
    upper = [np.nextafter(1e6 + 3.0, np.inf), 1e6 + 1e-6]
    found = nodes_of(law.logpdf, on_the_line(1e6, 2.0), lower, upper).log_masses
    wide = np.array(upper) - np.array(lower)
    assert np.allclose(found, law.logpdf(lower) + np.log(wide), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("law", "course"),
    [
        (stats.t(1.0), on_the_line()),
        (stats.t(5.0), on_the_line()),
        (stats.skewnorm(6.0), on_the_line(0.7, 0.6)),
        (stats.gamma(0.1), above_zero(0.1)),
        (stats.gamma(50.0), above_zero(50.0)),
        (stats.weibull_min(0.4), above_zero(3.3)),
        (stats.weibull_min(8.0), above_zero(0.94)),
        (stats.lognorm(2.0), above_zero(7.4)),
        (stats.invgauss(2.0), above_zero(2.0)),
        (stats.expon(), above_zero(1.0)),
    ],
    ids=lambda made: "" if isinstance(made, Course) else f"{made.dist.name}{made.args}",
)
def test_bins_of_any_law_add_to_one_and_are_its_distribution_function(
    law: Any, course: Course
) -> None:
    edges = [-np.inf, *law.ppf([0.001, 0.1, 0.3, 0.31, 0.6, 0.9, 0.999]).tolist(), np.inf]
    if course.is_positive:
        edges[0] = 0.0
    found = np.exp(nodes_of(law.logpdf, course, edges[:-1], edges[1:]).log_masses)
    assert np.allclose(found, np.diff(law.cdf(edges)), rtol=1e-9, atol=1e-13)
    assert abs(found.sum() - 1) < 1e-12


def test_nodes_have_the_moments_of_the_law_cut_to_the_interval() -> None:
    lower, upper = [-1.0, 2.0, 40.0, -np.inf], [0.5, np.inf, np.inf, -6.0]
    found = nodes_of(stats.norm().logpdf, on_the_line(), lower, upper)
    for i, (a, b) in enumerate(zip(lower, upper, strict=True)):
        mine = found.owners == i
        mean = float(found.shares[mine] @ found.values[mine])
        spread = float(found.shares[mine] @ (found.values[mine] - mean) ** 2)
        if a < 39:
            expected = stats.truncnorm(a, b)
            assert mean == pytest.approx(expected.mean(), rel=1e-10)
            assert spread == pytest.approx(expected.var(), rel=1e-6)
        else:  # by the series of the tail, where formulas cancel
            assert mean - a == pytest.approx(1 / a - 2 / a**3 + 10 / a**5, rel=1e-5)
            assert spread == pytest.approx(1 / a**2 - 6 / a**4, rel=1e-4)


def test_means_of_logarithms_in_a_bin_agree_with_numerical_integration() -> None:
    law = stats.gamma(0.7, scale=3.0)
    found = nodes_of(law.logpdf, above_zero(2.1), [0.0, 4.0], [0.5, np.inf])
    for i, (a, b) in enumerate([(0.0, 0.5), (4.0, np.inf)]):
        mine = found.owners == i
        mean = float(found.shares[mine] @ np.log(found.values[mine]))
        whole = integrate.quad(lambda x: law.pdf(x) * np.log(x), a, b, epsabs=1e-13)[0]
        assert mean == pytest.approx(whole / (law.cdf(b) - law.cdf(a)), rel=1e-7)


def test_an_interval_without_any_probability_stands_at_its_nearest_end() -> None:
    def uniform(values: F64) -> F64:
        return np.where((values > 0) & (values < 1), 0.0, -np.inf)

    found = nodes_of(uniform, on_the_line(0.5, 0.3), [3.0], [np.inf])
    assert found.log_masses[0] == -np.inf
    assert found.shares.sum() == 1 and found.values[0] == 3.0
