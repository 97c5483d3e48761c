"""`simulate`: rows drawn from the model of a result."""

from __future__ import annotations

from pathlib import Path

from emdesk.app.catalogue import catalogue
from emdesk.app.prediction import PROJECT_ENDING, read_model
from emdesk.app.project import open_project
from emdesk.app.simulation import simulate_model, simulate_result, write_simulated
from emdesk.cli.options import Given
from emdesk.cli.output import print_json
from emdesk.errors import UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.texts import say, say_count

_EXPORT = "--export"


def run(given: Given) -> int:
    """Draw rows and write them where `--export` says."""
    target = given.one(_EXPORT)
    if target is None:
        raise UsageProblem(say("simulate.nowhere"), remedy=say("simulate.add_export"))
    if not Path(target).parent.exists():
        raise UsageProblem(
            say("simulate.no_folder", folder=Path(target).parent),
            where=_EXPORT,
            remedy=say("simulate.make_folder"),
        )
    rows, seed = _number(given, "--rows", 1000, 1), _number(given, "--seed", 0, 0)
    drawn = _drawn(Path(given.names[0]), rows, seed)
    write_simulated(Path(target), drawn)
    if given.has("--json"):
        told = {"rows": drawn.rows, "columns": list(drawn.names), "seed": seed, "file": target}
        print_json(told)
    else:
        print(say_count("simulate.done", drawn.rows, names=", ".join(drawn.names)))
        print(say("cli.fit.written", path=target))
    return 0


def _drawn(source: Path, rows: int, seed: int) -> Dataset:
    entries = catalogue()
    if source.suffix.lower() == PROJECT_ENDING:
        result = open_project(source, entries).result
        if result is not None:
            return simulate_result(result, rows, seed)
    return simulate_model(read_model(source, entries), rows, seed, entries)


def _number(given: Given, word: str, default: int, least: int) -> int:
    text = given.one(word)
    if text is None:
        return default
    if not (text.isdecimal() and int(text) >= least):
        raise UsageProblem(
            say("simulate.no_number", text=text),
            where=word,
            remedy=say("simulate.whole_number", least=least),
        )
    return int(text)
