"""`predict`: label the rows of a file with the model of a result."""

from __future__ import annotations

from pathlib import Path

from emdesk.app.catalogue import catalogue
from emdesk.app.exporting import check_folder
from emdesk.app.prediction import (
    Prediction,
    export_prediction,
    predict,
    prediction_object,
    read_model,
)
from emdesk.cli.importing import import_options, read
from emdesk.cli.options import Given
from emdesk.cli.output import print_json, table
from emdesk.errors import Problem
from emdesk.texts import say, say_count, translated
from emdesk.texts.numbers import criterion, whole


def run(given: Given) -> int:
    """Print what the model says of the file, and write it where `--export` says."""
    entries = catalogue()
    model = read_model(Path(given.names[0]), entries)
    import_options(given)  # wrong options are said before a large file is read
    if (folder := given.one("--export")) is not None:
        check_folder(Path(folder))
    reading = read(given)
    try:
        made = predict(model, reading.dataset, entries)
    except Problem as problem:
        problem.where = problem.where or reading.dataset.name
        raise
    notes = (say_count("cli.fit.unread", reading.refused_count),) if reading.refused_count else ()
    if given.has("--json"):
        print_json(prediction_object(made, notes))
    else:
        print("\n".join(_lines(made, notes)))
    if folder is not None:
        for path in export_prediction(made, Path(folder), notes):
            if not given.has("--json"):
                print(say("cli.fit.written", path=path))
    return 0


def _lines(made: Prediction, notes: tuple[str, ...]) -> list[str]:
    spec = made.model.spec
    family = spec.family_in(catalogue())
    words = [translated(part.label) for part in (family.law, family) if part is not None]
    told = prediction_object(made, notes)
    lines = [
        say("cli.predict.head", model=" ".join(words).capitalize(), name=made.dataset.name),
        say_count("cli.predict.rows", told["rows"], used=whole(told["rows_used"])),
        say("cli.predict.log_likelihood", value=criterion(made.log_likelihood)),
    ]
    if "groups" in told:
        header = (say("cli.predict.group"), say("cli.predict.count"))
        rows = [(str(k + 1), whole(count)) for k, count in enumerate(told["groups"])]
        if "noise" in told:
            rows.append((say("group.noise"), whole(told["noise"])))
        lines += ["", *table(header, rows)]
    if told["warnings"]:
        lines += ["", *(say("cli.fit.note", sentence=w.rstrip(".")) for w in told["warnings"])]
    return lines
