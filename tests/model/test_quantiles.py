"""Quantiles of densities that are known by their logarithm alone, and the pictures made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import changed_model, new_spec
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import Kind, from_arrays
from emdesk.model.marks import ALL_GROUPS, Curve, Picture, Place, Points, View
from emdesk.model.numerics.quantiles import distribution, plotting_positions
from emdesk.model.pictures.quantiles import PROBABILITIES, QUANTILES

F64 = NDArray[np.float64]
LAWS = {
    "normal": stats.norm(3, 2),
    "far and narrow": stats.norm(1e9, 1e-3),
    "heavy tails": stats.t(1),
    "infinite at 0": stats.gamma(0.3, scale=2),
    "infinite at both ends": stats.beta(0.4, 0.5),
    "long tail": stats.lognorm(1.5),
    "a corner at 0": stats.expon(scale=100),
}


@pytest.mark.parametrize("name", LAWS)
def test_the_integral_of_a_density_is_its_distribution(name: str) -> None:
    law = LAWS[name]
    values = law.rvs(300, random_state=np.random.default_rng(1))
    found = distribution(law.logpdf, values, np.ones(300))
    assert found is not None
    chances = np.linspace(0.001, 0.999, 400)
    # the rule itself errs by less; at an offset of 1e9 the values have no more digits
    tolerance = 1e-4
    assert np.abs(found.chance(values) - law.cdf(values)).max() < tolerance
    assert np.abs(law.cdf(found.quantile(chances)) - chances).max() < tolerance


def test_what_does_not_integrate_to_one_has_no_distribution() -> None:
    values = np.linspace(-1, 1, 50)
    assert distribution(lambda x: np.zeros_like(x), values, np.ones(50)) is None


def test_a_row_of_weight_two_counts_as_two_rows() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0])
    order, positions = plotting_positions(values, weights)
    assert order.tolist() == [1, 2, 0]
    assert positions == pytest.approx([0.25, 0.625, 0.875])


def fitted(values: F64, law: str = "gaussian", kind: Kind = Kind.CONTINUOUS) -> FitResult:
    spec = replace(new_spec(catalogue()), columns=("x",)).with_setting("components", 2)
    if law != "gaussian":
        spec = changed_model(spec, catalogue(), "mixture", law)
    return fit(from_arrays("one", [("x", values)], kind), spec, catalogue(), threads=1)


def picture(result: FitResult, shows: str) -> Picture:
    return result.family.picture(result.data, result.params, View(Place.LAW, shows=shows))


def two_groups(seed: int = 2) -> F64:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(0, 1, 300), rng.normal(9, 2, 300)])


def test_rows_of_a_law_that_fits_lie_on_the_diagonal() -> None:
    result = fitted(two_groups())
    for shows, most in ((QUANTILES, 0.6), (PROBABILITIES, 0.05)):
        points = next(m for m in picture(result, shows).marks if isinstance(m, Points))
        middle = slice(None) if shows == PROBABILITIES else np.abs(points.x - 4.5) < 8
        assert np.abs(points.x - points.y)[middle].max() < most
        assert set(points.group.tolist()) == {0, 1}
        assert points.rows.min() >= 0 and points.rows.max() < 600


def test_a_law_that_does_not_fit_leaves_the_diagonal() -> None:
    rng = np.random.default_rng(4)
    skewed = np.concatenate([rng.exponential(1, 400), 40 + rng.normal(0, 1, 200)])
    result = fitted(skewed)
    points = next(m for m in picture(result, PROBABILITIES).marks if isinstance(m, Points))
    assert np.abs(points.x - points.y).max() > 0.07


def test_counts_hang_from_the_roots_of_what_is_expected() -> None:
    rng = np.random.default_rng(5)
    counts = np.concatenate([rng.poisson(2, 300), rng.poisson(12, 300)]).astype(float)
    result = fitted(counts, "poisson", Kind.COUNT)
    shown = picture(result, QUANTILES)
    bars = [m for m in shown.marks if isinstance(m, Curve) and m.group in (0, 1)]
    assert len(bars) == 2 and any(
        m.group == ALL_GROUPS for m in shown.marks if isinstance(m, Curve)
    )
    hung = np.array([bar.y.reshape(-1, 3) for bar in bars])
    roots = (hung[:, :, 0] - hung[:, :, 1]) ** 2
    assert roots.sum() == pytest.approx(600)
    assert np.abs(hung[:, :, 1]).max() < 2.5


def test_of_categories_it_says_that_there_are_no_quantiles() -> None:
    result = fitted(np.repeat([0.0, 1.0, 2.0], 30), "categorical", Kind.NOMINAL)
    shown = picture(result, QUANTILES)
    assert not shown.marks and "no quantiles" in shown.hint
