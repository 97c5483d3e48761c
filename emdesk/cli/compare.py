"""`compare`: fit many models to a file and say which one the criteria prefer."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from emdesk.app.catalogue import Catalogue, catalogue
from emdesk.app.comparison.cells import COMPARED_BY, CV
from emdesk.app.comparison.comparison_object import comparison_object, export_comparison
from emdesk.app.comparison.grid import Grid, GridStep
from emdesk.app.comparison.outcome import Comparison, name_of, notes
from emdesk.app.comparison.places import grid_spec
from emdesk.app.comparison.testing import CountStep, count_tests
from emdesk.app.exporting import check_folder
from emdesk.app.parts import group_column
from emdesk.app.typed_tying import names_groups
from emdesk.cli import tell
from emdesk.cli.compare_summary import comparison_lines
from emdesk.cli.importing import import_options, read
from emdesk.cli.interrupting import stopped_by_hand
from emdesk.cli.model import model_for, model_without_data
from emdesk.cli.options import Given, suggestion
from emdesk.cli.output import print_json
from emdesk.cli.status_line import StatusLine
from emdesk.cli.varied import varied_of
from emdesk.em.bootstrap_test import Draws
from emdesk.em.control import RunControl
from emdesk.em.cross_validation import Folds
from emdesk.errors import Problem, UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.texts import say
from emdesk.texts.numbers import probability, whole

_NO_RESULT = 3
_DEFAULT_CRITERION = "bic"


def run(given: Given) -> int:
    """Exit status 0 if any cell holds a sound fit, 3 if none does; what is done is printed and exported."""
    entries = catalogue()
    for text in given.all("--tie"):
        if names_groups(text):
            raise UsageProblem(
                say("compare.ties_numbers"),
                where=f"--tie {text}",
                remedy=say("compare.tie_in_all", name=text.partition("[")[0].strip()),
            )
    varied = varied_of(given, entries)
    chosen = _criterion(given)
    seed = int(str(model_without_data(varied.given, entries).values()["seed"]))
    folds, draws = _folds(given, seed, chosen), _draws(given, seed)
    import_options(given)
    if (folder := given.one("--export")) is not None:
        check_folder(Path(folder))
    reading = read(given)
    dataset = reading.dataset
    spec = model_for(varied.given, model_without_data(varied.given, entries), dataset, entries)
    if (column := group_column(spec)) is not None:
        raise UsageProblem(
            say("groups.not_compared", column=column),
            where=f"--role group={column}",
            remedy=say("groups.leave_role_out"),
        )
    try:
        grid = Grid(
            dataset,
            grid_spec(spec, dataset, entries, varied.counts, varied.name, varied.values),
            entries,
            folds=folds,
        )
        with stopped_by_hand(grid.control):
            made = _walk(grid)
            if draws is not None:
                made = _test(made, dataset, chosen, draws, grid.control)
    except Problem as problem:
        problem.where = problem.where or dataset.name
        raise
    return _tell(given, made, chosen, entries, reading.notes)


def _tell(
    given: Given, made: Comparison, chosen: str, entries: Catalogue, read_notes: tuple[str, ...]
) -> int:
    """Print and export what is done."""
    said = notes(made, entries)
    if given.has("--json"):
        print_json(comparison_object(made, said))
    else:
        print("\n".join(comparison_lines(made, chosen, (*said, *read_notes))))
    sys.stdout.flush()
    if (folder := given.one("--export")) is not None:
        for path in export_comparison(made, Path(folder)):
            if not given.has("--json"):
                print(say("cli.fit.written", path=path))
    if made.is_sound:
        return 0
    name = Path(str(given.file)).name
    tell(say("cli.fit.failed", name=name, sentence=_failure(made), remedy=say("cli.fit.try")))
    return _NO_RESULT


def _failure(made: Comparison) -> str:
    """Why there is nothing: the one reason of all cells where they share it."""
    reasons = {cell.reason for cell in made.cells.values()}
    only = reasons.pop() if len(reasons) == 1 else ""
    return (only or say("compare.nothing_sound")).rstrip(".")


def _walk(grid: Grid) -> Comparison:
    line = StatusLine()
    for step in grid.run():
        line.show(partial(_progress_text, grid, step))
    line.wipe()
    return grid.comparison()


def _progress_text(grid: Grid, step: GridStep) -> str:
    return say(
        "compare.progress",
        done=whole(len(grid.cells)),
        total=whole(grid.total),
        name=name_of(grid.spec, step.place),
        iteration=whole(step.progress.iteration.index) if step.progress else "",
    )


def _test(
    made: Comparison, dataset: Dataset, chosen: str, draws: Draws, control: RunControl
) -> Comparison:
    """The tests along the counts, for the variant of the best cell."""
    best = made.best(chosen)
    if best is None or control.is_stopped:
        return made
    line = StatusLine()
    walk = count_tests(made, dataset, best.place.variant, draws, control)
    while True:
        try:
            step = next(walk)
        except StopIteration as end:
            line.wipe()
            tested: Comparison = end.value
            return tested
        line.show(partial(_test_text, step))


def _test_text(step: CountStep) -> str:
    return say(
        "compare.testing",
        smaller=step.smaller.components,
        larger=step.larger.components,
        drawn=whole(step.so_far.drawn),
        planned=whole(step.so_far.planned),
        p=probability(step.so_far.p_value),
    )


def _criterion(given: Given) -> str:
    """What best means; a UsageProblem for a criterion that there is not."""
    text = given.one("--criterion")
    if text is None:
        return _DEFAULT_CRITERION
    word = text.strip().lower().replace("-", "_")
    if word not in COMPARED_BY:
        raise UsageProblem(
            say("compare.no_criterion", word=text),
            where="--criterion",
            remedy=suggestion(
                word, COMPARED_BY, say("compare.values", names=", ".join(COMPARED_BY))
            ),
        )
    return word


def _whole(given: Given, word: str, default: int, least: int) -> int:
    text = given.one(word)
    if text is None:
        return default
    if not text.strip().isdigit() or int(text) < least:
        raise UsageProblem(
            say("cli.no_such_form", option=word, text=text),
            remedy=say("compare.give_whole", least=least),
        )
    return int(text)


def _folds(given: Given, seed: int, chosen: str) -> Folds | None:
    """How to cross-validate; None where it is not asked for."""
    asked = [word for word in ("--folds", "--repeats") if given.has(word)]
    if chosen != CV and not asked:
        return None
    folds = Folds(
        _whole(given, "--folds", Folds.count, 2), _whole(given, "--repeats", Folds.repeats, 1), seed
    )
    return folds


def _draws(given: Given, seed: int) -> Draws | None:
    """How to test the counts; None where it is not asked for."""
    if not given.has("--blrt"):
        if given.has("--draws"):
            raise UsageProblem(
                say("compare.draws_of_what"), where="--draws", remedy=say("compare.add_blrt")
            )
        return None
    least = math.ceil(1 / Draws.level)
    return replace(Draws(), count=_whole(given, "--draws", Draws.count, least - 1), seed=seed)
