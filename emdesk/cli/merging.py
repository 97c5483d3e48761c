"""`--merge` and `--clusters` of `fit`: the components of the result merged into clusters."""

from __future__ import annotations

from dataclasses import dataclass

from emdesk.app.merging import with_clusters
from emdesk.app.session import FitResult
from emdesk.cli import tell
from emdesk.cli.options import Given
from emdesk.errors import EMDeskError, UsageProblem
from emdesk.texts import say

_OPTION, _CLUSTERS = "--merge", "--clusters"


@dataclass(frozen=True)
class Clusters:
    """How many clusters are wanted, None for as many as are suggested."""

    number: int | None = None


def wanted_clusters(given: Given) -> Clusters | None:
    """What was typed, None without it; a UsageProblem for what is no number."""
    text = given.one(_CLUSTERS)
    if text is None:
        return Clusters() if given.has(_OPTION) else None
    if not (text.isdecimal() and int(text) >= 1):
        raise UsageProblem(
            say("merging.no_such_number", clusters=text),
            where=_CLUSTERS,
            remedy=say("merging.whole_number"),
        )
    return Clusters(int(text))


def merge(result: FitResult, wanted: Clusters | None) -> FitResult:
    """The result with its clusters; as it is, and a sentence, where there are none."""
    if wanted is None:
        return result
    try:
        return with_clusters(result, wanted.number)
    except EMDeskError as problem:
        problem.where = problem.where or (_OPTION if wanted.number is None else _CLUSTERS)
        tell(problem.sentence)
        return result
