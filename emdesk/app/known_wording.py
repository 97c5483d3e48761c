"""Sentences about known labels, for the command line and the window alike."""

from __future__ import annotations

from collections.abc import Iterator

from emdesk.app.agreement import Agreement
from emdesk.app.discriminant import Discriminant
from emdesk.texts import say, say_count
from emdesk.texts.numbers import fixed, whole


def agreement_line(found: Agreement) -> str:
    """How many rows agree, and the adjusted Rand index."""
    return say_count(
        "known.agreement",
        found.rows,
        column=found.column,
        share=percent(found.accuracy),
        index=fixed(found.adjusted_rand, 4),
    )


def discriminant_lines(errors: Discriminant) -> Iterator[str]:
    """That it is discriminant analysis, with its errors."""
    yield say("known.discriminant")
    crossed = errors.cross_validated_error
    if crossed is None:
        yield say(
            "known.no_cross",
            resubstitution=percent(errors.resubstitution_error),
            reason=errors.reason,
        )
        return
    key = "known.left_out" if errors.leaves_one_out else "known.folds"
    yield say(
        key,
        crossed=percent(crossed),
        resubstitution=percent(errors.resubstitution_error),
        folds=whole(errors.folds),
    )


def percent(share: float) -> str:
    """A share of the rows as a percentage."""
    return say("known.percent", number=fixed(100 * share, 1))
