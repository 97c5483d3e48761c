"""`--standard-errors` of `fit`: which ones are wanted, and finding them after the fit."""

from __future__ import annotations

from dataclasses import dataclass

from emdesk.app.session import FitResult
from emdesk.app.trust import METHODS, measured
from emdesk.cli import tell
from emdesk.cli.options import Given, suggestion
from emdesk.cli.status_line import StatusLine
from emdesk.em.bootstrap import LEAST_REPLICATES, REPLICATES
from emdesk.em.control import RunControl
from emdesk.errors import Cancelled, EMDeskError, UsageProblem
from emdesk.texts import say
from emdesk.texts.numbers import whole

_OPTION = "--standard-errors"


@dataclass(frozen=True)
class Wanted:
    """The method, and how many samples a bootstrap draws."""

    method: str
    replicates: int = REPLICATES


def wanted(given: Given) -> Wanted | None:
    """What was typed, None without it; a UsageProblem for a method or a number that there is not."""
    word, text = given.one(_OPTION), given.one("--replicates")
    if text is not None and not (text.isdecimal() and int(text) >= LEAST_REPLICATES):
        raise UsageProblem(say("cli.no_replicates", text=text), remedy=say("cli.give_replicates"))
    if word is None:
        return None
    if word not in METHODS:
        listed = say("cli.methods_there_are", names=", ".join(METHODS))
        raise UsageProblem(
            say("cli.no_method", word=word),
            where=_OPTION,
            remedy=suggestion(word, METHODS, listed),
        )
    return Wanted(word, REPLICATES if text is None else int(text))


def measure(result: FitResult, what: Wanted | None, control: RunControl) -> FitResult:
    """The result with its standard errors; as it is, and a sentence, where there are none."""
    if what is None:
        return result
    line = StatusLine()

    def show(share: float) -> None:
        line.show(lambda: say("cli.uncertainty_progress", percent=whole(100 * share)))

    try:
        return measured(result, what.method, control, show, what.replicates)
    except Cancelled:
        return result
    except EMDeskError as problem:
        problem.where = problem.where or f"{_OPTION} {what.method}"
        tell(problem.sentence)
        return result
    finally:
        line.wipe()
