"""The published results: each is stated well, and those that are quick are reached here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from emdesk.app.catalogue import Catalogue, catalogue
from emdesk.app.proofs.entries import Check, Entry, chosen_entries, entries, proof_dataset
from emdesk.app.proofs.quantities import QUANTITIES
from emdesk.app.proofs.running import MAXIMA, Part, Verdict, prove, proved_object
from emdesk.app.proofs.wording import published_words, summary_sentence, tolerance_words
from emdesk.em.control import RunControl
from emdesk.errors import Cancelled, Problem, UsageProblem
from emdesk.resources import resources_root
from emdesk.texts import templates

QUICK = ("G3", "G4", "G5", "G5b", "G8", "G9", "G9b", "G10", "G11", "G19", "G20")
REFERENCES = [f"G{n}" for n in (*range(3, 13), 19, 20, 23)]


def entry(name: str) -> Entry:
    return next(e for e in entries() if e.id == name)


def test_every_reference_result_is_listed_once() -> None:
    assert list(dict.fromkeys(e.reference for e in entries())) == REFERENCES
    assert len({e.id for e in entries()}) == len(entries())


@pytest.mark.parametrize("name", [e.id for e in entries()])
def test_every_entry_is_well_formed(name: str) -> None:
    one = entry(name)
    assert one.source and one.model and one.checks
    for check in one.checks:
        assert check.quantity in {*QUANTITIES, "sweeps", MAXIMA}
        assert f"proof.quantity.{check.quantity}" in templates()
        assert check.numbers and published_words(Part(check))
    try:
        dataset = proof_dataset(one)
    except Problem as absent:
        assert "not bundled" in absent.what
    else:
        assert dataset.rows > 0


def test_no_neutral_start_is_given_its_answer() -> None:
    paths = {e.reference for e in entries() if e.start is not None}
    assert paths == {"G9", "G19"}


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_result_is_reached(name: str) -> None:
    made = next(prove([entry(name)], catalogue()))
    assert made.verdict is Verdict.REACHED, [(p.check, p.obtained) for p in made.parts]


def test_the_tolerance_is_half_a_unit_of_the_last_printed_digit() -> None:
    assert Check("log_likelihood", ("-1034.0017",)).tolerance == pytest.approx(0.00005)
    assert Check("sweeps", ("1288",)).tolerance == 0.5
    assert Check("sweeps", ("80",), at_most=True).tolerance == 0.0
    assert tolerance_words(Part(entry("G8b").checks[0])) == "0.005"


def changed(name: str, published: str) -> Entry:
    one = entry(name)
    return replace(one, checks=(replace(one.checks[0], published=(published,)),))


def test_a_higher_sound_optimum_is_better_and_not_missed() -> None:
    made = next(prove([changed("G4", "-1200.0")], catalogue()))
    assert made.verdict is Verdict.BETTER


def test_a_lower_one_is_missed() -> None:
    made = next(prove([changed("G4", "-1000.0")], catalogue()))
    assert made.verdict is Verdict.MISSED


def test_a_law_that_is_not_there_is_said_to_be_not_run() -> None:
    book = catalogue()
    fewer = Catalogue(tuple(x for x in book.laws if x.id != "poisson"), book.families)
    made = next(prove([entry("G9")], fewer))
    assert made.verdict is Verdict.NOT_RUN
    assert "poisson" in made.reason
    assert proved_object(made)["obtained"] is None


def test_a_setting_that_is_not_there_is_said_to_be_not_run() -> None:
    odd = replace(entry("G4"), settings={"covariance": "XYZ"})
    made = next(prove([odd], catalogue()))
    assert made.verdict is Verdict.NOT_RUN and "XYZ" in made.reason


@pytest.mark.parametrize("place", [".", "downloads"])
def test_data_that_are_not_bundled_are_taken_from_a_folder(tmp_path: Path, place: str) -> None:
    made = next(prove([entry("G6")], catalogue()))
    assert made.verdict is Verdict.NOT_RUN and "acidity.csv" in made.reason
    (tmp_path / place).mkdir(exist_ok=True)
    (tmp_path / place / "acidity.csv").write_text(
        "acidity\n" + "3.1\n4.2\n6.0\n6.1\n2.9\n" * 4, "utf-8"
    )
    given = next(prove([entry("G6")], catalogue(), folder=tmp_path))
    assert given.verdict is not Verdict.NOT_RUN


def test_a_given_file_without_its_column_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "acidity.csv").write_text("ph\n3.1\n4.2\n", "utf-8")
    made = next(prove([entry("G6")], catalogue(), folder=tmp_path))
    assert made.verdict is Verdict.NOT_RUN and "acidity" in made.reason


def test_corrections_of_the_data_are_made() -> None:
    plain, corrected = proof_dataset(entry("G5")), proof_dataset(entry("G5b"))
    assert plain.column("velocity").values[77] == pytest.approx(26.690)
    assert corrected.column("velocity").values[77] == pytest.approx(26.960)


def test_a_stopped_run_ends() -> None:
    control = RunControl()
    control.stop()
    with pytest.raises(Cancelled):
        next(prove([entry("G4")], catalogue(), control))


def test_a_name_chooses_its_variants_and_an_unknown_one_is_refused() -> None:
    assert [e.id for e in chosen_entries(["g4"])] == ["G4", "G4b"]
    assert [e.id for e in chosen_entries(["G4b"])] == ["G4b"]
    with pytest.raises(UsageProblem, match="G99"):
        chosen_entries(["G99"])


def test_the_summary_counts_the_verdicts() -> None:
    made = tuple(prove([entry("G4"), changed("G4", "-1.0")], catalogue()))
    assert summary_sentence(made) == "1 reached, 0 better, 1 missed, 0 not run"


def test_every_data_file_has_its_source() -> None:
    folder = resources_root() / "proof"
    told = (folder / "SOURCES.md").read_text("utf-8")
    for path in folder.glob("*.csv"):
        assert f"`{path.name}`" in told
