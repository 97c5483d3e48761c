"""Every law over every hostile data set ends in the right answer or in a named diagnosis: never in NaN, never silently
in a wrong answer, never in a traceback. A warning of numpy is a failure here as everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.errors import DataProblem, Problem, SettingProblem
from tests.hostile.data import HOSTILE
from tests.hostile.ends import End
from tests.hostile.expected import expected_end
from tests.hostile.expected_of_laws import EXPECTED
from tests.hostile.fits import Ended, dataset_of, ended, ended_on, fit_of, shown, spec_of
from tests.hostile.forms import TAKEN
from tests.hostile.judging import faults, independent_log_likelihood
from tests.hostile.models import LEANING_TOGETHER, OTHERS, PRIORS, Model, laws, structures

SHORT_OF_DIGITS = {
    "last_bits": "a mean between two doubles cannot be written down",
    "offset_of_1e12": "the parameters hold as few digits of the spread as the file",
    "offset_of_1e12_and_a_small_spread": "the parameters hold as few digits of the spread as the file",
    "offset_of_1e15": "the parameters hold as few digits of the spread as the file",
}
"""Where parameters in the units of the file cannot give the log-likelihood again, and why."""
SLOW = {"skew-normal"}
"""Laws whose EM takes hundreds of iterations on these data."""


def every_model(models: Sequence[Model]) -> pytest.MarkDecorator:
    """One test for each model."""
    marked = [pytest.param(m, marks=pytest.mark.slow) if m.law in SLOW else m for m in models]
    return pytest.mark.parametrize("model", marked, ids=str)


def is_as_expected(end: End, found: Ended) -> bool:
    """Whether a fit ended as it was written."""
    if found.problem is not None:
        return end.is_refused and names_its_column(found.problem, end.column)
    assert found.result is not None
    if found.result.is_sound:
        return end.is_right
    return bool(found.reasons) and found.reasons <= end.reasons


def names_its_column(problem: Problem, column: str) -> bool:
    """Whether a problem is one of the data or of a setting, and names the column in its sentence."""
    if isinstance(problem, DataProblem) and column and column not in problem.columns:
        return False
    return isinstance(problem, (DataProblem, SettingProblem)) and column in problem.sentence


def judged(model: Model) -> list[str]:
    """What is not as it was written, over all data sets."""
    found = []
    for name in HOSTILE:
        end, how = expected_end(name, model), ended_on(name, model)
        if not is_as_expected(end, how):
            found.append(f"{name}: expected {end}, found {how}")
        found += [f"{name}: {fault}" for fault in faults(how)]
    return found


def test_there_are_forty_data_sets_and_each_says_what_is_hostile() -> None:
    assert len(HOSTILE) >= 40
    assert all((maker.__doc__ or "").endswith(".") for maker in HOSTILE.values())


def test_every_law_has_an_expected_end_on_every_data_set() -> None:
    assert set(EXPECTED) == set(HOSTILE)
    assert {law.id for law in catalogue().laws} <= set(TAKEN)
    for name in HOSTILE:
        for model in laws():
            assert str(expected_end(name, model))


def test_no_law_has_two_expected_ends_on_a_data_set() -> None:
    for name, rows in EXPECTED.items():
        written = [law for named, _, _ in rows for law in named.split()]
        assert len(written) == len(set(written)), name


@every_model(laws())
def test_a_law_ends_as_expected_on_every_data_set(model: Model) -> None:
    assert not judged(model)


@pytest.mark.slow
@every_model(structures())
def test_a_covariance_structure_ends_as_expected_on_every_data_set(model: Model) -> None:
    assert not judged(model)


@every_model(PRIORS)
def test_a_law_with_a_prior_ends_as_expected_on_every_data_set(model: Model) -> None:
    assert not judged(model)


@pytest.mark.slow
@every_model(OTHERS)
def test_other_ways_to_climb_end_as_expected_on_every_data_set(model: Model) -> None:
    assert not judged(model)


@every_model([*laws(), LEANING_TOGETHER])
def test_the_log_likelihood_is_that_of_the_parameters_that_are_shown(model: Model) -> None:
    """By formulas that share no code with the program."""
    for name in HOSTILE:
        found = ended_on(name, model)
        if found.result is None or not found.result.is_sound or name in SHORT_OF_DIGITS:
            continue
        expected = independent_log_likelihood(found, model)
        assert found.result.log_likelihood == pytest.approx(expected, rel=2e-6, abs=1e-6), name


@every_model([*laws(), LEANING_TOGETHER])
def test_a_sound_fit_is_at_rest(model: Model) -> None:
    """Going on from the parameters that are shown gains nothing worth a word."""
    for name in ("plain", "repeated_rows", "weights_of_1e9", "narrow_group", "missing_cells"):
        found = ended_on(name, model)
        if found.result is None or not found.result.converged:
            continue
        spec = replace(
            spec_of(model, found.table).with_setting("start", "result"),
            start_params=shown(found.result),
        )
        again = fit_of(dataset_of(found.table, name), spec.with_setting("max_iterations", 20))
        gain = again.objective - found.result.objective
        assert abs(gain) <= 1e-6 * max(1.0, abs(again.objective)), name


@every_model([m for m in laws() if m.law != "von-mises"])
def test_groups_that_are_plain_to_see_are_found(model: Model) -> None:
    for name in ("plain", "repeated_rows", "weights_of_1e9"):
        found = ended_on(name, model)
        if found.table.groups is None or TAKEN[model.law].explains or found.result is None:
            continue
        output = found.result.row_output()
        assert output is not None
        agreeing = float((output.label == found.table.groups).mean())
        assert max(agreeing, 1 - agreeing) > 0.9, name


@every_model([m for m in laws() if not TAKEN[m.law].explains])
def test_a_start_between_the_groups_is_a_saddle_and_said_to_be_one(model: Model) -> None:
    """Both groups begin at the same means, which EM cannot leave by itself."""
    table = HOSTILE["plain"](TAKEN[model.law])
    middle = tuple(float(v) for v in table.columns.mean(axis=1))
    spec = spec_of(model, table).with_setting("start", "means")
    result = fit_of(dataset_of(table, "plain"), replace(spec, start_means=(middle, middle)))
    assert result.best.climbs_to is None or result.best.climbs_to > result.objective
    if result.converged:
        best = ended(model, table).result
        assert best is not None
        is_best = result.objective >= best.objective - 1e-4 * abs(best.objective)
        assert is_best or result.best.climbs_to is not None, result.stop_sentence


def test_rows_of_one_group_give_means_and_variances_that_follow_from_them_by_hand() -> None:
    """One Gaussian group: the mean and the covariance of the rows, at any scale that a computer holds."""
    for name in (
        "plain",
        "scale_of_1e_minus_150",
        "scale_of_1e150",
        "repeated_rows",
        "offset_of_1e12",
    ):
        table = replace(HOSTILE[name](TAKEN["gaussian"]), components=1)
        result = ended(Model("gaussian", "gaussian"), table).result
        assert result is not None and result.is_sound
        scale = np.abs(table.columns - table.columns[:, :1]).max()
        rows = (table.columns - table.columns[:, :1]) / scale
        found = shown(result)
        mean = (found["means"][0] - table.columns[:, 0]) / scale
        lost = np.spacing(np.abs(table.columns).max()) / scale
        np.testing.assert_allclose(mean, rows.mean(axis=1), rtol=0, atol=1e-12 + lost)
        made = found["covariances"][0] / scale / scale
        np.testing.assert_allclose(made, np.cov(rows, bias=True), rtol=1e-9, atol=1e-12)
