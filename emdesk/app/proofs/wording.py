"""Published results in words, for the terminal and for the window."""

from __future__ import annotations

from collections.abc import Sequence

from emdesk.app.proofs.entries import Check
from emdesk.app.proofs.running import Part, Proved, Verdict
from emdesk.texts import say
from emdesk.texts.numbers import fixed


def decimals_of(check: Check) -> int:
    """How many decimals were printed."""
    return max(len(text.partition(".")[2]) for text in check.published)


def numbers_words(check: Check, numbers: Sequence[float], further: int = 0) -> str:
    """Numbers with the printed decimals and some further ones."""
    return ", ".join(fixed(number, decimals_of(check) + further) for number in numbers)


def published_words(part: Part) -> str:
    """What was printed: `log-likelihood -1 034.0017`."""
    check = part.check
    told = numbers_words(check, check.numbers)
    told = say("proof.at_most", value=told) if check.at_most else told
    return f"{say(f'proof.quantity.{check.quantity}')} {told}"


def obtained_words(part: Part) -> str:
    """What a fit reached, with one decimal more than was printed; empty before."""
    counted = decimals_of(part.check) == 0
    return numbers_words(part.check, part.obtained, 0 if counted else 1)


def tolerance_words(part: Part) -> str:
    """Half a unit of the last printed digit; empty for a bound."""
    check = part.check
    return "" if check.at_most else fixed(check.tolerance, decimals_of(check) + 1)


def summary_sentence(proved: Sequence[Proved]) -> str:
    """How many results were reached, better, missed and not run."""
    counts = {v: sum(p.verdict is v for p in proved) for v in Verdict}
    return say(
        "proof.summary",
        reached=counts[Verdict.REACHED],
        better=counts[Verdict.BETTER],
        missed=counts[Verdict.MISSED],
        not_run=counts[Verdict.NOT_RUN],
    )
