"""The criteria by their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from emdesk.em.selection import Entropies, criteria
from tests.catalogues import case, fitted


def test_criteria_are_what_they_are_defined_to_be() -> None:
    made = criteria(-100.0, 5, 50.0, Entropies(full=3.0, hard=1.0, groups=2))
    assert made.aic == 210.0
    assert made.aicc == pytest.approx(210 + 2 * 5 * 6 / (50 - 5 - 1))
    assert made.bic == pytest.approx(200 + 5 * math.log(50))
    assert made.sabic == pytest.approx(200 + 5 * math.log(52 / 24))
    assert made.caic == pytest.approx(200 + 5 * (math.log(50) + 1))
    assert made.icl == pytest.approx(made.bic + 6.0)
    assert made.icl_hard == pytest.approx(made.bic + 2.0)
    assert made.entropy == 3.0
    assert made.entropy_r2 == pytest.approx(1 - 3 / (50 * math.log(2)))


def test_with_as_many_parameters_as_rows_there_is_no_corrected_aic() -> None:
    assert math.isnan(criteria(-1.0, 9, 10.0, Entropies(0.0, 0.0, 2)).aicc)


def test_one_group_leaves_nothing_undecided_and_has_no_entropy_r2() -> None:
    made = case("mixture-gaussian-2d").set(components=1).fit().criteria()
    assert made.entropy == 0 and made.icl == made.icl_hard == made.bic
    assert math.isnan(made.entropy_r2)


def test_the_entropies_are_those_of_the_posterior_probabilities() -> None:
    result = fitted("mixture-gaussian-2d")
    output = result.row_output()
    assert output is not None
    p = output.probabilities
    made = result.criteria()
    full = -float(np.sum(p * np.log(np.where(p > 0, p, 1.0))))
    hard = -float(np.sum(np.log(p.max(axis=0))))
    assert made.entropy == pytest.approx(full, rel=1e-12)
    assert made.icl == pytest.approx(made.bic + 2 * full, rel=1e-12)
    assert made.icl_hard == pytest.approx(made.bic + 2 * hard, rel=1e-12)


def test_the_entropies_count_a_row_as_often_as_its_weight_says() -> None:
    result = fitted("mixture-gaussian-2d-weight")
    output = result.row_output()
    assert output is not None
    weights = result.dataset.column("weight").values[result.data.row_numbers]
    p = output.probabilities
    made = result.criteria()
    full = -float(np.sum(weights * p * np.log(np.where(p > 0, p, 1.0))))
    assert made.entropy == pytest.approx(full, rel=1e-12)
    assert made.icl_hard == pytest.approx(made.bic - 2 * float(weights @ np.log(p.max(axis=0))))
    assert result.data.size == weights.sum()


def test_a_model_without_groups_has_no_classification_criterion() -> None:
    made = fitted("emission-MLEM").criteria()
    assert math.isnan(made.icl) and math.isnan(made.icl_hard) and math.isnan(made.entropy_r2)
