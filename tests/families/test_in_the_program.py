"""The families go through the same program: files written, parameters read back, help pages."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emdesk.app.catalogue import help_of
from emdesk.app.describe import catalogue_object
from emdesk.app.exporting import export, file_names, read_parameters
from emdesk.app.model_spec import changed_model
from emdesk.app.result_object import result_object
from emdesk.cli.summary import summary_lines
from emdesk.em.fit_settings import FitSettings
from emdesk.errors import SettingProblem
from emdesk.io.writers.json_object import to_json
from emdesk.model.dataset import Dataset
from emdesk.model.family import Family
from emdesk.model.fields import fields_of
from emdesk.model.law import Law
from tests.catalogues import Case, case, cases, everything, fitted

SOME = [c for c in cases() if c.name.endswith(("-2d", "1d-sequence-time", "1d-weight", "EM"))]
some_cases = pytest.mark.parametrize("chosen", SOME, ids=str)


@some_cases
def test_a_result_is_written_and_its_parameters_start_the_same_fit(
    chosen: Case, tmp_path: Path
) -> None:
    result = fitted(chosen.name)
    paths = export(result, tmp_path)
    assert tuple(p.name for p in paths) == file_names(result)
    saved = read_parameters(tmp_path / "parameters.json")
    again = chosen.from_params(saved.params).set(max_iterations=0).fit()
    assert again.objective == pytest.approx(result.objective, rel=1e-9)
    made = json.loads((tmp_path / "parameters.json").read_text(encoding="utf-8"))
    assert made["family"] == chosen.spec.family and made["law"] == chosen.spec.law
    with (tmp_path / "parameters.csv").open(encoding="utf-8", newline="") as file:
        numbers = sum(np.size(v) for v in made["params"].values())
        assert sum(1 for _ in csv.reader(file)) == 1 + numbers


def test_labels_of_series_are_written_in_the_order_of_the_file(tmp_path: Path) -> None:
    chosen = case("hidden-markov-gaussian-2d-sequence-time")
    order = np.random.default_rng(3).permutation(chosen.dataset.rows)
    mixed: Dataset = replace(
        chosen.dataset,
        columns=tuple(replace(c, values=c.values[order]) for c in chosen.dataset.columns),
    )
    straight, shuffled = chosen.from_labels().fit(), chosen.from_labels().over(mixed).fit()
    labels = []
    for name, result in (("one", straight), ("two", shuffled)):
        export(result, tmp_path / name)
        with (tmp_path / name / "labels.csv").open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        assert [float(row["a"]) for row in table] == result.dataset.column("a").values.tolist()
        labels.append(np.array([row["label"] for row in table]))
    assert np.array_equal(labels[0][order], labels[1])


@some_cases
def test_a_result_can_be_told_in_words(chosen: Case) -> None:
    result = fitted(chosen.name)
    text = "\n".join(summary_lines(result, result_object(result)))
    assert result.stop_sentence.rstrip(".") in text
    assert "nan" not in text.lower().split()


def test_the_catalogue_tells_of_every_family_and_law() -> None:
    made = json.loads(to_json(catalogue_object(everything())))
    assert {f["id"] for f in made["families"]} == {f.id for f in everything().families}
    entries: list[Law | Family] = [*everything().families, *everything().laws]
    for entry in entries:
        page = help_of(entry)
        assert "When to use it" in page and "When not" in page and "Source" in page


@pytest.mark.parametrize("family", everything().families, ids=lambda f: f.id)
def test_the_start_methods_of_a_family_are_choices_of_the_start(family: Family) -> None:
    choices = {
        c.value for f in fields_of(FitSettings) if f.name == "start" for c in f.field.choices
    }
    assert set(family.start_methods()) <= choices


def test_a_start_that_a_family_does_not_offer_is_refused_with_those_it_does() -> None:
    with pytest.raises(SettingProblem, match="no start called uniform") as caught:
        case("mixture-gaussian-2d").set(start="uniform").fit()
    assert "random-rows" in caught.value.sentence


def test_another_family_keeps_a_start_that_it_offers_and_begins_its_own_way_otherwise() -> None:
    chosen = case("mixture-gaussian-2d").set(start="random-rows").spec
    markov = changed_model(chosen, everything(), "hidden-markov", "poisson")
    assert markov.fit.start == "random-rows" and markov.fit.starts == chosen.fit.starts
    image = changed_model(chosen, everything(), "emission", None)
    assert image.fit.start == "uniform"
    assert changed_model(image, everything(), "mixture", "gaussian").fit.start == "kmeans++"
