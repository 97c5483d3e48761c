"""The catalogue and a loaded file as plain objects: what `families --json` and `inspect --json` print."""

from __future__ import annotations

from typing import Any

import numpy as np

from emdesk.app.catalogue import Catalogue, help_of
from emdesk.em.fit_settings import FitSettings
from emdesk.io.reading import Reading
from emdesk.model.dataset import Column
from emdesk.model.family import Family
from emdesk.model.fields import BoundField, fields_of
from emdesk.model.law import Law
from emdesk.texts import say, translated

FIRST_VALUES = 10


def setting_object(bound: BoundField) -> dict[str, Any]:
    """One setting with its limits; `choices` is empty where the list is not closed."""
    return {
        "name": bound.name,
        "label": bound.label,
        "help": bound.help,
        "type": bound.type.__name__,
        "default": bound.default,
        "low": bound.field.low,
        "high": bound.field.high,
        "limits": bound.limits(),
        "choices": [
            {"value": c.value, "label": translated(c.label), "help": translated(c.help)}
            for c in bound.field.choices
        ],
    }


def law_object(law: Law) -> dict[str, Any]:
    """One law: what it asks of the columns, and its settings."""
    return {
        "id": law.id,
        "label": translated(law.label),
        "help": help_of(law),
        "needs": {
            "kinds": sorted(kind.value for kind in law.needs.kinds),
            "least": law.needs.least,
            "most": law.needs.most,
            "whole": law.needs.whole,
            "nonnegative": law.needs.nonnegative,
        },
        "settings": [setting_object(bound) for bound in fields_of(law.Settings)],
    }


def family_object(family: Family) -> dict[str, Any]:
    """One family: the roles it takes, whether it takes a law, how it starts, and its settings."""
    return {
        "id": family.id,
        "label": translated(family.label),
        "help": help_of(family),
        "takes_law": family.takes_law,
        "labels_rows": family.labels_rows,
        "roles": [role.value for role in family.roles],
        "start_methods": list(family.start_methods()),
        "settings": [setting_object(bound) for bound in fields_of(family.Settings)],
    }


def catalogue_object(catalogue: Catalogue) -> dict[str, Any]:
    """Every family and law, and the settings of start and stop that all of them share."""
    return {
        "families": [family_object(family) for family in catalogue.families],
        "laws": [law_object(law) for law in catalogue.laws],
        "fit_settings": [setting_object(bound) for bound in fields_of(FitSettings)],
    }


def cell(column: Column, row: int) -> float | int | str | None:
    """One cell as it was read: a number as a number, text as text, a missing one as None."""
    value = float(column.values[row])
    if np.isnan(value):
        return None
    if column.categories:
        return column.categories[int(value)]
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def column_object(column: Column, all_values: bool = False) -> dict[str, Any]:
    """One column: kind, counts, range (None for text or without values) and its first ten values, or all."""
    least: float | int | str | None = None
    greatest: float | int | str | None = None
    if column.is_numeric and column.missing_count < len(column.values):
        least = cell(column, int(np.nanargmin(column.values)))
        greatest = cell(column, int(np.nanargmax(column.values)))
    shown = len(column.values) if all_values else min(FIRST_VALUES, len(column.values))
    return {
        "name": column.name,
        "kind": column.kind.value,
        "missing": column.missing_count,
        "distinct": column.distinct,
        "minimum": least,
        "maximum": greatest,
        "first": [cell(column, row) for row in range(shown)],
    }


def _unlisted(reading: Reading) -> list[str]:
    """A note where more cells were refused than are listed."""
    if reading.refused_count <= len(reading.refused):
        return []
    listed = len(reading.refused)
    return [say("cli.inspect.refused_listed", count=reading.refused_count, listed=listed)]


def reading_object(reading: Reading, all_values: bool = False) -> dict[str, Any]:
    """What was loaded from a file and how; `refused` lists the cells that could not be read."""
    return {
        "format": reading.format,
        "dialect": reading.dialect.as_dict(),
        "rows": reading.dataset.rows,
        "columns": [column_object(c, all_values) for c in reading.dataset.columns],
        "refused": [
            {"line": r.line, "column": r.column, "text": r.text, "reason": r.reason}
            for r in reading.refused
        ],
        "notes": [*reading.notes, *_unlisted(reading)],
    }
