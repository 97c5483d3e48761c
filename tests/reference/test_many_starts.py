"""Published likelihoods with several maxima: all of them are found and told apart."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import fit
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role

GSS82 = json.loads(
    """{"1111": 419, "1112": 35, "1113": 2, "1121": 71, "1122": 25, "1123": 5, "1211": 270,
    "1212": 25, "1213": 4, "1221": 42, "1222": 16, "1223": 5, "2111": 23, "2112": 4, "2113": 1,
    "2121": 6, "2122": 2, "2211": 43, "2212": 9, "2213": 2, "2221": 9, "2222": 3, "2223": 2,
    "3111": 26, "3112": 3, "3121": 1, "3122": 2, "3211": 85, "3212": 23, "3213": 6, "3221": 13,
    "3222": 12, "3223": 8}"""
)
"""Patterns of four answers of the General Social Survey 1982 and how many of 1202 persons gave them."""
MAXIMA = (-2754.545, -2755.617, -2755.739, -2762.005, -2762.231)
"""The five maxima of three classes over 500 random starts that the manual of poLCA lists."""


def gss82() -> Dataset:
    answers = np.array([[int(digit) for digit in pattern] for pattern in GSS82], dtype=np.float64)
    names = ("purpose", "accuracy", "understanding", "cooperation")
    columns = tuple(
        Column(name, Kind.NOMINAL, values - 1, tuple(str(int(v)) for v in np.unique(values)))
        for name, values in zip(names, answers.T, strict=True)
    )
    weight = Column("persons", Kind.COUNT, np.array(list(GSS82.values()), dtype=np.float64))
    return Dataset((*columns, weight), "gss82")


@pytest.mark.slow
def test_the_five_maxima_of_three_latent_classes_are_told_apart() -> None:
    book = catalogue()
    if "categorical" not in {law.id for law in book.laws}:
        pytest.skip("needs the categorical law")
    spec = replace(
        new_spec(book, "mixture", "categorical"),
        columns=("purpose", "accuracy", "understanding", "cooperation"),
        roles={Role.WEIGHT: ("persons",)},
    )
    settings = {"components": 3, "start": "random-partition", "starts": 120, "finish": 120}
    for name, value in (settings | {"max_iterations": 20_000, "tolerance": 1e-10}).items():
        spec = spec.with_setting(name, value)
    optima = fit(gss82(), spec, book, threads=1).optima()
    assert [o.objective for o in optima.sound[:5]] == pytest.approx(MAXIMA, abs=6e-4)
    assert optima.best is not None and optima.is_replicated
    assert optima.best.count == max(o.count for o in optima.sound)
