"""`--table-fit` and `--bootstrap` of `fit`: the fit of the table of patterns, and its p-values from drawn tables."""

from __future__ import annotations

from emdesk.app.session import FitResult
from emdesk.app.table_fit import table_of, with_bootstrap
from emdesk.cli import tell
from emdesk.cli.options import Given
from emdesk.cli.status_line import StatusLine
from emdesk.em.control import RunControl
from emdesk.errors import Cancelled, UsageProblem
from emdesk.texts import say
from emdesk.texts.numbers import whole

_OPTION, _DRAWS = "--table-fit", "--bootstrap"
_MOST_DRAWS = 100_000


def wanted_tables(given: Given) -> int | None:
    """How many tables are to be drawn, 0 for the fit of the table alone, None where it is not asked for; a
    UsageProblem for what is no such number."""
    text = given.one(_DRAWS)
    if text is None:
        return 0 if given.has(_OPTION) else None
    if not (text.isdecimal() and 1 <= int(text) <= _MOST_DRAWS):
        raise UsageProblem(
            say("table_fit.no_draws", text=text),
            where=_DRAWS,
            remedy=say("table_fit.give_draws", most=whole(_MOST_DRAWS)),
        )
    return int(text)


def with_table(result: FitResult, draws: int | None, control: RunControl) -> FitResult:
    """The result with the bootstrap of its table; as it is, and a sentence, where there is none."""
    if draws is None:
        return result
    if draws == 0:
        if table_of(result) is None:
            tell(
                UsageProblem(
                    say("table_fit.none"), where=_OPTION, remedy=say("table_fit.which")
                ).sentence
            )
        return result
    line = StatusLine()

    def show(share: float) -> None:
        line.show(lambda: say("table_fit.progress", percent=whole(100 * share)))

    try:
        return with_bootstrap(result, draws, control, show)
    except Cancelled:
        return result
    except UsageProblem as problem:
        problem.where = _DRAWS
        tell(problem.sentence)
        return result
    finally:
        line.wipe()
