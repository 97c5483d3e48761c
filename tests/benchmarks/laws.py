"""Milliseconds per iteration of the laws on 100,000 rows, beside StepMix and R's packages where they are installed.

    python tests/benchmarks/laws.py [--rows N] [--structures]

The time of an iteration is the difference between a long and a short run, divided by the iterations between them, so
that reading, checking and starting cost nothing; runs take turns and the fastest counts. StepMix is a Python package,
mclust, flexmix and mixtools are packages of R, which is called as `Rscript`. mclust's VVE stops its inner loop early
(by up to 35 log-likelihood units on textbook data), so its time there is that of a smaller job.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from emdesk.app.catalogue import catalogue
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.session import FitSession
from emdesk.em.control import RunControl
from emdesk.em.engine import iterate
from emdesk.em.reduce import Sweeper
from emdesk.model.dataset import from_arrays
from emdesk.model.family import ByMethod
from emdesk.model.needs import Role
from emdesk.model.numerics.covariance import STRUCTURES
from tests.benchmarks.timing import machine, print_table

F64 = NDArray[np.float64]
GROUPS, SHORT, LONG, ROUNDS = 3, 2, 12, 3

R_FUNCTIONS = """
suppressWarnings(suppressMessages({
ok <- function(p) requireNamespace(p, quietly = TRUE)
per <- function(f) { f(%(short)d); best <- Inf
  for (i in 1:%(rounds)d) {
    a <- system.time(f(%(short)d))[["elapsed"]]; b <- system.time(f(%(long)d))[["elapsed"]]
    best <- min(best, (b - a) / (%(long)d - %(short)d)) }
  1000 * best }
say <- function(name, peer, f) cat(sprintf("%%s\\t%%s\\t%%.6f\\n", name, peer, per(f)))
x <- as.matrix(read.csv("%(rows)s")); y <- read.csv("%(pair)s"); counts <- read.csv("%(counts)s")[, 1]
z0 <- matrix(0, nrow(x), %(groups)d); z0[cbind(seq_len(nrow(x)), rep_len(1:%(groups)d, nrow(x)))] <- 1
if (ok("mclust")) { library(mclust)
  for (m in c("VVV", "EEE", "VVI")) say(paste("gaussian", m), "mclust", function(n)
    me(data = x, modelName = m, z = z0, control = emControl(itmax = n, tol = 0))) }
if (ok("flexmix")) { library(flexmix)
  say("gaussian-regression", "flexmix", function(n) flexmix(y ~ x, data = y, k = %(groups)d,
    control = list(iter.max = n, tolerance = 0, minprior = 0)))
  say("poisson", "flexmix", function(n) flexmix(v ~ 1, data = data.frame(v = counts), k = %(groups)d,
    model = FLXMRglm(family = "poisson"), control = list(iter.max = n, tolerance = 0, minprior = 0))) }
if (ok("mixtools")) { library(mixtools)
  places <- unname(quantile(x[, 1], (1:%(groups)d - .5) / %(groups)d))
  say("gaussian, one column", "mixtools", function(n) capture.output(suppressWarnings(normalmixEM(x[, 1],
    lambda = rep(1 / %(groups)d, %(groups)d), mu = places, sigma = rep(sd(x[, 1]), %(groups)d),
    maxit = n, epsilon = -1)))) }
}))
"""


def numbers(rows: int) -> dict[str, F64]:
    """Columns of each kind in three overlapping groups."""
    rng = np.random.default_rng(5)
    codes = rng.integers(GROUPS, size=rows)
    smooth = rng.normal(0, 3, (GROUPS, 2))[codes] + rng.standard_normal((rows, 2))
    place = rng.uniform(0, 10, rows)
    line = np.array([0.0, 20.0, 5.0])[codes] + np.array([2.0, -1.0, 0.5])[codes] * place
    chances = rng.uniform(0.1, 0.9, (GROUPS, 7))
    return {
        "a": smooth[:, 0],
        "b": smooth[:, 1],
        "x": place,
        "y": line + rng.standard_normal(rows),
        "count": rng.poisson(np.array([2.0, 8.0, 20.0])[codes]).astype(float),
        "positive": rng.gamma(np.array([2.0, 5.0, 9.0])[codes], 2.0),
        "share": rng.beta(np.array([2.0, 5.0, 9.0])[codes], 4.0),
    } | {f"q{j}": (rng.random(rows) < chances[codes, j]).astype(float) for j in range(7)}


ITEMS = tuple(f"q{j}" for j in range(7))
MODELS: tuple[tuple[str, str, tuple[str, ...], dict[str, Any]], ...] = (
    ("gaussian VVV", "gaussian", ("a", "b"), {}),
    ("gaussian EEE", "gaussian", ("a", "b"), {"covariance": "EEE"}),
    ("gaussian VVI", "gaussian", ("a", "b"), {"covariance": "VVI"}),
    ("gaussian, one column", "gaussian", ("a",), {}),
    ("student-t", "student-t", ("a", "b"), {}),
    ("skew-normal", "skew-normal", ("a", "b"), {}),
    ("poisson", "poisson", ("count",), {}),
    ("negative-binomial", "negative-binomial", ("count",), {}),
    ("geometric", "geometric", ("count",), {}),
    ("zero-inflated-poisson", "zero-inflated-poisson", ("count",), {}),
    ("gamma", "gamma", ("positive",), {}),
    ("log-normal", "log-normal", ("positive",), {}),
    ("weibull", "weibull", ("positive",), {}),
    ("inverse-gaussian", "inverse-gaussian", ("positive",), {}),
    ("exponential", "exponential", ("positive",), {}),
    ("beta", "beta", ("share",), {}),
    ("bernoulli", "bernoulli", ITEMS, {}),
    ("categorical", "categorical", ITEMS, {}),
    ("ordinal", "ordinal", ITEMS, {}),
    ("gaussian-regression", "gaussian-regression", ("y",), {}),
)


def ours(
    columns: dict[str, F64], law: str, used: tuple[str, ...], settings: dict[str, Any]
) -> float:
    """Seconds per iteration."""
    roles = {Role.PREDICTORS: ("x",)} if law.endswith("regression") else {}
    spec: ModelSpec = replace(new_spec(catalogue(), "mixture", law), columns=used, roles=roles)
    for name, value in {"components": GROUPS, **settings}.items():
        spec = spec.with_setting(name, value)
    session = FitSession(from_arrays("rows", list(columns.items())), spec, catalogue())
    session.prepare()
    start = session.family.start(session.data, ByMethod("kmeans++"), np.random.default_rng(0))
    best = np.inf
    for _ in range(ROUNDS):
        with Sweeper() as sweeper:
            run = iterate(session.family, session.data, start, RunControl(), sweeper)
            for _ in range(SHORT):
                next(run)
            begun = time.perf_counter()
            for _ in range(LONG - SHORT):
                next(run)
            best = min(best, (time.perf_counter() - begun) / (LONG - SHORT))
    return float(best)


def stepmix(columns: dict[str, F64]) -> dict[str, tuple[str, float]]:
    """Seconds per iteration of the models that StepMix has."""
    try:
        from stepmix.stepmix import StepMix
    except ImportError:
        return {}

    wanted = {
        "gaussian VVV": ("gaussian_full", ("a", "b")),
        "gaussian VVI": ("gaussian_diag", ("a", "b")),
        "bernoulli": ("binary", ITEMS),
        "categorical": ("categorical", ITEMS),
    }
    made = {}
    for name, (measurement, used) in wanted.items():
        rows = np.stack([columns[c] for c in used], axis=1)
        rows = rows.astype(int) if measurement in ("binary", "categorical") else rows

        def run(iterations: int, measurement: str = measurement, rows: Any = rows) -> None:
            model = StepMix(
                GROUPS, measurement=measurement, n_init=1, max_iter=iterations, abs_tol=0,
                rel_tol=0, random_state=0, progress_bar=0, verbose=0,
            )  # fmt: skip
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.fit(rows)

        made[name] = ("stepmix", _between(run))
    return made


def _between(run: Callable[[int], None]) -> float:
    best = np.inf
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        run(SHORT)
        middle = time.perf_counter()
        run(LONG)
        best = min(best, (time.perf_counter() - 2 * middle + begun) / (LONG - SHORT))
    return float(best)


def packages_of_r(columns: dict[str, F64]) -> dict[str, tuple[str, float]]:
    """Seconds per iteration of the models of R's packages, none without R."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        files = {"rows": ("a", "b"), "pair": ("x", "y"), "counts": ("count",)}
        paths = {}
        for key, used in files.items():
            paths[key] = str(Path(folder, f"{key}.csv"))
            table = np.stack([columns[c] for c in used], axis=1)
            np.savetxt(paths[key], table, delimiter=",", header=",".join(used), comments="")
        sizes = {"short": SHORT, "long": LONG, "rounds": ROUNDS, "groups": GROUPS}
        script = Path(folder, "run.R")
        script.write_text(R_FUNCTIONS % {**paths, **sizes}, encoding="utf-8")
        answer = subprocess.run(
            ["Rscript", str(script)], capture_output=True, text=True, check=False
        )
    made = {}
    for line in answer.stdout.splitlines():
        parts = line.split("\t")
        if len(parts) == 3:
            made[parts[0]] = (parts[1], float(parts[2]) / 1000)
    return made


def structures(columns: dict[str, F64]) -> list[list[str]]:
    """Every covariance structure in five columns, beside VVV."""
    rng = np.random.default_rng(2)
    size = len(columns["a"])
    codes = rng.integers(GROUPS, size=size)
    wide = rng.normal(0, 2, (GROUPS, 5))[codes] + rng.standard_normal((size, 5))
    five = {f"c{j}": wide[:, j].copy() for j in range(5)}
    times = {w: ours(five, "gaussian", tuple(five), {"covariance": w}) for w in STRUCTURES}
    return [[w, f"{1e3 * t:.2f}", f"{t / times['VVV']:.2f}"] for w, t in times.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--structures", action="store_true", help="only the covariance structures")
    given = parser.parse_args()
    columns = numbers(given.rows)
    print(machine())
    if not given.structures:
        peers: dict[str, list[tuple[str, float]]] = {}
        for found in (stepmix(columns), packages_of_r(columns)):
            for name, answer in found.items():
                peers.setdefault(name, []).append(answer)
        rows = []
        for name, law, used, settings in MODELS:
            own = ours(columns, law, used, settings)
            told = [f"{p} {1e3 * t:.1f} ms, {t / own:.1f} x" for p, t in peers.get(name, [])]
            rows.append([name, f"{1e3 * own:.2f}", "; ".join(told)])
        print_table(["model, 3 groups", "EMDesk ms", "peers"], rows)
    print_table(["structure, 5 columns", "EMDesk ms", "of VVV"], structures(columns))


if __name__ == "__main__":
    main()
