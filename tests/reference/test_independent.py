"""The same numbers by other means: densities of scipy, iterations of scikit-learn."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logsumexp

from emdesk.resources import resource
from tests.reference.commands import fitted, sample, write_table

F64 = NDArray[np.float64]
Capsys = pytest.CaptureFixture[str]


def _iris() -> F64:
    lines = resource("samples/iris.csv").read_text(encoding="utf-8").splitlines()[1:]
    return np.array([[float(cell) for cell in line.split(",")[:4]] for line in lines])


def _gaussian_log_likelihood(rows: F64, params: dict[str, Any]) -> float:
    logs = [
        np.log(weight) + stats.multivariate_normal(mean, covariance).logpdf(rows)
        for weight, mean, covariance in zip(
            params["weights"], params["means"], params["covariances"], strict=True
        )
    ]
    return float(logsumexp(logs, axis=0).sum())


@pytest.mark.parametrize("covariance", ["EII", "VII", "EEI", "VVI", "EEE", "VVV"])
def test_the_log_likelihood_is_that_of_the_reported_parameters(
    capsys: Capsys, covariance: str
) -> None:
    words = ("--set", f"covariance={covariance}", "--set", "components=3", "--starts", "3")
    made = fitted(capsys, sample("iris"), *words)
    expected = _gaussian_log_likelihood(_iris(), made["params"])
    assert made["log_likelihood"] == pytest.approx(expected, rel=1e-10)


def test_the_log_likelihood_of_one_column_is_that_of_normal_densities(capsys: Capsys) -> None:
    made = fitted(capsys, sample("galaxies"), "--set", "components=3", "--starts", "3")
    text = resource("samples/galaxies.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = np.array([float(line) for line in text])
    params = made["params"]
    logs = [
        np.log(weight) + stats.norm(mean[0], np.sqrt(variance[0][0])).logpdf(rows)
        for weight, mean, variance in zip(
            params["weights"], params["means"], params["covariances"], strict=True
        )
    ]
    assert made["log_likelihood"] == pytest.approx(float(logsumexp(logs, axis=0).sum()), rel=1e-10)


def test_the_log_likelihood_of_counts_holds_the_factorials(capsys: Capsys, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    counts = np.concatenate([rng.poisson((2, 9), (60, 2)), rng.poisson((8, 3), (40, 2))])
    table = write_table(tmp_path / "counts.csv", "a,b", [tuple(map(float, r)) for r in counts])
    made = fitted(capsys, table, "--law", "poisson", "--set", "components=2")
    logs = [
        np.log(weight) + stats.poisson(rates).logpmf(counts).sum(axis=1)
        for weight, rates in zip(made["params"]["weights"], made["params"]["rates"], strict=True)
    ]
    assert made["log_likelihood"] == pytest.approx(float(logsumexp(logs, axis=0).sum()), rel=1e-11)


def _start() -> dict[str, F64]:
    """Three flowers as means, and the covariance of all flowers for each group."""
    rows = _iris()
    shared = np.cov(rows.T, bias=True) / 4
    return {
        "weights": np.array([0.5, 0.3, 0.2]),
        "means": rows[[0, 60, 120]],
        "covariances": np.stack([shared] * 3),
    }


def _structured(word: str, full: F64) -> F64:
    """The start's covariances inside the structure, so that both programs begin at the same point."""
    if word in ("VVV", "EEE"):
        return full
    variances = np.diagonal(full, axis1=1, axis2=2)
    if word == "VVI":
        return np.stack([np.diag(v) for v in variances])
    return np.stack([np.eye(4) * v.mean() for v in variances])


def _peer_log_likelihood(word: str, start: dict[str, F64], iterations: int) -> float:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    inverse = np.linalg.inv(start["covariances"])
    precisions = {
        "VVV": inverse,
        "EEE": inverse[0],
        "VVI": np.diagonal(inverse, axis1=1, axis2=2),
        "VII": inverse[:, 0, 0],
    }[word]
    kind = {"VVV": "full", "EEE": "tied", "VVI": "diag", "VII": "spherical"}[word]
    peer = GaussianMixture(
        3, covariance_type=kind, tol=0, reg_covar=0, max_iter=iterations, init_params="random",
        random_state=0, weights_init=start["weights"], means_init=start["means"],
        precisions_init=precisions,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        peer.fit(_iris())
    return float(peer.score_samples(_iris()).sum())


@pytest.mark.parametrize("word", ["VVV", "EEE", "VVI", "VII"])
def test_ten_iterations_from_the_same_start_are_those_of_scikit_learn(
    capsys: Capsys, tmp_path: Path, word: str
) -> None:
    start = _start() | {"covariances": _structured(word, _start()["covariances"])}
    path = tmp_path / "start.json"
    path.write_text(json.dumps({name: value.tolist() for name, value in start.items()}))
    made = fitted(
        capsys, sample("iris"), "--set", f"covariance={word}", "--start", str(path),
        "--tolerance", "0", "--max-iterations", "10",
    )  # fmt: skip
    expected = _peer_log_likelihood(word, start, 10)
    assert made["iterations"] == 10 and not made["converged"]
    assert made["log_likelihood"] == pytest.approx(expected, rel=1e-9)


def test_hard_equal_spheres_with_equal_weights_are_k_means(capsys: Capsys, tmp_path: Path) -> None:
    from sklearn.cluster import KMeans

    made = fitted(
        capsys, sample("iris"), "--set", "components=3", "--set", "covariance=EII",
        "--set", "assignment=hard", "--set", "weights=equal", "--starts", "20",
    )  # fmt: skip
    peer = KMeans(3, n_init=20, random_state=0, tol=0).fit(_iris())
    ours = np.array(sorted(made["params"]["means"]))
    theirs = np.array(sorted(peer.cluster_centers_.tolist()))
    assert ours == pytest.approx(theirs, abs=1e-9)
