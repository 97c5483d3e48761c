"""Texts of the start page and the dialogs: templates by key."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "day.months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "day.other_year": "{day} {month} {year}",
    "day.this_year": "{day} {month}",
    "day.today": "today",
    "day.yesterday": "yesterday",
    "sample.cancelled": "the sample was not made",
    "sample.none_such": "there is no sample called “{name}”",
    "sample.there_are": "There are {names}",
    "start_page.about": "Fit models with hidden groups, and watch them settle.",
    "start_page.all": "All",
    "start_page.card_named": "{title}: {facts}, {model}",
    "start_page.drop": "or drop a file anywhere in this window",
    "start_page.forget": "Remove from this list",
    "start_page.gone": "not found",
    "start_page.help": "Help",
    "start_page.name": "EMDesk",
    "start_page.no_recent": "Files that you open are listed here.",
    "start_page.open": "Open a data file…",
    "start_page.page": "Start page",
    "start_page.paste": "Paste a table",
    "start_page.recent": "Recent",
    "start_page.recent_named": "{name}, {model}, {day}",
    "start_page.samples": "Samples",
    "start_page.samples_hint": "Each opens with its model set up. Press Run to see it fit.",
}
