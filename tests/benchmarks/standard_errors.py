"""Seconds for standard errors by Oakes' formula beside differences of the log-likelihood, from the same estimate.

    python tests/benchmarks/standard_errors.py [--quick]

Both are asked of the same fit in the same run; the sweeps of each are counted, and the largest relative difference of
any standard error is told.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitResult, fit
from emdesk.em.reduce import Sweeper
from emdesk.em.uncertainty import Uncertainty, observed
from emdesk.model.dataset import Kind, from_arrays
from tests.benchmarks.timing import machine, print_table

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A law over n rows and d columns, in K groups."""

    law: str
    n: int
    d: int
    k: int


CASES = (
    Case("gaussian", 10_000, 2, 3),
    Case("gaussian", 100_000, 2, 3),
    Case("gaussian", 100_000, 4, 3),
    Case("student-t", 100_000, 2, 3),
    Case("skew-normal", 100_000, 2, 3),
    Case("gamma", 100_000, 2, 3),
    Case("poisson", 100_000, 4, 3),
    Case("categorical", 100_000, 4, 3),
)


class Counting(Sweeper):
    """Workers that count their sweeps."""

    sweeps = 0

    def sweep(self, *given: Any, **named: Any) -> Any:
        self.sweeps += 1
        return super().sweep(*given, **named)


class WithoutQ:
    """A family whose sums say nothing of params."""

    def __init__(self, family: Any) -> None:
        self._family = family

    def __getattr__(self, name: str) -> Any:
        return getattr(self._family, name)

    def expected(self, data: Any, statistics: Any, params: Any) -> None:
        return None


def columns_of(case: Case) -> F64:
    """Columns (d, n) in K overlapping groups, of the kind that the law takes."""
    rng = np.random.default_rng(case.n + case.d)
    codes = rng.integers(case.k, size=case.n)
    if case.law == "poisson":
        rates = rng.uniform(2, 20, (case.k, case.d))
        return rng.poisson(rates[codes].T).astype(np.float64)
    if case.law == "categorical":
        shares = rng.dirichlet(np.ones(3), (case.k, case.d))
        steps = np.cumsum(shares[codes], axis=2)
        places = (rng.random((case.n, case.d, 1)) > steps).sum(axis=2)
        return np.asarray(places.T, dtype=np.float64)
    centres = rng.normal(0, 2.5, (case.k, case.d))
    rows = (centres[codes] + rng.standard_normal((case.n, case.d))).T
    return np.asarray(np.exp(0.3 * rows) if case.law == "gamma" else rows)


def fitted(case: Case) -> FitResult:
    names = [f"x{j + 1}" for j in range(case.d)]
    kind = Kind.COUNT if case.law in ("poisson", "categorical") else Kind.CONTINUOUS
    data = from_arrays("rows", list(zip(names, columns_of(case), strict=True)), kind)
    spec = replace(new_spec(catalogue(), "mixture", case.law), columns=tuple(names))
    wanted = {"components": case.k, "starts": 1, "tolerance": 1e-10, "max_iterations": 300}
    for name, value in wanted.items():
        spec = spec.with_setting(name, value)
    return fit(data, spec, catalogue())


def timed(result: FitResult, family: Any) -> tuple[float, int, Uncertainty]:
    with Counting() as sweeper:
        begin = time.perf_counter()
        found = observed(family, result.data, result.params, sweeper)
        return time.perf_counter() - begin, sweeper.sweeps, found


def largest_difference(one: Uncertainty, other: Uncertainty) -> float:
    worst = 0.0
    for name, errors in other.standard_errors.items():
        known = errors > 0
        ratio = one.standard_errors[name][known] / errors[known]
        worst = max(worst, float(np.abs(ratio - 1).max(initial=0.0)))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the first case")
    chosen = CASES[:1] if parser.parse_args().quick else CASES
    rows = []
    for case in chosen:
        result = fitted(case)
        new, few, oakes = timed(result, result.family)
        old, many, differences = timed(result, WithoutQ(result.family))
        words = f"{case.law} {case.n:,} x {case.d}, K = {case.k}"
        gap = largest_difference(oakes, differences)
        rows.append(
            [words, str(oakes.free), oakes.derivatives, f"{new:.2f}", str(few)]
            + [f"{old:.2f}", str(many), f"{old / new:.1f}", f"{gap:.0e}"]
        )
    print(machine())
    print_table(
        ["model", "p", "by", "s", "sweeps", "differences s", "sweeps", "ratio", "apart"], rows
    )


if __name__ == "__main__":
    main()
