"""`proof`: refit published results and say which are reached."""

from __future__ import annotations

import sys
from pathlib import Path

from emdesk.app.catalogue import catalogue
from emdesk.app.proofs.entries import chosen_entries
from emdesk.app.proofs.running import Proved, Verdict, prove, proved_object
from emdesk.app.proofs.wording import obtained_words, published_words, summary_sentence
from emdesk.cli import tell
from emdesk.cli.options import Given
from emdesk.cli.output import print_json
from emdesk.errors import FileProblem
from emdesk.texts import say
from emdesk.texts.numbers import duration

_MISSED = 3
_WIDTHS = (5, 10, 34, 30)


def run(given: Given) -> int:
    """Exit status 0 if nothing is missed, 3 else."""
    chosen = chosen_entries(given.names)
    folder = None if (named := given.one("--data")) is None else Path(named)
    if folder is not None and not folder.is_dir():
        raise FileProblem(say("files.absent"), where=str(folder), remedy=say("files.check_name"))
    is_json = given.has("--json")
    made: list[Proved] = []
    for proved in prove(chosen, catalogue(), folder=folder):
        made.append(proved)
        if not is_json:
            print(_line(proved), flush=True)
    if is_json:
        print_json([proved_object(proved) for proved in made])
    else:
        print("\n" + summary_sentence(made))
    sys.stdout.flush()
    missed = [p.entry.id for p in made if p.verdict is Verdict.MISSED]
    if not missed:
        return 0
    told = say("proof.not_reached", names=", ".join(missed))
    tell(f"{told}. {say('proof.report_it')}.")
    return _MISSED


def _line(proved: Proved) -> str:
    """One result: id, verdict, what was published and obtained; where nothing was run, why."""
    cells = [proved.entry.id, say(f"proof.verdict.{proved.verdict.value}")]
    if proved.verdict is Verdict.NOT_RUN:
        cells += [proved.entry.title, proved.reason]
    else:
        cells += [published_words(proved.main), obtained_words(proved.main)]
    padded = [cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)]
    took = duration(proved.seconds) if proved.verdict is not Verdict.NOT_RUN else ""
    return "  ".join([*padded, took]).rstrip()
