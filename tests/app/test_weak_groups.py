"""A component that cannot be trusted is named with the rows it holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import fit
from emdesk.model.dataset import from_arrays
from tests.catalogues import fitted


def test_the_rows_of_a_collapsed_component_are_told_by_their_numbers_in_the_file() -> None:
    x = np.concatenate([np.linspace(0, 1, 30), np.full(12, 7.0)])
    spec = replace(new_spec(catalogue()), columns=("x",))
    result = fit(from_arrays("spike", [("x", x)]), spec.with_setting("starts", 2), catalogue())
    assert not result.is_sound
    told = " ".join(result.warnings())
    assert "rows 31, 32, 33, 34, 35, 36, 37, 38 and 4 more of the file" in told


def test_a_sound_fit_tells_no_rows() -> None:
    assert not any("of the file" in text for text in fitted("mixture-gaussian-2d").warnings())
