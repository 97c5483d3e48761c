"""Published results, reached through the command line on the data as they are shipped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from emdesk.resources import resource
from tests.reference.commands import fitted, sample, write_table

DEATHS = (162, 267, 271, 185, 111, 61, 27, 8, 3, 1)
"""Days on which The Times reported 0, 1, ... 9 deaths of women of 80 and over (Hasselblad 1969)."""

Capsys = pytest.CaptureFixture[str]


def test_waiting_times_of_old_faithful_have_two_normal_components(capsys: Capsys) -> None:
    """Benaglia, Chauveau, Hunter and Young (2009), J. Stat. Software 32(6)."""
    made = fitted(
        capsys, sample("faithful"), "--columns", "waiting", "--set", "components=2",
        "--set", "covariance=V", "--tolerance", "1e-12",
    )  # fmt: skip
    assert made["log_likelihood"] == pytest.approx(-1034.0017, abs=5e-5)
    assert made["params"]["weights"] == pytest.approx([0.63911, 0.36089], abs=1e-5)
    assert np.ravel(made["params"]["means"]) == pytest.approx([80.0911, 54.6149], abs=1e-4)
    deviations = np.sqrt(np.ravel(made["params"]["covariances"]))
    assert deviations == pytest.approx([5.8677, 5.8712], abs=1e-4)
    assert made["converged"] and made["stop"] == "converged"


@pytest.mark.parametrize(
    ("components", "covariance", "expected"), [(2, "VVV", -1130.2640), (3, "EEE", -1126.3159)]
)
def test_old_faithful_in_two_columns(
    capsys: Capsys, components: int, covariance: str, expected: float
) -> None:
    """Scrucca, Fop, Murphy and Raftery (2016), R Journal 8, 289-317; run to the maximum."""
    made = fitted(
        capsys, sample("faithful"), "--set", f"components={components}",
        "--set", f"covariance={covariance}", "--tolerance", "1e-11", "--starts", "20",
    )  # fmt: skip
    assert made["columns"] == ["eruptions", "waiting"]
    assert made["log_likelihood"] == pytest.approx(expected, abs=1e-4)


def test_galaxies_have_three_components_of_varying_width(capsys: Capsys) -> None:
    """Fraley and Raftery's mclust on Postman, Huchra and Geller's velocities, with row 78 as it is shipped."""
    words = ("--set", "components=3", "--set", "covariance=V", "--tolerance", "1e-11")
    made = fitted(capsys, sample("galaxies"), *words, "--starts", "40", "--seed", "1")
    assert made["log_likelihood"] == pytest.approx(-769.6151, abs=1e-4)


def test_galaxies_in_thousands_differ_by_the_known_constant(capsys: Capsys, tmp_path: Path) -> None:
    text = resource("samples/galaxies.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [(float(line) / 1000,) for line in text]
    path = write_table(tmp_path / "thousands.csv", "velocity", rows)
    words = ("--set", "components=3", "--set", "covariance=V", "--tolerance", "1e-11")
    made = fitted(capsys, path, *words, "--starts", "40", "--seed", "1")
    assert made["log_likelihood"] == pytest.approx(-203.1792, abs=1e-4)


@pytest.mark.parametrize(
    ("components", "log_likelihood", "bic"), [(2, -214.3547, 574.018), (3, -180.19, 580.84)]
)
def test_iris_in_four_columns(
    capsys: Capsys, components: int, log_likelihood: float, bic: float
) -> None:
    """mclust's published criteria, with the sign changed: here a smaller BIC is better."""
    made = fitted(
        capsys, sample("iris"), "--set", f"components={components}", "--set", "covariance=VVV",
        "--tolerance", "1e-11", "--starts", "30",
    )  # fmt: skip
    digits = 5e-5 if components == 2 else 6e-3
    assert made["log_likelihood"] == pytest.approx(log_likelihood, abs=digits)
    assert made["bic"] == pytest.approx(bic, abs=6e-3)
    assert made["free_parameters"] == components * 15 - 1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sixty_random_starts_on_iris_never_crown_a_spurious_optimum(
    capsys: Capsys, seed: int
) -> None:
    """The highest likelihoods of iris belong to components of a few equal rows."""
    made = fitted(
        capsys, sample("iris"), "--set", "components=3", "--set", "covariance=VVV",
        "--set", "start=random-rows", "--starts", "60", "--set", "finish=60",
        "--seed", str(seed), "--tolerance", "1e-10",
    )  # fmt: skip
    assert made["log_likelihood"] == pytest.approx(-180.19, abs=6e-3)
    assert min(np.linalg.eigvalsh(made["params"]["covariances"]).ravel()) > 1e-3


def test_starts_that_collapse_on_iris_are_reported(capsys: Capsys) -> None:
    reported = []
    for method in ("random-rows", "random-partition", "kmeans++"):
        made = fitted(
            capsys, sample("iris"), "--set", "components=3", "--set", "covariance=VVV",
            "--set", f"start={method}", "--starts", "60", "--set", "finish=60",
        )  # fmt: skip
        reported += [w for w in made["warnings"] if "set aside" in w and "start" in w]
        assert made["log_likelihood"] < -180
    assert reported


def _deaths(tmp_path: Path) -> list[str]:
    rows = [(float(count), float(days)) for count, days in enumerate(DEATHS)]
    table = write_table(tmp_path / "deaths.csv", "deaths,days", rows)
    start = tmp_path / "start.json"
    start.write_text(json.dumps({"weights": [0.3, 0.7], "rates": [[1.0], [2.5]]}))
    return [table, "--law", "poisson", "--role", "weight=days", "--start", str(start)]


def test_deaths_in_the_times_are_two_poisson_laws_with_a_frequency_column(
    capsys: Capsys, tmp_path: Path
) -> None:
    """Hasselblad (1969); Titterington, Smith and Makov (1985), table 4.3.1."""
    words = [*_deaths(tmp_path), "--tolerance", "0", "--max-iterations", "6000"]
    made = fitted(capsys, *words)
    assert made["columns"] == ["deaths"]
    assert made["log_likelihood"] == pytest.approx(-1989.94586, abs=5e-6)
    assert made["params"]["weights"] == pytest.approx([0.35989, 0.64011], abs=2e-5)
    assert np.ravel(made["params"]["rates"]) == pytest.approx([1.25610, 2.66340], abs=2e-5)
    assert made["bic"] == pytest.approx(2 * 1989.94586 + 3 * np.log(sum(DEATHS)), abs=1e-4)


def test_plain_em_on_the_deaths_takes_the_published_number_of_sweeps(
    capsys: Capsys, tmp_path: Path
) -> None:
    """1288 sweeps from (0.3, 1, 2.5) to within a millionth of the maximum."""
    words = [*_deaths(tmp_path), "--tolerance", "0"]
    fitted(capsys, *words, "--max-iterations", "6000", "--export", str(tmp_path))
    lines = (tmp_path / "trace.csv").read_text(encoding="utf-8").splitlines()[1:]
    objectives = np.array([float(line.split(",")[1]) for line in lines])
    sweeps = int(np.argmax(objectives > objectives[-1] - 1e-6))
    assert sweeps == pytest.approx(1288, abs=2)
