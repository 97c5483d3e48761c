"""Settings and params survive being written down, keep their shapes, and stay inside their limits."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from emdesk.app.describe import setting_object
from emdesk.em.fit_settings import FitSettings
from emdesk.errors import SettingProblem
from emdesk.io.writers.json_object import to_json
from emdesk.model.family import ByParams
from emdesk.model.fields import BoundField, fields_of, from_values, problems_in, values_of
from emdesk.model.params import (
    Domain,
    arrays,
    axes_of,
    between,
    from_vector,
    largest_change,
    permuted,
    to_vector,
    walk,
)
from tests.catalogues import Case, cases, everything, fitted, group_setting

every_case = pytest.mark.parametrize("case", cases(), ids=str)
SETTINGS: tuple[type[Any], ...] = (
    FitSettings,
    *(family.Settings for family in everything().families),
    *(law.Settings for law in everything().laws),
)
FIELDS = [(kind, bound) for kind in SETTINGS for bound in fields_of(kind)]
every_field = pytest.mark.parametrize(
    ("kind", "bound"), FIELDS, ids=[f"{kind.__name__}.{bound.name}" for kind, bound in FIELDS]
)


@every_case
def test_settings_survive_saving(case: Case) -> None:
    for part in case.spec.parts:
        saved = json.loads(to_json(values_of(part)))
        assert from_values(type(part), saved) == part


@every_case
def test_params_survive_saving(case: Case) -> None:
    result = fitted(case.name)
    shown = result.family.in_units(result.data, result.params)
    saved = json.loads(to_json(arrays(shown)))
    rng = np.random.default_rng(0)
    again = result.family.start(result.data, ByParams(saved), rng)
    restored = arrays(result.family.in_units(result.data, again))
    for name, value in arrays(shown).items():
        size = float(np.abs(value).max())
        np.testing.assert_allclose(
            restored[name], value, rtol=1e-9, atol=1e-12 * size, err_msg=name
        )


@every_case
def test_every_axis_has_one_size(case: Case) -> None:
    result = fitted(case.name)
    shown = result.family.in_units(result.data, result.params)
    sizes: dict[str, int] = {}
    groups = group_setting(case.family)
    if groups is not None:
        sizes[case.family.group_axis] = int(case.spec.values()[groups])
    if case.family.takes_law:
        sizes["column"] = len(case.spec.columns)
    for parameter, value in walk(shown):
        own = {**sizes, "column": len(parameter.columns)} if parameter.columns else sizes
        assert len(parameter.axes.names) == value.ndim, parameter.name
        for axis, size in zip(parameter.axes.names, value.shape, strict=True):
            assert own.setdefault(axis, size) == size, (parameter.name, axis)
    for quantity in result.family.quantities(result.data, result.params):
        assert quantity.values.ndim == len(quantity.axes)
        assert quantity.label
        assert np.isfinite(quantity.values).all()
        own = {**sizes, "column": len(quantity.columns)} if quantity.columns else sizes
        for axis, size in zip(quantity.axes, quantity.values.shape, strict=True):
            assert own.setdefault(axis, size) == size, (quantity.name, axis)


@every_case
def test_params_lie_in_their_domains(case: Case) -> None:
    result = fitted(case.name)
    for parameter, value in walk(result.family.in_units(result.data, result.params)):
        assert np.isfinite(value).all(), parameter.name
        if parameter.domain is Domain.POSITIVE:
            assert (value > 0).all(), parameter.name
        elif parameter.domain is Domain.SIMPLEX:
            assert (value >= 0).all(), parameter.name
            np.testing.assert_allclose(value.sum(axis=-1), 1.0, atol=1e-12)
        elif parameter.domain is Domain.SPD:
            assert (np.linalg.eigvalsh(value) > 0).all(), parameter.name


@every_case
def test_the_vector_of_params_leads_back_to_them(case: Case) -> None:
    params = fitted(case.name).params
    vector = to_vector(params)
    assert np.isfinite(vector).all()
    again = from_vector(vector, params)
    for name, value in arrays(params).items():
        np.testing.assert_allclose(arrays(again)[name], value, rtol=1e-10, atol=1e-14, err_msg=name)
    np.testing.assert_allclose(to_vector(again), vector, rtol=1e-7, atol=1e-7)
    assert largest_change(params, between(params, params, 0.5)) < 1e-10


@every_case
def test_groups_can_be_numbered_in_another_order_and_back(case: Case) -> None:
    result = fitted(case.name)
    if not case.family.group_axis:
        pytest.skip("this family has no groups")
    order = np.array([2, 0, 1])
    turned = permuted(result.params, case.family.group_axis, order)
    for name, axes in axes_of(result.params).items():
        if case.family.group_axis in axes:
            place = axes.index(case.family.group_axis)
            first = np.take(arrays(result.params)[name], 2, axis=place).ravel()
            moved = np.take(arrays(turned)[name], 0, axis=place).ravel()
            assert sorted(moved) == pytest.approx(sorted(first)), name
    back = permuted(turned, case.family.group_axis, np.argsort(order))
    assert all(np.array_equal(a, arrays(back)[n]) for n, a in arrays(result.params).items())
    again = case.from_params(arrays(result.family.in_units(result.data, turned)))
    assert again.set(max_iterations=0).fit().objective == pytest.approx(result.objective, rel=1e-9)


@every_case
def test_groups_are_numbered_the_same_way_after_every_search(case: Case) -> None:
    result = fitted(case.name)
    order = result.family.order(result.data, result.params)
    assert order is None or np.array_equal(order, np.arange(len(order)))


def unfit_values(bound: BoundField) -> list[object]:
    """Values outside the limits of a field, of its own type and of others."""
    if bound.type is str:
        return ["no such choice", 3] if bound.field.choices else [3]
    if bound.type is bool:
        return ["perhaps", 2]
    beyond: list[object] = [float("nan"), float("inf"), "seven", True, None]
    if bound.field.low is not None:
        beyond.append(bound.field.low - 1)
    if bound.field.high is not None:
        beyond.append(bound.field.high + 1)
    return [*beyond, 1.5] if bound.type is int else beyond


@every_field
def test_a_value_outside_the_limits_is_refused_in_a_sentence(
    kind: type[Any], bound: BoundField
) -> None:
    for value in unfit_values(bound):
        with pytest.raises(SettingProblem) as caught:
            bound.check(value)
        problem = caught.value
        assert problem.setting == bound.name
        assert bound.label in problem.sentence
        assert bound.limits() in problem.sentence
        assert problem.exit_status == 2


@every_field
def test_a_field_explains_itself_and_its_default_is_inside_its_limits(
    kind: type[Any], bound: BoundField
) -> None:
    assert bound.label and bound.help.endswith(".")
    assert bound.check(bound.default) == bound.default
    assert not problems_in(kind())
    assert json.loads(to_json(setting_object(bound)))["limits"] == bound.limits()
    for choice in bound.field.choices:
        assert choice.label and choice.help.endswith(".")
        assert bound.check(choice.value) == choice.value


@every_field
def test_limits_themselves_are_allowed_and_typing_them_gives_them(
    kind: type[Any], bound: BoundField
) -> None:
    for limit in (bound.field.low, bound.field.high):
        if limit is not None:
            assert bound.check(bound.type(limit)) == limit
            assert bound.parse(repr(bound.type(limit))) == limit
