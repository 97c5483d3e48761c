"""The help pages as markup: from the docstrings of laws and families and the declarations of settings.

Nothing here is fetched: the pages work without a network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import dedent

from PySide6.QtGui import QKeySequence

from emdesk.app.catalogue import Catalogue, help_of
from emdesk.app.samples import samples
from emdesk.em.fit_settings import FitSettings
from emdesk.gui.actions import DEEDS
from emdesk.gui.theme import Tokens
from emdesk.model.fields import BoundField, fields_of
from emdesk.texts import say, translated
from emdesk.texts.numbers import short, whole

FIRST_STEPS, NUMBERS, KEYS, SAMPLES, FIT = "first-steps", "numbers", "keys", "samples", "fit"
_STEPS = ("open", "columns", "model", "run", "look", "export")
_NUMBERS = (
    "objective",
    "log_likelihood",
    "free_parameters",
    "aic",
    "bic",
    "icl",
    "entropy",
    "uncertainty",
    "converged",
    "degenerate",
)


@dataclass(frozen=True)
class HelpPage:
    """One page: `id` is what F1 asks for, `group` the heading of the contents it stands under."""

    id: str
    title: str
    group: str
    markup: str


def help_pages(catalogue: Catalogue) -> tuple[HelpPage, ...]:
    """Every page, in the order of the contents."""
    using, models = say("help.group.using"), say("help.group.models")
    pages = [
        HelpPage(FIRST_STEPS, say("help.first_steps"), using, _listed("help.step", _STEPS, "ol")),
        HelpPage(NUMBERS, say("help.numbers"), using, _terms("help.number", _NUMBERS)),
        HelpPage(KEYS, say("help.keys"), using, _keys()),
        HelpPage(SAMPLES, say("help.samples"), using, _samples()),
    ]
    for family in catalogue.families:
        page = _page_of(help_of(family), fields_of(family.Settings))
        pages.append(HelpPage(f"family-{family.id}", translated(family.label), models, page))
    for law in catalogue.laws:
        page = _page_of(help_of(law), fields_of(law.Settings))
        pages.append(HelpPage(f"law-{law.id}", translated(law.label), models, page))
    fit = _settings_table(fields_of(FitSettings))
    pages.append(HelpPage(FIT, say("help.fit"), models, fit))
    return tuple(_titled(page) for page in pages)


def page_style(tokens: Tokens) -> str:
    """The style of a page in the colours of the theme."""
    return f"""
        body, p, li, td {{ color: {tokens.text}; line-height: 140%; }}
        p {{ margin-top: 4px; margin-bottom: 8px; }}
        p.title {{ font-size: 20px; font-weight: 600; margin-bottom: 12px; }}
        p.heading {{ font-weight: 600; color: {tokens.text2}; margin-top: 14px; margin-bottom: 2px; }}
        pre {{ color: {tokens.text2}; font-size: 12px; }}
        .quiet {{ color: {tokens.text2}; }}
        .name {{ font-weight: 600; }}
        a {{ color: {tokens.accent}; }}
        th {{ color: {tokens.text2}; font-weight: 500; text-align: left; }}
    """


def docstring_markup(text: str) -> str:
    """A help docstring as markup: headings over indented parts, paragraphs, aligned lines kept."""
    made: list[str] = []
    for part in text.strip().split("\n\n"):
        lines = part.split("\n")
        indented = [line.startswith("    ") for line in lines]
        if not indented[0] and len(lines) > 1 and all(indented[1:]):
            made.append(_heading(lines[0]))
            made.append(_indented("\n".join(lines[1:]), lines[0] == "Sources"))
        elif all(indented):
            made.append(_indented(part, False))
        else:
            made.append(f"<p>{escape(' '.join(line.strip() for line in lines))}</p>")
    return "".join(made)


def _indented(text: str, is_list: bool) -> str:
    plain = dedent(text)
    if any("   " in line.strip() for line in plain.split("\n")):  # aligned columns
        return f"<pre>{escape(plain)}</pre>"
    if is_list:
        return "".join(f"<p>{escape(line)}</p>" for line in _sources(plain))
    return f"<p>{escape(' '.join(plain.split()))}</p>"


def _sources(text: str) -> list[str]:
    """One source to a line of its own; a line that does not follow a full stop goes on the last."""
    found: list[str] = []
    for line in text.split("\n"):
        if found and not found[-1].endswith((".", ").")):
            found[-1] = f"{found[-1]} {line.strip()}"
        else:
            found.append(line.strip())
    return found


def _page_of(text: str, settings: Sequence[BoundField]) -> str:
    markup = docstring_markup(text)
    return markup + (_settings_table(settings) if settings else "")


def _settings_table(settings: Iterable[BoundField]) -> str:
    rows = []
    for bound in settings:
        meaning = escape(bound.help)
        for choice in bound.field.choices:
            words = f"{translated(choice.label)}: {translated(choice.help)}"
            meaning += f"<br><span class='quiet'>{escape(words.rstrip(': '))}</span>"
        limits = "" if bound.field.choices else escape(bound.limits())
        known = say("help.default", value=_default(bound))
        foot = f"<br><span class='quiet'>{escape(', '.join(filter(None, (limits, known))))}</span>"
        name = f"<td width='150' class='name'>{escape(bound.label)}</td>"
        rows.append(f"<tr>{name}<td>{meaning}{foot}</td></tr>")
    return _heading(say("help.settings")) + _table(rows)


def _default(bound: BoundField) -> str:
    value = bound.default
    choice = bound.choice(str(value))
    if choice is not None:
        return translated(choice.label)
    if isinstance(value, bool):
        return say("form.on") if value else say("form.off")
    if isinstance(value, int):
        return whole(value)
    return short(value) if isinstance(value, float) else value


def _heading(text: str) -> str:
    return f"<p class='heading'>{escape(text)}</p>"


def _listed(prefix: str, names: Iterable[str], tag: str) -> str:
    items = "".join(f"<li>{escape(say(f'{prefix}.{name}'))}</li>" for name in names)
    return f"<{tag}>{items}</{tag}>"


def _terms(prefix: str, names: Iterable[str]) -> str:
    rows = []
    for name in names:
        term, meaning = escape(say(f"{prefix}.{name}")), escape(say(f"{prefix}.{name}.is"))
        rows.append(f"<tr><td width='150' class='name'>{term}</td><td>{meaning}</td></tr>")
    return _table(rows)


def _keys() -> str:
    native = QKeySequence.SequenceFormat.NativeText
    rows = []
    for deed in DEEDS:
        keys = ", ".join(QKeySequence(key).toString(native) for key in deed.keys)
        if keys:
            act = escape(deed.label.removesuffix("…"))
            rows.append(f"<tr><td width='220'>{act}</td><td>{escape(keys)}</td></tr>")
    return _table(rows)


def _samples() -> str:
    rows = []
    for entry in samples():
        name = f"<td width='150' class='name'>{escape(translated(entry.title))}</td>"
        facts = escape(translated(entry.facts))
        source = f"<span class='quiet'>{escape(entry.source)}</span>"
        rows.append(f"<tr>{name}<td>{facts}<br>{source}</td></tr>")
    return _table(rows)


def _table(rows: Iterable[str]) -> str:
    return f"<table cellspacing='0' cellpadding='5' width='100%'>{''.join(rows)}</table>"


def _titled(page: HelpPage) -> HelpPage:
    markup = f"<p class='title'>{escape(page.title)}</p>{page.markup}"
    return HelpPage(page.id, page.title, page.group, markup)
