"""The data doctor: at most three findings, worst first, each with its consequence and one act."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from emdesk.app.catalogue import Catalogue
from emdesk.app.column_summary import ColumnSummary
from emdesk.app.model_spec import ModelSpec
from emdesk.model.dataset import Dataset
from emdesk.model.law import Law
from emdesk.texts import say, say_count
from emdesk.texts.numbers import whole

MOST_NOTES = 3
FEW_DISTINCT = 30
SHARED = 0.1
MOST_ROWS_SHOWN = 5_000


class Act(StrEnum):
    """What the link of a note does."""

    SHOW_ROWS = "show-rows"
    LEAVE_OUT = "leave-out"


@dataclass(frozen=True)
class Finding:
    """One note: a sentence with numbers, how bad, and its act on a column."""

    text: str
    weight: str
    act: Act
    column: str

    @property
    def act_label(self) -> str:
        return say(f"doctor.{self.act.value}", name=self.column)


def examine(
    dataset: Dataset,
    spec: ModelSpec,
    summaries: Mapping[str, ColumnSummary],
    with_density: Collection[str] | None = None,
    keeps_gaps: bool = False,
) -> tuple[Finding, ...]:
    """The findings about the columns that are used; repeated values matter in those `with_density`, None: all of
    them; rows with missing cells are set aside unless the model keeps them."""
    found: list[tuple[int, Finding]] = []
    if spec.has_ends:  # an empty cell is an open end, and equal ends are bins
        return ()
    for name in spec.columns:
        summary = summaries.get(name)
        if summary is not None and summary.is_numeric:
            has_density = with_density is None or name in with_density
            found += _about(summary, has_density, keeps_gaps and len(spec.columns) > 1)
    found.sort(key=lambda pair: pair[0])
    return tuple(finding for _, finding in found[:MOST_NOTES])


def _about(
    summary: ColumnSummary, has_density: bool, keeps_gaps: bool
) -> list[tuple[int, Finding]]:
    name, seen = summary.name, summary.rows - summary.missing
    notes: list[tuple[int, Finding]] = []
    if summary.distinct <= 1:
        text = say("doctor.constant", name=name)
        return [(0, Finding(text, "warn", Act.LEAVE_OUT, name))]
    word, count = summary.most_common
    if summary.missing:
        key = "doctor.missing_kept" if keeps_gaps else "doctor.missing"
        text = say_count(key, summary.missing, name=name)
        notes.append((1, Finding(text, "info", Act.SHOW_ROWS, name)))
    if not has_density:
        return notes
    if summary.distinct <= FEW_DISTINCT and count >= SHARED * seen:
        text = say(
            "doctor.shared",
            name=name,
            distinct=whole(summary.distinct),
            count=whole(count),
            value=word,
        )
        notes.append((2, Finding(text, "warn", Act.SHOW_ROWS, name)))
    elif summary.distinct < seen / 4:
        text = say("doctor.rounded", name=name, distinct=whole(summary.distinct), rows=whole(seen))
        notes.append((3, Finding(text, "info", Act.SHOW_ROWS, name)))
    return notes


def columns_with_density(spec: ModelSpec, catalogue: Catalogue) -> tuple[str, ...]:
    """The columns whose law has a density, which identical values can drive to infinity."""
    if spec.laws:
        smooth = (p for p in spec.laws if not catalogue.law(p.law).is_discrete())
        return tuple(name for part in smooth for name in part.columns)
    law = spec.family_in(catalogue).law
    return spec.columns if law is not None and not law.is_discrete() else ()


def keeps_gaps(spec: ModelSpec, law: Law | None) -> bool:
    """Whether rows with missing cells are fitted."""
    return law is not None and law.leaves_cells_out and spec.values().get("missing") == "keep"


def rows_behind(dataset: Dataset, summary: ColumnSummary) -> tuple[int, ...]:
    """The rows of the file that a finding is about: the missing cells, else those that share the commonest value."""
    column = dataset.column(summary.name)
    about = column.missing if summary.missing else column.values == summary.commonest
    return tuple(int(r) for r in np.flatnonzero(about)[:MOST_ROWS_SHOWN])
