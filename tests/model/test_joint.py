"""Several laws on different columns: what each contributes, names, gaps, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal
from scipy.stats import poisson as counts

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import ModelSpec, new_spec, with_laws
from emdesk.app.session import FitResult, fit
from emdesk.errors import DataProblem, UsageProblem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.held import HeldValue
from emdesk.model.law import Workspace
from emdesk.model.params import arrays, axes_of, from_vector, permuted, to_vector
from tests.catalogues import mixed_rows

F64 = NDArray[np.float64]
LAWS = [("gaussian", ("a", "b")), ("poisson", ("c",))]


def spec_of(laws: Any = LAWS, **settings: Any) -> ModelSpec:
    spec = with_laws(new_spec(catalogue()), catalogue(), laws)
    for name, value in {"components": 3, "starts": 3, **settings}.items():
        spec = spec.with_setting(name, value)
    return spec


def fitted(spec: ModelSpec, dataset: Dataset | None = None) -> FitResult:
    return fit(dataset or mixed_rows(), spec, catalogue(), threads=1)


def values(dataset: Dataset, name: str) -> F64:
    return dataset.column(name).values


def test_the_log_likelihood_is_that_of_independent_columns_given_the_group() -> None:
    dataset = mixed_rows()
    result = fitted(spec_of())
    shown = arrays(result.family.in_units(result.data, result.params))
    rows = np.stack([values(dataset, "a"), values(dataset, "b")], axis=1)
    each = [
        shown["weights"][k]
        * multivariate_normal(shown["a,b.means"][k], shown["a,b.covariances"][k]).pdf(rows)
        * counts(shown["c.rates"][k, 0]).pmf(values(dataset, "c"))
        for k in range(3)
    ]
    expected = np.log(np.sum(each, axis=0)).sum()
    assert result.log_likelihood == pytest.approx(expected, rel=1e-12)


def test_gaussians_on_single_columns_are_the_structure_along_the_axes() -> None:
    apart = spec_of([("gaussian", ("a",)), ("gaussian", ("b",))])
    one = spec_of().with_setting("components", 3)
    one = replace(new_spec(catalogue()), columns=("a", "b"), fit=one.fit).with_setting(
        "components", 3
    )
    one = one.with_setting("covariance", "VVI")
    assert fitted(apart).log_likelihood == pytest.approx(fitted(one).log_likelihood, rel=1e-7)


def test_parameters_are_named_after_their_columns() -> None:
    result = fitted(spec_of())
    assert set(axes_of(result.params)) == {"weights", "a,b.means", "a,b.covariances", "c.rates"}
    shown = result.family.quantities(result.data, result.params)
    assert {q.name: q.columns for q in shown}["c.rates"] == ("c",)


def test_params_go_through_vectors_and_permutations() -> None:
    result = fitted(spec_of())
    back = from_vector(to_vector(result.params), result.params)
    for name, value in arrays(result.params).items():
        np.testing.assert_allclose(arrays(back)[name], value, rtol=1e-12)
    turned = permuted(result.params, "component", np.array([2, 0, 1]))
    np.testing.assert_array_equal(
        arrays(turned)["c.rates"], arrays(result.params)["c.rates"][[2, 0, 1]]
    )


def test_a_setting_in_full_changes_one_law_and_its_plain_name_all_that_have_it() -> None:
    laws = [("gaussian", ("a",)), ("gaussian", ("b",)), ("poisson", ("c",))]
    spec = spec_of(laws).with_setting("a.covariance", "E")
    found = spec.values()
    assert (found["a.covariance"], found["b.covariance"]) == ("E", "VVV")
    found = spec.with_setting("floor", 1e-6).values()
    assert found["a.floor"] == found["b.floor"] == 1e-6
    with pytest.raises(UsageProblem):
        spec.with_setting("c.covariance", "E")


def test_rows_with_gaps_keep_what_is_there() -> None:
    dataset = mixed_rows()
    a = values(dataset, "a").copy()
    a[::5] = np.nan
    column = replace(dataset.column("a"), values=a)
    gappy = replace(dataset, columns=(column, *dataset.columns[1:]))
    laws = [("gaussian", ("a", "b")), ("gaussian", ("c",))]
    result = fitted(spec_of(laws), gappy)
    assert result.data.used.all()
    block = result.family.blocks(result.data)[0]
    made = result.family.complete(result.data, block, result.params, Workspace(), None)
    assert made is not None
    filled, spread = made
    assert np.isfinite(filled).all()
    assert np.count_nonzero(spread) == np.isnan(a).sum()


def test_a_held_parameter_belongs_to_its_law() -> None:
    spec = replace(spec_of(), held=(HeldValue("a,b.means", (1, 0), 12.0),))
    result = fitted(spec)
    shown = arrays(result.family.in_units(result.data, result.params))
    assert shown["a,b.means"][1, 0] == pytest.approx(12.0, abs=1e-12)


def test_text_under_a_law_for_numbers_is_refused_with_the_column() -> None:
    words = Column("word", Kind.NOMINAL, np.zeros(150), ("yes",))
    dataset = mixed_rows()
    dataset = replace(dataset, columns=(*dataset.columns, words))
    with pytest.raises(DataProblem) as caught:
        fitted(spec_of([("gaussian", ("a",)), ("poisson", ("word",))]), dataset)
    assert caught.value.columns == ("word",)


def test_one_law_over_all_columns_is_the_plain_model() -> None:
    spec = with_laws(spec_of(), catalogue(), [("gaussian", ("a", "b"))])
    assert spec.laws == () and spec.law == "gaussian" and spec.columns == ("a", "b")
