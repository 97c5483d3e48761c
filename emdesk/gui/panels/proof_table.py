"""The tables of the proof page: all published results, and every number of one of them."""

from __future__ import annotations

from collections.abc import Sequence

from emdesk.app.proofs.board import ProofBoard
from emdesk.app.proofs.entries import Entry
from emdesk.app.proofs.running import Part, Proved, Verdict
from emdesk.app.proofs.wording import obtained_words, published_words, tolerance_words
from emdesk.gui.widgets import TableColumn
from emdesk.texts import say

TINTS = {
    Verdict.REACHED: "ok",
    Verdict.BETTER: "info",
    Verdict.MISSED: "warn",
    Verdict.NOT_RUN: "text3",
}


def verdict_words(verdict: Verdict) -> str:
    """Reached, Better, Missed, Not run."""
    return say(f"proof.verdict.{verdict.value}")


def _main_part(entry: Entry, made: Proved | None) -> Part:
    return Part(entry.checks[0]) if made is None else made.main


def board_columns(listed: Sequence[Entry], board: ProofBoard) -> list[TableColumn]:
    """One row a result."""

    def made(row: int) -> Proved | None:
        return board.results.get(listed[row].id)

    def part(row: int) -> Part:
        return _main_part(listed[row], made(row))

    def obtained(row: int) -> str:
        found = made(row)
        return "" if found is None or not part(row).obtained else obtained_words(part(row))

    def verdict(row: int) -> str:
        found = made(row)
        if listed[row].id == board.current:
            return say("proof.running")
        return "" if found is None else verdict_words(found.verdict)

    def tint(row: int) -> str:
        found = made(row)
        if listed[row].id == board.current:
            return "accent"
        return "" if found is None else TINTS[found.verdict]

    return [
        TableColumn(say("proof.column.id"), lambda r: listed[r].id, numeric=False, width=54),
        TableColumn(
            say("proof.column.what"),
            lambda r: listed[r].title,
            numeric=False,
            hint=lambda r: listed[r].title,
        ),
        TableColumn(
            say("proof.column.model"),
            lambda r: listed[r].model,
            numeric=False,
            width=196,
            hint=lambda r: listed[r].model,
        ),
        TableColumn(
            say("proof.column.published"),
            lambda r: published_words(part(r)),
            numeric=False,
            width=204,
            hint=lambda r: published_words(part(r)),
        ),
        TableColumn(say("proof.column.obtained"), obtained, width=118, hint=obtained),
        TableColumn(say("proof.column.tolerance"), lambda r: tolerance_words(part(r)), width=76),
        TableColumn(
            say("proof.column.verdict"),
            verdict,
            numeric=False,
            width=84,
            tint=tint,
            weight=600,
            hint=lambda r: "" if (found := made(r)) is None else found.reason,
        ),
        TableColumn(
            say("proof.column.source"),
            lambda r: listed[r].source,
            numeric=False,
            width=120,
            hint=lambda r: listed[r].source,
        ),
    ]


def part_columns(parts: Sequence[Part]) -> list[TableColumn]:
    """One row a printed quantity."""

    def verdict(row: int) -> str:
        return verdict_words(parts[row].verdict) if parts[row].obtained else ""

    return [
        TableColumn(
            say("proof.column.published"),
            lambda r: published_words(parts[r]),
            numeric=False,
            width=260,
        ),
        TableColumn(
            say("proof.column.obtained"),
            lambda r: obtained_words(parts[r]) if parts[r].obtained else "",
            width=240,
        ),
        TableColumn(say("proof.column.tolerance"), lambda r: tolerance_words(parts[r]), width=90),
        TableColumn(
            say("proof.column.verdict"),
            verdict,
            numeric=False,
            width=96,
            tint=lambda r: TINTS[parts[r].verdict] if parts[r].obtained else "",
            weight=600,
        ),
    ]
