"""A fit ends where a general optimiser ends that knows nothing of EM, from several starts around it.

From farther away the optimiser ends in other, lower optima, as EM does.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.model_spec import new_spec
from emdesk.app.session import fit
from emdesk.model.dataset import Dataset, Kind, from_arrays
from emdesk.model.params import arrays, from_vector, to_vector
from emdesk.resources import resource
from tests.catalogues import everything
from tests.laws.test_log_density import INDEPENDENT

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A mixture of one law over columns of a bundled sample, divided by a number."""

    law: str
    sample: str
    columns: tuple[str, ...]
    components: int
    settings: dict[str, Any] = field(default_factory=dict)
    per: float = 1.0

    def __repr__(self) -> str:
        words = (*self.columns, str(self.components), *map(str, self.settings.values()))
        return "-".join([self.law, self.sample, *words])


TURTLES = """
    8 9 13 13 14 18 22 27 30 34 38 38 40 44 45 47 48 48 48 48 50 53 56 57 58 58 61 63 64 64 64 65 65 68 70 73 78 78 78
    83 83 88 88 88 90 92 92 93 95 96 98 100 103 106 113 118 138 153 153 155 204 215 223 226 237 238 243 244 250 251 257
    268 285 319 343 350
"""
"""The headings of 76 turtles after they had laid their eggs, in degrees (Stephens 1969; Fisher 1993, appendix B.3)."""

FITS = (
    Fit("beta", "iris", ("Petal.Length", "Petal.Width"), 2, per=8.0),
    Fit("beta", "galaxies", ("velocity",), 3, per=40_000.0),
    Fit("skew-normal", "faithful", ("eruptions", "waiting"), 2),
    Fit("skew-normal", "iris", ("Petal.Length",), 2),
    Fit("skew-normal", "faithful", ("eruptions", "waiting"), 2, {"columns_are": "joint"}),
    Fit("skew-normal", "iris", ("Petal.Length", "Petal.Width"), 2, {"columns_are": "joint"}),
    Fit("von-mises", "turtles", ("heading",), 2, {"unit": "degrees"}),
    Fit("von-mises", "faithful", ("waiting",), 2, {"unit": "own", "period": 60.0}),
    Fit("student-t", "faithful", ("eruptions", "waiting"), 2),
    Fit("student-t", "galaxies", ("velocity",), 3, {"tails": "fixed", "degrees": 4.0}),
    Fit("student-t", "faithful", ("waiting",), 2, {"tails": "common", "covariance": "E"}),
    Fit("student-t", "faithful", ("eruptions",), 2, {"covariance": "E"}),
    Fit("log-normal", "faithful", ("eruptions", "waiting"), 2),
    Fit("log-normal", "galaxies", ("velocity",), 3),
    Fit("gamma", "faithful", ("eruptions", "waiting"), 2),
    Fit("gamma", "galaxies", ("velocity",), 3),
    Fit("exponential", "iris", ("Petal.Length", "Petal.Width"), 2),
    Fit("exponential", "galaxies", ("velocity",), 2),
    Fit("inverse-gaussian", "faithful", ("eruptions", "waiting"), 2),
    Fit("inverse-gaussian", "galaxies", ("velocity",), 3),
    Fit("weibull", "faithful", ("eruptions", "waiting"), 2),
    Fit("weibull", "galaxies", ("velocity",), 3),
)


def columns_of(sample: str, wanted: tuple[str, ...]) -> F64:
    if sample == "turtles":
        return np.array([TURTLES.split()], dtype=np.float64)
    with resource(f"samples/{sample}.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    places = [table[0].index(name) for name in wanted]
    return np.array([[float(row[i]) for row in table[1:]] for i in places])


def as_constrained(values: dict[str, F64], settings: dict[str, Any]) -> dict[str, F64]:
    """The parameters of t with what its settings tie together tied."""
    made = dict(values)
    if "degrees" in made:
        bounded = np.clip(made["degrees"], 0.2, 1e5)
        tied = np.full(len(bounded), np.exp(np.log(bounded).mean()))
        tails = {"fixed": np.full(len(bounded), settings.get("degrees")), "common": tied}
        made["degrees"] = tails.get(settings.get("tails", "each"), bounded)
        if settings.get("covariance") == "E":
            scales = made["scales"]
            made["scales"] = np.full_like(scales, np.exp(np.log(scales).mean()))
    return made


@pytest.mark.parametrize("chosen", FITS, ids=repr)
def test_a_fit_reaches_the_maximum_that_an_optimiser_finds(chosen: Fit) -> None:
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    rows = columns_of(chosen.sample, chosen.columns) / chosen.per
    pairs = list(zip(chosen.columns, rows, strict=True))
    data: Dataset = from_arrays(chosen.sample, pairs, Kind.CONTINUOUS)
    spec = replace(new_spec(everything(), "mixture", chosen.law), columns=chosen.columns)
    wanted = {"components": chosen.components, "tolerance": 1e-12, "max_iterations": 5000}
    for name, value in (wanted | chosen.settings).items():
        spec = spec.with_setting(name, value)
    result = fit(data, spec, everything(), 1)
    assert result.converged, result.stop_sentence

    def fall(vector: F64) -> float:
        shown = result.family.in_units(result.data, from_vector(vector, result.params))
        values = as_constrained(arrays(shown), chosen.settings)
        logs = INDEPENDENT[chosen.law](values, rows) + np.log(values["weights"])[:, None]
        return -float(logsumexp(logs, axis=0).sum())

    reached, rng = to_vector(result.params), np.random.default_rng(1)
    assert -fall(reached) == pytest.approx(result.log_likelihood, rel=1e-9)
    found = []
    for size in (0.0, 0.02, 0.05):
        start = reached + size * rng.standard_normal(len(reached))
        with np.errstate(all="ignore"):
            found.append(-minimize(fall, start, method="BFGS", options={"gtol": 1e-6}).fun)
    assert max(found) == pytest.approx(result.log_likelihood, rel=1e-6)
