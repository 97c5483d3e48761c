"""Seconds per iteration beside scikit-learn's GaussianMixture, from the same start, in one run.

    python tests/benchmarks/speed.py [--quick] [--profile]

Both make the same N EM iterations (N M-steps and N + 1 E-steps) from the same parameters with full
covariances and nothing added to them. The peer runs at one and at two BLAS threads and the faster counts;
runs alternate and the best of five is taken. The log-likelihood of both is recomputed from the final
parameters by a third piece of code, which knows neither.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import new_spec
from emdesk.app.session import FitSession
from emdesk.em.control import RunControl
from emdesk.em.engine import iterate
from emdesk.em.reduce import Sweeper
from emdesk.model.dataset import from_arrays
from emdesk.model.family import ByParams

F64 = NDArray[np.float64]
CHUNK = 20_000


SETTLE = 0.3
"""Seconds before each run: idle threads of BLAS and OpenMP spin for a while after the one before."""


@dataclass(frozen=True)
class Case:
    """A size, the iterations to time, and the ratio to reach."""

    n: int
    d: int
    k: int
    iterations: int
    goal: float


CASES = (
    Case(1_000_000, 2, 3, 8, 20),
    Case(200_000, 5, 5, 10, 10),
    Case(200_000, 10, 10, 8, 10),
    Case(50_000, 30, 10, 8, 5),
    Case(1_000_000, 1, 3, 8, 20),
)


@dataclass(frozen=True)
class Params:
    """Weights (K,), means (K, d), covariances (K, d, d)."""

    weights: F64
    means: F64
    covariances: F64


def simulated(case: Case) -> tuple[F64, Params]:
    """Rows (n, d) of overlapping components, and a start away from the truth."""
    rng = np.random.default_rng(1000 * case.d + case.k)
    means = rng.normal(0, 3, (case.k, case.d))
    factors = rng.normal(0, 0.3, (case.k, case.d, case.d)) / np.sqrt(case.d) + np.eye(case.d)
    labels = rng.integers(0, case.k, case.n)
    rows = rng.standard_normal((case.n, case.d))
    for k in range(case.k):
        rows[labels == k] = means[k] + rows[labels == k] @ factors[k].T
    spread = np.cov(rows.T, bias=True).reshape(case.d, case.d) / 2
    start = Params(
        np.full(case.k, 1 / case.k),
        means + rng.normal(0, 0.5, means.shape),
        np.stack([spread] * case.k),
    )
    return rows, start


def log_likelihood(rows: F64, params: Params) -> float:
    """Recomputed from the definition, a chunk at a time."""
    from scipy.linalg import solve_triangular

    factors = np.linalg.cholesky(params.covariances)
    d = rows.shape[1]
    total = 0.0
    for first in range(0, len(rows), CHUNK):
        part = rows[first : first + CHUNK]
        logs = np.empty((len(params.weights), len(part)))
        for k, factor in enumerate(factors):
            white = solve_triangular(factor, (part - params.means[k]).T, lower=True)
            constant = np.log(np.diagonal(factor)).sum() + 0.5 * d * np.log(2 * np.pi)
            logs[k] = np.log(params.weights[k]) - constant - 0.5 * (white**2).sum(axis=0)
        top = logs.max(axis=0)
        total += float((top + np.log(np.exp(logs - top).sum(axis=0))).sum())
    return total


class Ours:
    """EMDesk's engine on prepared data, at two threads over blocks."""

    def __init__(self, rows: F64, start: Params, iterations: int) -> None:
        names = [f"x{j + 1}" for j in range(rows.shape[1])]
        dataset = from_arrays("simulated", [(n, rows[:, j]) for j, n in enumerate(names)])
        spec = replace(new_spec(catalogue()), columns=tuple(names))
        spec = spec.with_setting("components", len(start.weights))
        session = FitSession(dataset, spec, catalogue())
        session.prepare()
        self.family, self.data, self.iterations = session.family, session.data, iterations
        how = ByParams({n: getattr(start, n) for n in ("weights", "means", "covariances")})
        self.start = self.family.start(self.data, how, np.random.default_rng(0))
        self.params: Any = None

    def run(self) -> float:
        """Seconds for all iterations."""
        with Sweeper() as sweeper:
            begun = time.perf_counter()
            for step in iterate(self.family, self.data, self.start, RunControl(), sweeper):
                if step.index == self.iterations:
                    break
            seconds = time.perf_counter() - begun
        self.params = step.params
        return seconds

    def result(self) -> Params:
        units = self.family.in_units(self.data, self.params)
        return Params(units.weights, units.law.means, units.law.covariances)


class Peer:
    """scikit-learn's GaussianMixture, put back to the same start before every run."""

    def __init__(self, rows: F64, start: Params, iterations: int) -> None:
        from sklearn.mixture import GaussianMixture

        self.rows, self.start = np.ascontiguousarray(rows), start
        self.model = GaussianMixture(
            len(start.weights), covariance_type="full", tol=0, reg_covar=0, max_iter=1,
            init_params="random_from_data", random_state=0, warm_start=True,
            weights_init=start.weights, means_init=start.means,
            precisions_init=np.linalg.inv(start.covariances),
        )  # fmt: skip
        with quiet():
            self.model.fit(self.rows)
        self.model.max_iter = iterations

    def run(self, threads: int) -> float:
        """Seconds for all iterations at a number of BLAS threads."""
        from threadpoolctl import threadpool_limits

        factors = np.linalg.cholesky(np.linalg.inv(self.start.covariances))
        self.model.weights_, self.model.means_ = self.start.weights, self.start.means
        self.model.covariances_ = self.start.covariances
        self.model.precisions_cholesky_ = factors
        self.model.lower_bound_ = -np.inf
        with threadpool_limits(threads, user_api="blas"), quiet():
            begun = time.perf_counter()
            self.model.fit(self.rows)
            seconds = time.perf_counter() - begun
        assert self.model.n_iter_ == self.model.max_iter
        return seconds

    def result(self) -> Params:
        return Params(self.model.weights_, self.model.means_, self.model.covariances_)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the peer's notes on convergence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def measure(case: Case, rounds: int) -> bool:
    """Print one line; returns whether ratio and log-likelihood are reached."""
    rows, start = simulated(case)
    ours, peer = Ours(rows, start, case.iterations), Peer(rows, start, case.iterations)
    times: dict[str, list[float]] = {"ours": [], "one": [], "two": []}
    for _ in range(rounds):
        for name, run in (
            ("ours", ours.run),
            ("one", lambda: peer.run(1)),
            ("two", lambda: peer.run(2)),
        ):
            time.sleep(SETTLE)
            times[name].append(run() / case.iterations)
    best = {name: min(found) for name, found in times.items()}
    ratio = min(best["one"], best["two"]) / best["ours"]
    a, b = log_likelihood(rows, ours.result()), log_likelihood(rows, peer.result())
    apart = abs(a - b) / abs(b)
    is_reached = ratio >= case.goal and apart <= 1e-9
    print(
        f"{case.n:>9,} x {case.d:>2}, K={case.k:>2}  EMDesk {1e3 * best['ours']:8.2f} ms"
        f"  scikit-learn {1e3 * best['one']:8.2f} / {1e3 * best['two']:8.2f} ms (1 / 2 threads)"
        f"  ratio {ratio:5.1f} (goal {case.goal:g})  log-likelihoods differ by {apart:.1e}"
        f"  {'reached' if is_reached else 'NOT REACHED'}",
        flush=True,
    )
    return is_reached


def profile(case: Case) -> None:
    """Print where our time goes, on one thread."""
    import cProfile
    import pstats

    rows, start = simulated(case)
    ours = Ours(rows, start, case.iterations)
    profiler = cProfile.Profile()
    with Sweeper(1) as sweeper:
        profiler.enable()
        for step in iterate(ours.family, ours.data, ours.start, RunControl(), sweeper):
            if step.index == case.iterations:
                break
        profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(12)


def main() -> int:
    """Exit status 1 if a goal is missed."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--quick", action="store_true", help="a tenth of the rows, two rounds")
    words.add_argument("--profile", action="store_true", help="where our time goes instead")
    given = words.parse_args()
    cases: tuple[Case, ...] = CASES
    if given.quick:
        cases = tuple(replace(case, n=case.n // 10, iterations=5) for case in CASES)
    if given.profile:
        for case in cases:
            profile(case)
        return 0
    if hasattr(os, "getloadavg"):
        print(f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f} before the run")
    rounds = 2 if given.quick else 5
    reached = [measure(case, rounds) for case in cases]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
