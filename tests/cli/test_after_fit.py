"""`fit --merge`, `fit --role group=`, and `simulate`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Call


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_components_are_merged_as_the_entropy_suggests(
    call: Call, groups: Path, tmp_path: Path
) -> None:
    words = ("--columns", "x", "--set", "components=4", "--starts", "3")
    folder = tmp_path / "merged"
    made = call("fit", groups, *words, "--merge", "--export", folder, "--json").made["merging"]
    assert [step["clusters"] for step in made["steps"]] == [4, 3, 2, 1]
    assert made["steps"][0]["merged"] is None and len(made["steps"][1]["merged"]) == 2
    assert made["clusters"] == made["suggested"]
    labels = {row["label"] for row in rows_of(folder / "merged.csv")}
    assert labels <= {str(k + 1) for k in range(made["clusters"])}


def test_a_number_of_clusters_can_be_asked_for(call: Call, groups: Path) -> None:
    words = ("--columns", "x", "--set", "components=3", "--starts", "3")
    made = call("fit", groups, *words, "--clusters", "2", "--json").made["merging"]
    assert made["clusters"] == 2 and sorted(k for own in made["groups"] for k in own) == [1, 2, 3]
    answer = call("fit", groups, *words, "--clusters", "7")
    assert answer.status == 0 and "Give a number from 1 to 3" in answer.err
    assert call("fit", groups, *words, "--clusters", "some").status == 2


def test_each_value_of_a_column_is_fitted_alone(call: Call, groups: Path, tmp_path: Path) -> None:
    words = ("--columns", "x", "--set", "components=1", "--role", "group=kind")
    folder = tmp_path / "by_kind"
    made = call("fit", groups, *words, "--export", folder, "--json").made
    assert list(made["groups"]) == ["a", "b"] and made["group"] == "kind" and made["sound"]
    parts = list(made["groups"].values())
    assert [part["rows_used"] for part in parts] == [40, 80]
    for name in ("log_likelihood", "bic", "free_parameters"):
        assert made[name] == pytest.approx(sum(part[name] for part in parts))
    values = np.array([float(row["x"]) for row in rows_of(groups) if row["kind"] == "a"])
    mean = parts[0]["params"]["means"][0][0]
    assert mean == pytest.approx(values.mean())
    assert json.loads((folder / "groups.json").read_text("utf-8")) == made
    assert len(rows_of(folder / "a" / "labels.csv")) == 40


def test_a_group_without_a_fit_says_why_and_the_others_are_fitted(
    call: Call, tmp_path: Path
) -> None:
    path = tmp_path / "few.csv"
    lines = ["x,site", *(f"{i % 7}.{i},north" for i in range(40)), "1,south", ",south"]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    answer = call("fit", path, "--role", "group=site", "--set", "components=2", "--json")
    assert answer.status == 3
    assert "problem" in answer.made["groups"]["south"]
    assert answer.made["log_likelihood"] == answer.made["groups"]["north"]["log_likelihood"]


def test_rows_are_drawn_from_a_result_with_their_component(
    call: Call, groups: Path, tmp_path: Path
) -> None:
    folder, target = tmp_path / "fit", tmp_path / "drawn.csv"
    words = ("--columns", "x", "--starts", "3", "--set", "components=2", "--export", folder)
    params = call("fit", groups, *words, "--json").made["params"]
    answer = call("simulate", folder, "--rows", "4000", "--seed", "5", "--export", target, "--json")
    assert answer.status == 0 and answer.made["rows"] == 4000
    drawn = rows_of(target)
    component = np.array([int(row["component"]) for row in drawn])
    x = np.array([float(row["x"]) for row in drawn])
    for k in range(2):
        assert np.mean(component == k + 1) == pytest.approx(params["weights"][k], abs=0.03)
        assert x[component == k + 1].mean() == pytest.approx(params["means"][k][0], abs=0.15)
    again = tmp_path / "again.csv"
    call("simulate", folder, "--rows", "4000", "--seed", "5", "--export", again)
    assert again.read_bytes() == target.read_bytes()


def test_categories_are_drawn_in_their_words(call: Call, groups: Path, tmp_path: Path) -> None:
    folder, target = tmp_path / "fit", tmp_path / "drawn.csv"
    words = ("--law", "categorical", "--columns", "kind,code", "--set", "components=2")
    assert call("fit", groups, *words, "--starts", "2", "--export", folder).status in (0, 3)
    assert call("simulate", folder, "--rows", "50", "--export", target).status == 0
    assert {row["kind"] for row in rows_of(target)} <= {"a", "b"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "no file is named"),
        (("--export", "x.csv", "--rows", "0"), "“0” is no such number"),
        (("--export", "nowhere/x.csv"), "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_drawn_ends_in_one_sentence(
    call: Call, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    answer = call("simulate", tmp_path / "result", *words)
    assert answer.status == 2 and told in answer.err


def test_a_fit_with_noise_says_how_many_rows_it_takes(
    call: Call, groups: Path, tmp_path: Path
) -> None:
    words = ("--columns", "x", "--set", "noise=uniform", "--starts", "2")
    answer = call("fit", groups, *words, "--export", tmp_path / "fit")
    table = {words[0]: words for words in map(str.split, answer.out.splitlines()) if words}
    assert answer.status == 0 and table["group"] == ["group", "1", "2", "Noise"]
    assert sum(map(float, table["Rows"][1:])) == pytest.approx(120, abs=0.2)
    predicted = call("predict", tmp_path / "fit", groups)
    assert predicted.status == 0 and "Noise" in predicted.out
    made = call("predict", tmp_path / "fit", groups, "--json").made
    assert len(made["groups"]) == 2 and sum(made["groups"]) + made["noise"] == 120
    by_kind = call("fit", groups, *words, "--role", "group=kind", "--json")
    assert set(by_kind.made["groups"]) == {"a", "b"}


def test_components_have_the_same_number_in_every_group(call: Call, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    lines = ["x,site"]
    for row in range(120):
        large = rng.random() < (0.3 if row % 2 else 0.7)
        lines.append(f"{rng.normal(9 if large else 2, 0.6):.3f},{('north', 'south')[row % 2]}")
    path = tmp_path / "sites.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    folder = tmp_path / "out"
    words = ("--set", "components=2", "--starts", "3", "--export", folder, "--json")
    made = call("fit", path, "--role", "group=site", *words).made
    means = [np.array(one["params"]["means"])[:, 0] for one in made["groups"].values()]
    assert means[0] == pytest.approx(means[1], abs=0.6)
    table = rows_of(folder / "groups.csv")
    assert [row["site"] for row in table] == ["north", "south"]
    long = rows_of(folder / "group_parameters.csv")
    assert {row["site"] for row in long} == {"north", "south"}


def test_models_are_not_compared_in_each_group(call: Call, groups: Path) -> None:
    answer = call("compare", groups, "--columns", "x", "--role", "group=kind")
    assert answer.status == 2 and "group=kind" in answer.err and "all rows" in answer.err
