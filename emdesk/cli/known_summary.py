"""What the summary of a fit says of missing cells, held values, and known labels."""

from __future__ import annotations

from collections.abc import Iterator

from emdesk.app.agreement import Agreement
from emdesk.app.discriminant import Discriminant
from emdesk.app.holding import place_words
from emdesk.app.known_wording import agreement_line, discriminant_lines
from emdesk.app.session import FitResult
from emdesk.app.tying import tie_text
from emdesk.cli.output import table
from emdesk.texts import say, say_count
from emdesk.texts.numbers import whole


def rows_lines(result: FitResult, missing: int) -> Iterator[str]:
    """How many cells were estimated, and what was held at which values."""
    if missing:
        yield say_count("cli.fit.cells_missing", missing)
    spec = result.spec
    if spec.held:
        shown = (
            say(
                "held.is",
                place=say("held.place", name=v.name, place=place_words(spec, result.family, v)),
                value=f"{v.value:g}",
            )
            for v in spec.held
        )
        yield say("cli.fit.held", values=", ".join(shown))
    if spec.ties:
        tied = (tie_text(spec, result.family, tie, result.dataset) for tie in spec.ties)
        yield say("cli.fit.tied", names=", ".join(tied))


def label_lines(result: FitResult) -> list[str]:
    """The comparison with known labels and the errors of discriminant analysis, where there are some."""
    lines: list[str] = []
    if (errors := result.discriminant()) is not None:
        lines += ["", *discriminant_lines(errors), *_given_table(errors)]
    if (found := result.agreement()) is not None:
        lines += ["", agreement_line(found), *_confusion_table(found)]
    return lines


def _given_table(errors: Discriminant) -> list[str]:
    header = (say("known.label"), *(say("known.given", label=name) for name in errors.labels))
    rows = zip(errors.labels, errors.confusion, strict=True)
    return table(header, [(name, *map(whole, counts)) for name, counts in rows])


def _confusion_table(found: Agreement) -> list[str]:
    header = (found.column, *found.groups)
    rows = zip(found.labels, found.confusion, strict=True)
    return table(header, [(name, *map(whole, counts)) for name, counts in rows])
