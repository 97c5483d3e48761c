"""Texts about data, settings and what a model asks for."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "data.no_such_column": "there is no column called \u201c{name}\u201d",
    "data.columns_there_are": "The columns are {names}",
    "setting.one_of": "one of {values}",
    "setting.yes_or_no": "yes or no",
    "setting.text": "a text",
    "setting.whole_number": "a whole number",
    "setting.number": "a number",
    "setting.from_to": "{noun} from {low} to {high}",
    "setting.from": "{noun} from {low} up",
    "setting.up_to": "{noun} up to {high}",
    "setting.is": "{label} is {value}",
    "setting.give": "Give {limits}",
}
