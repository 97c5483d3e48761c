"""`proof`: published results by name, as a list and as text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emdesk.app.proofs import entries as listing
from tests.cli.conftest import Call

KEYS = {"id", "published", "obtained", "tolerance", "verdict", "source", "seconds"}


def test_results_are_listed_with_what_was_published_and_obtained(call: Call) -> None:
    answer = call("proof", "G4", "--json")
    made = json.loads(answer.out)
    assert answer.status == 0
    assert [one["id"] for one in made] == ["G4", "G4b"]
    assert all(one.keys() >= KEYS for one in made)
    assert made[0]["published"] == -1130.2640
    assert made[0]["obtained"] == pytest.approx(-1130.2640, abs=made[0]["tolerance"])
    assert {one["verdict"] for one in made} == {"reached"}


def test_the_text_has_a_line_for_each_result_and_a_summary(call: Call) -> None:
    lines = call("proof", "g4", "G6").out.splitlines()
    assert lines[0].startswith("G4") and "Reached" in lines[0]
    assert "acidity.csv, which is not bundled" in lines[2]
    assert lines[-1] == "2 reached, 0 better, 0 missed, 1 not run"


def test_a_missed_result_ends_with_status_3(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    one = next(e for e in listing.entries() if e.id == "G4")
    check = replace(one.checks[0], published=("-1000.0",))
    monkeypatch.setattr(listing, "entries", lambda: (replace(one, checks=(check,)),))
    answer = call("proof", "G4")
    assert answer.status == 3 and "G4" in answer.err and "Missed" in answer.out


def test_an_unknown_result_and_an_absent_folder_are_said(call: Call, tmp_path: Path) -> None:
    unknown = call("proof", "G99")
    assert unknown.status == 2 and "The results are G3, G4" in unknown.err
    absent = call("proof", "--data", tmp_path / "nowhere")
    assert absent.status == 2 and "nowhere" in absent.err
