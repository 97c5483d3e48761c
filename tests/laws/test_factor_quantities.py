"""What the table shows of a mixture of factor analysers beside standard deviations and correlations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.exporting import parameter_rows
from emdesk.app.model_spec import new_spec
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult, fit
from emdesk.model.dataset import Kind, from_arrays
from tests.catalogues import everything

F64 = NDArray[np.float64]


def rows_of_factors(d: int, factors: int, rows: int = 400, seed: int = 1) -> F64:
    """Two groups of rows (d, n), each with loadings of its own."""
    rng = np.random.default_rng(seed)
    made = []
    for centre in (0.0, 8.0):
        loadings = rng.standard_normal((d, factors))
        noise = 0.6 * rng.standard_normal((d, rows))
        made.append(centre + loadings @ rng.standard_normal((factors, rows)) + noise)
    return 100.0 * np.concatenate(made, axis=1)


def fitted(columns: F64, law: str, factors: int, **settings: Any) -> FitResult:
    names = tuple("abcdefgh"[: len(columns)])
    data = from_arrays("rows", list(zip(names, columns, strict=True)), Kind.CONTINUOUS)
    spec = replace(new_spec(everything(), "mixture", law), columns=names)
    wanted = {"components": 2, "covariance": "FA", "factors": factors, "starts": 3}
    for name, value in (wanted | settings).items():
        spec = spec.with_setting(name, value)
    return fit(data, spec, everything(), 1)


@pytest.mark.parametrize(("law", "factors"), [("gaussian", 1), ("gaussian", 2), ("student-t", 2)])
def test_loadings_and_uniquenesses_make_up_the_correlations(law: str, factors: int) -> None:
    given: dict[str, Any] = {} if law == "gaussian" else {"tails": "fixed"}
    result = fitted(rows_of_factors(6, factors), law, factors, **given)
    shown = {q.name: q for q in result.family.quantities(result.data, result.params)}
    named = [f"loadings_{j + 1}" for j in range(factors)]
    assert set(named) <= set(shown) and f"loadings_{factors + 1}" not in shown
    loadings = np.stack([shown[name].values for name in named], axis=2)
    uniquenesses = shown["uniquenesses"].values
    made = loadings @ np.swapaxes(loadings, 1, 2) + uniquenesses[:, :, None] * np.eye(6)
    assert made == pytest.approx(shown["correlations"].values, abs=1e-7)
    assert (uniquenesses > 0).all() and (uniquenesses < 1).all()
    assert (loadings.sum(axis=1) >= 0).all()
    sizes = np.einsum("kjq,kj->kq", loadings**2, 1 / uniquenesses)
    assert (np.diff(sizes, axis=1) <= 1e-9).all(), "the first factor is the largest"


def test_factors_are_those_that_the_rows_were_made_of() -> None:
    columns = rows_of_factors(6, 1, rows=20_000)
    result = fitted(columns, "gaussian", 1)
    shown = {q.name: q.values for q in result.family.quantities(result.data, result.params)}
    rng = np.random.default_rng(1)
    first = rng.standard_normal(6)
    wanted = first / np.sqrt(first**2 + 0.36)
    k = int(np.argmin(shown["means"][:, 0]))
    found = shown["loadings_1"][k] * np.sign(shown["loadings_1"][k, 0] * wanted[0])
    assert found == pytest.approx(wanted, abs=0.03)


def test_other_structures_have_no_factors_to_show() -> None:
    result = fitted(rows_of_factors(4, 1, rows=60), "gaussian", 1, covariance="VVV")
    names = {q.name for q in result.family.quantities(result.data, result.params)}
    assert names.isdisjoint({"loadings_1", "uniquenesses"})


def test_loadings_are_exported_beside_the_parameters() -> None:
    result = fitted(rows_of_factors(5, 2, rows=80), "gaussian", 2)
    made = result_object(result)
    loadings, own = made["factors"]["loadings"], made["factors"]["uniquenesses"]
    assert loadings["axes"] == ["component", "column", "factor"]
    assert np.array(loadings["values"]).shape == (2, 5, 2)
    assert np.array(own["values"]).shape == (2, 5)
    header, rows = parameter_rows(made)
    table = [dict(zip(header, row, strict=True)) for row in rows]
    found = [row for row in table if row["parameter"] == "loadings"]
    assert [(row["component"], row["column"], row["factor"]) for row in found[:3]] == [
        (1, "a", 1),
        (1, "a", 2),
        (1, "b", 1),
    ]
    assert found[1]["value"] == loadings["values"][0][0][1]
    assert "loadings" not in made["params"], "they follow from the covariances"


def test_no_factors_are_exported_where_there_are_none() -> None:
    result = fitted(rows_of_factors(3, 1, rows=40), "gaussian", 1, covariance="EEE")
    assert "factors" not in result_object(result)
