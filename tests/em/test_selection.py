"""The criteria by their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from emdesk.em.selection import criteria
from tests.catalogues import fitted


def test_criteria_are_what_they_are_defined_to_be() -> None:
    made = criteria(-100.0, 5, 50.0, 3.0)
    assert made.aic == 210.0
    assert made.bic == pytest.approx(200 + 5 * math.log(50))
    assert made.icl == pytest.approx(made.bic + 6.0)


def test_the_entropy_is_that_of_the_posterior_probabilities() -> None:
    result = fitted("mixture-gaussian-2d")
    output = result.row_output()
    assert output is not None
    p = output.probabilities
    expected = -float(np.sum(p * np.log(np.where(p > 0, p, 1.0))))
    assert result.criteria().entropy == pytest.approx(expected, rel=1e-12)


def test_the_entropy_counts_a_row_as_often_as_its_weight_says() -> None:
    result = fitted("mixture-gaussian-2d-weight")
    output = result.row_output()
    assert output is not None
    weights = result.dataset.column("weight").values[result.data.used]
    p = output.probabilities
    expected = -float(np.sum(weights * p * np.log(np.where(p > 0, p, 1.0))))
    assert result.criteria().entropy == pytest.approx(expected, rel=1e-12)
    assert result.data.size == weights.sum()


def test_a_model_without_groups_has_no_classification_criterion() -> None:
    assert math.isnan(fitted("emission-MLEM").criteria().icl)
