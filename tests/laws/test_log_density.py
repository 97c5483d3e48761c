"""Log densities agree with formulas from elsewhere, also where digits are scarce."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.laws.gaussian import LAW as GAUSSIAN
from emdesk.laws.gaussian.settings import GaussianParams
from emdesk.model.law import Law, Workspace
from emdesk.model.params import arrays
from emdesk.model.rows import plain_rows
from tests.catalogues import Case, cases, everything, exempt, fitted, needed_roles
from tests.laws.powers import in_powers

F64 = NDArray[np.float64]


def gaussian(params: Any, rows: F64) -> F64:
    from scipy.stats import multivariate_normal

    pairs = zip(params["means"], params["covariances"], strict=True)
    return np.stack([multivariate_normal(m, c).logpdf(rows.T) for m, c in pairs])


def poisson(params: Any, rows: F64) -> F64:
    from scipy.stats import poisson as distribution

    return np.stack([distribution(r[:, None]).logpmf(rows).sum(axis=0) for r in params["rates"]])


def geometric(params: Any, rows: F64) -> F64:
    from scipy.stats import geom

    chances = params["probabilities"]
    return np.stack([geom(p[:, None], loc=-1).logpmf(rows).sum(axis=0) for p in chances])


def bernoulli(params: Any, rows: F64) -> F64:
    p = params["probabilities"][:, :, None]
    return np.asarray(np.log(np.where(rows[None] == 1, p, 1 - p)).sum(axis=1))


def negative_binomial(params: Any, rows: F64) -> F64:
    """By products of 1 + a j over the smaller whole numbers, which have all digits where a is nearly 0."""
    from scipy.special import gammaln

    x, m, a = rows[None], params["means"][:, :, None], params["dispersions"][:, :, None]
    rising = np.log1p(a * np.arange(rows.max() + 1)).cumsum(axis=-1)
    before = np.concatenate([np.zeros_like(a), rising], axis=-1)
    products = np.take_along_axis(
        before, np.broadcast_to(x, m.shape[:2] + x.shape[2:]).astype(int), 2
    )
    logs = products + x * np.log(m) - (x + 1 / a) * np.log1p(a * m) - gammaln(x + 1)
    return np.asarray(logs.sum(axis=1))


def von_mises(params: Any, rows: F64) -> F64:
    from scipy.stats import vonmises

    turns = 2 * np.pi / params["periods"]
    pairs = zip(params["mean_directions"], params["concentrations"], strict=True)
    made = [
        vonmises(k[:, None], loc=(m * turns)[:, None]).logpdf(rows * turns[:, None])
        for m, k in pairs
    ]
    return np.stack([(m + np.log(turns)[:, None]).sum(axis=0) for m in made])


def skew_normal(params: Any, rows: F64) -> F64:
    from scipy.special import log_ndtr

    if params["scales"].ndim == 3:
        return joint_skew_normal(params, rows)
    triples = (params["locations"], params["scales"], params["slants"])
    made = []
    for location, scale, slant in zip(*(v[:, :, None] for v in triples), strict=True):
        z = (rows - location) / scale
        logs = np.log(2 / scale) - 0.5 * z**2 - 0.5 * np.log(2 * np.pi) + log_ndtr(slant * z)
        made.append(logs.sum(axis=0))
    return np.stack(made)


def joint_skew_normal(params: Any, rows: F64) -> F64:
    from scipy.special import log_ndtr
    from scipy.stats import multivariate_normal

    made = []
    triples = zip(params["locations"], params["scales"], params["slants"], strict=True)
    for location, scale, slant in triples:
        tilt = (slant / np.sqrt(np.diagonal(scale))) @ (rows - location[:, None])
        made.append(
            np.log(2) + multivariate_normal(location, scale).logpdf(rows.T) + log_ndtr(tilt)
        )
    return np.stack(made)


def zero_inflated_poisson(params: Any, rows: F64) -> F64:
    from scipy.stats import poisson as distribution

    extra = params["extra_zeros"][:, :, None]
    counting = (1 - extra) * distribution(params["rates"][:, :, None]).pmf(rows[None])
    return np.asarray(np.log(counting + extra * (rows[None] == 0)).sum(axis=1))


def student_t(params: Any, rows: F64) -> F64:
    from scipy.stats import multivariate_t

    triples = zip(params["means"], params["scales"], params["degrees"], strict=True)
    made = [multivariate_t(m, c, df).logpdf(rows.T) for m, c, df in triples]
    return np.stack([np.atleast_1d(m) for m in made])


def exponential(params: Any, rows: F64) -> F64:
    from scipy.stats import expon

    return np.stack([expon(scale=m[:, None]).logpdf(rows).sum(axis=0) for m in params["means"]])


def gamma(params: Any, rows: F64) -> F64:
    from scipy.stats import gamma as distribution

    pairs = zip(params["shapes"], params["scales"], strict=True)
    made = [distribution(a[:, None], scale=s[:, None]).logpdf(rows) for a, s in pairs]
    return np.stack([m.sum(axis=0) for m in made])


def weibull(params: Any, rows: F64) -> F64:
    from scipy.stats import weibull_min

    pairs = zip(params["shapes"], params["scales"], strict=True)
    made = [weibull_min(a[:, None], scale=s[:, None]).logpdf(rows) for a, s in pairs]
    return np.stack([m.sum(axis=0) for m in made])


def beta(params: Any, rows: F64) -> F64:
    from scipy.stats import beta as distribution

    pairs = zip(params["alphas"][:, :, None], params["betas"][:, :, None], strict=True)
    return np.stack([distribution(a, b).logpdf(rows).sum(axis=0) for a, b in pairs])


def inverse_gaussian(params: Any, rows: F64) -> F64:
    from scipy.stats import invgauss

    pairs = zip(params["means"][:, :, None], params["shapes"][:, :, None], strict=True)
    return np.stack([invgauss(m / s, scale=s).logpdf(rows).sum(axis=0) for m, s in pairs])


def log_normal(params: Any, rows: F64) -> F64:
    from scipy.stats import lognorm

    pairs = zip(np.exp(params["log_means"]), params["log_sds"], strict=True)
    return np.stack(
        [lognorm(s[:, None], scale=m[:, None]).logpdf(rows).sum(axis=0) for m, s in pairs]
    )


def _places(values: F64, cells: F64) -> NDArray[np.intp]:
    """Which of the rising values, the last one repeated, each cell is."""
    return np.searchsorted(values, cells)


def categorical(params: Any, rows: F64) -> F64:
    chances, values = params["probabilities"], params["values"]
    with np.errstate(divide="ignore"):
        logs = np.log(chances)
    each = [logs[:, j, _places(values[j], cells)] for j, cells in enumerate(rows)]
    return np.asarray(np.sum(each, axis=0))


def ordinal(params: Any, rows: F64) -> F64:
    """Shares in proportion to exp(intercept + slope times score) over the categories of each column."""
    total = np.zeros((len(params["slopes"]), rows.shape[1]))
    for j, cells in enumerate(rows):
        count = len(np.unique(params["values"][j]))
        tilt = params["slopes"][:, j, None] * params["scores"][j, :count]
        logits = params["intercepts"][j, :count] + tilt
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        total += logs[:, _places(params["values"][j], cells)]
    return total


def binomial(params: Any, rows: F64) -> F64:
    from scipy.stats import binom

    trials = params["trials"][:, None]
    return np.stack(
        [binom(trials, p[:, None]).logpmf(rows).sum(axis=0) for p in params["probabilities"]]
    )


def multinomial(params: Any, rows: F64) -> F64:
    from scipy.stats import multinomial as distribution

    totals = rows.sum(axis=0)
    return np.stack(
        [
            [distribution(n, p).logpmf(row) for n, row in zip(totals, rows.T, strict=True)]
            for p in params["shares"]
        ]
    )


INDEPENDENT: dict[str, Callable[[Any, F64], F64]] = {
    "bernoulli": bernoulli,
    "beta": beta,
    "binomial": binomial,
    "categorical": categorical,
    "exponential": exponential,
    "gamma": gamma,
    "gaussian": in_powers(gaussian),
    "geometric": geometric,
    "inverse-gaussian": inverse_gaussian,
    "log-normal": log_normal,
    "multinomial": multinomial,
    "negative-binomial": negative_binomial,
    "ordinal": ordinal,
    "poisson": poisson,
    "skew-normal": skew_normal,
    "student-t": in_powers(student_t),
    "weibull": weibull,
    "von-mises": von_mises,
    "zero-inflated-poisson": zero_inflated_poisson,
}
OVER_A_LAW = [
    c for c in cases() if c.spec.family == "mixture" and not c.spec.roles and not c.spec.laws
]


def log_density(law: Law, constants: Any, params: Any, rows: F64) -> F64:
    """(K, n) of rows in the analyst's units, through the law's own machinery."""
    work, groups = Workspace(), len(law.moments(law.in_units(params, constants))[0])
    out = np.empty((groups, rows.shape[1]))
    features = law.features(law.encode(plain_rows(rows), constants), constants, work)
    law.log_density(features, law.kernel(params, np.zeros(groups), constants), out, work)
    return out


def test_every_law_has_an_independent_formula_to_be_compared_with() -> None:
    without = {law.id for law in everything().laws if not needed_roles(law)}
    assert without == set(INDEPENDENT)


@pytest.mark.parametrize("case", OVER_A_LAW, ids=str)
def test_the_log_density_is_that_of_an_independent_formula(case: Case) -> None:
    result = fitted(case.name)
    constants, inner = result.data.constants, result.params.law
    rows = np.stack([result.data.values(i) for i in range(len(result.data.columns))])
    shown = arrays(case.law.in_units(inner, constants))
    expected = INDEPENDENT[case.law.id](shown, rows)
    np.testing.assert_allclose(
        log_density(case.law, constants, inner, rows), expected, rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("case", OVER_A_LAW, ids=str)
def test_the_peak_is_a_bound_and_reached_where_it_can_be(case: Case) -> None:
    result = fitted(case.name)
    constants, inner = result.data.constants, result.params.law
    peak = case.law.log_peak(inner, constants)
    if peak is None:
        return
    rows = np.stack([result.data.values(i) for i in range(len(result.data.columns))])
    assert np.all(log_density(case.law, constants, inner, rows) <= peak[:, None] + 1e-12)


def points_of_the_line(law: Law, t: F64) -> tuple[F64, F64]:
    """Points where a law of one column lives, and how far apart they are for each step of t."""
    if law.id == "beta":
        return 1 / (1 + np.exp(-t)), np.exp(-t) / (1 + np.exp(-t)) ** 2
    if law.id == "von-mises":
        return np.pi * t / 45, np.full_like(t, np.pi / 45)
    if law.needs.nonnegative:
        return np.exp(t), np.exp(t)
    # steps grow with the distance from 0, so that heavy tails are inside
    return np.sinh(t), np.cosh(t)


@pytest.mark.parametrize("case", [c for c in OVER_A_LAW if "-1d" in c.name], ids=str)
def test_a_density_of_one_column_integrates_to_one(case: Case) -> None:
    result = fitted(case.name)
    constants, inner = result.data.constants, result.params.law
    if case.law.is_discrete():
        total = np.exp(log_density(case.law, constants, inner, np.arange(0.0, 4000.0)[None])).sum(
            axis=1
        )
    else:
        t = np.linspace(-45, 45, 400_001)
        grid, slope = points_of_the_line(case.law, t)
        values = np.exp(log_density(case.law, constants, inner, grid[None])) * slope
        total = np.trapezoid(values, t, axis=1)
    np.testing.assert_allclose(total, 1.0, rtol=1e-9)


@pytest.mark.parametrize("case", OVER_A_LAW, ids=str)
def test_the_marginal_of_a_picture_is_the_density_where_it_shows_every_column(case: Case) -> None:
    if reason := exempt("marginal", case.name):
        pytest.skip(reason)
    result = fitted(case.name)
    d = len(result.data.columns)
    shown = case.law.in_units(result.params.law, result.data.constants)
    rows = np.stack([result.data.values(i) for i in range(d)])
    marginal = case.law.log_marginal(shown, np.eye(d), np.zeros(d), rows)
    assert marginal is not None
    expected = INDEPENDENT[case.law.id](arrays(shown), rows)
    np.testing.assert_allclose(marginal, expected, rtol=1e-9, atol=1e-9)


def exact(x: float, mean: float, deviation: float) -> Decimal:
    """The normal log density with 50 digits, of doubles taken as they are."""
    with localcontext() as context:
        context.prec = 50
        pi = Decimal("3.14159265358979323846264338327950288419716939937510582")
        z = (Decimal(x) - Decimal(mean)) / Decimal(deviation)
        return -z * z / 2 - Decimal(deviation).ln() - (2 * pi).ln() / 2


NARROW = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7]
OFFSETS = [0.0, 1.0, 1e4, 1e8]


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("share", NARROW)
def test_a_component_far_narrower_than_the_data_keeps_its_digits(
    share: float, offset: float
) -> None:
    """One column of scale 1 at an offset; the component is `share` wide. Fifty digits are the judge."""
    data = offset + np.random.default_rng(2).standard_normal((1, 400))
    settings = GAUSSIAN.Settings(covariance="V")
    constants = GAUSSIAN.constants(plain_rows(data, ("x",)), settings)
    centre, scale = float(constants.scaling.centres[0]), float(constants.scaling.scales[0])
    mean = offset + 0.7
    params = GaussianParams(
        np.array([[(mean - centre) / scale]]), np.array([[[(share / scale) ** 2]]])
    )
    rows = mean + share * np.linspace(-4, 4, 33)
    found = log_density(GAUSSIAN, constants, params, rows[None])[0]
    shown = GAUSSIAN.in_units(params, constants)
    expected = np.array([float(exact(float(x), mean, share)) for x in rows])
    # a standardised row is right to one part in 2^53 of the scale; relative to the width of the component that is
    rounding = 40 * 2.3e-16 / share
    assert np.abs(found - expected).max() < 1e-12 + rounding
    assert float(np.sqrt(shown.covariances[0, 0, 0])) == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize("share", NARROW)
def test_the_sums_of_a_narrow_component_keep_the_digits_of_its_variance(share: float) -> None:
    rng = np.random.default_rng(4)
    wide, narrow = rng.standard_normal(300), 0.3 + share * rng.standard_normal(200)
    rows = np.concatenate([wide, narrow])[None]
    settings = GAUSSIAN.Settings(covariance="V", floor=1e-12)
    constants = GAUSSIAN.constants(plain_rows(rows, ("x",)), settings)
    scale = float(constants.scaling.scales[0])
    inner = GaussianParams(
        (np.array([[0.0], [0.3]]) - constants.scaling.centres) / scale,
        np.array([[[1.0]], [[(share / scale) ** 2]]]),
    )
    members = np.repeat(np.eye(2), [300, 200], axis=1)
    work = Workspace()
    features = GAUSSIAN.features(GAUSSIAN.encode(plain_rows(rows), constants), constants, work)
    kernel = GAUSSIAN.kernel(inner, np.zeros(2), constants)
    sums = GAUSSIAN.statistics(features, members, kernel, constants, work)
    made = GAUSSIAN.in_units(GAUSSIAN.maximise(sums, inner, constants), constants)
    least = 1e-12 * scale**2
    expected = max(float(np.var(narrow)), least)
    assert made.covariances[1, 0, 0] == pytest.approx(expected, rel=1e-8)
    assert made.means[1, 0] == pytest.approx(float(narrow.mean()), abs=1e-8 * share)


@pytest.mark.parametrize("share", NARROW[:3])
@pytest.mark.parametrize("covariance", ["EII", "VII", "EEI", "VVI", "EEE", "VVV"])
def test_every_structure_keeps_its_digits_in_two_columns(covariance: str, share: float) -> None:
    rng = np.random.default_rng(3)
    data = np.array([[1e6], [-1e3]]) + rng.standard_normal((2, 300))
    settings = GAUSSIAN.Settings(covariance=covariance)
    constants = GAUSSIAN.constants(plain_rows(data, ("x", "y")), settings)
    scale, centre = constants.scaling.scales, constants.scaling.centres
    mean = np.array([1e6 + 0.5, -1e3 - 0.25])
    inner = GaussianParams(
        ((mean - centre) / scale)[None], (np.eye(2) * (share / scale) ** 2)[None]
    )
    rows = mean[:, None] + share * rng.uniform(-3, 3, (2, 20))
    found = log_density(GAUSSIAN, constants, inner, rows)[0]
    expected = [
        float(exact(float(x), float(mean[0]), share) + exact(float(y), float(mean[1]), share))
        for x, y in rows.T
    ]
    assert np.abs(found - expected).max() < 1e-12 + 40 * 2.3e-16 / share
