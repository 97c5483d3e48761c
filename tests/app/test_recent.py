"""The list of files opened lately."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from emdesk.app.recent import LIMIT, RecentFiles, day_in_words

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TODAY, "today"),
        (date(2026, 11, 19), "yesterday"),
        (date(2026, 3, 3), "3 Mar"),
        (date(2024, 12, 31), "31 Dec 2024"),
    ],
)
def test_a_day_is_told_in_words(day: date, words: str) -> None:
    assert day_in_words(day, TODAY) == words


def test_the_newest_file_stands_on_top_and_each_is_listed_once(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "recent.json")
    for name in ("a.csv", "b.csv", "a.csv"):
        recent.add(tmp_path / name, day=TODAY)
    assert [entry.path.name for entry in recent.entries] == ["a.csv", "b.csv"]


def test_the_list_is_there_again_in_the_next_run(tmp_path: Path) -> None:
    store = tmp_path / "folder" / "recent.json"
    first = RecentFiles(store)
    first.add(tmp_path / "größe.csv", "Gaussian mixture, VVV, 3", TODAY)
    first.set_model(tmp_path / "größe.csv", "Poisson mixture, 2")
    entry = RecentFiles(store).entries[0]
    assert (entry.path.name, entry.model, entry.day) == ("größe.csv", "Poisson mixture, 2", TODAY)


def test_the_list_is_short(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "recent.json")
    for number in range(LIMIT + 5):
        recent.add(tmp_path / f"{number}.csv")
    assert len(recent.entries) == LIMIT


def test_a_forgotten_file_is_gone_from_the_list_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    recent = RecentFiles(tmp_path / "recent.json")
    recent.add(path)
    assert recent.entries[0].is_there
    recent.forget(path)
    assert recent.entries == () and path.exists()


def test_a_file_that_went_away_is_known_to_be_away(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "recent.json")
    recent.add(tmp_path / "gone.csv")
    assert not recent.entries[0].is_there


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": [{"path": 3}]}', '{"files": 7}'])
def test_a_damaged_list_counts_as_empty(tmp_path: Path, text: str) -> None:
    store = tmp_path / "recent.json"
    store.write_text(text)
    assert RecentFiles(store).entries == ()


def test_a_list_that_cannot_be_written_serves_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    recent = RecentFiles(tmp_path / "file" / "recent.json")
    recent.add(tmp_path / "a.csv")
    assert len(recent.entries) == 1
