"""Texts of the program's own test: templates by key."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "self_test.laws": "laws: {names}",
    "self_test.families": "families: {names}",
    "self_test.child": "a child process read {rows} rows and {columns} columns",
    "self_test.window": "the window is up on {platform}, {seconds} after the start of the test",
    "self_test.fitted": "{name} fitted: log-likelihood {log_likelihood} after {iterations} iterations",
    "self_test.exported": "exported {names} and read them back",
    "self_test.passed": "EMDesk {version} works",
    "self_test.nothing_listed": "no {kind} was found in the program",
    "self_test.waited": "{what} did not happen within {seconds}",
    "self_test.differs": "{what} is {found} where {expected} was expected",
    "self_test.unforeseen": "{report}",
    "self_test.reinstall": "Install EMDesk again, and send this text along if that does not help",
    "self_test.where": "self-test",
    "self_test.kind.laws": "law",
    "self_test.kind.families": "family",
    "self_test.what.open": "opening the sample",
    "self_test.what.paint": "painting the window",
    "self_test.what.fit": "fitting the sample",
    "self_test.what.dialog": "opening the export dialog",
    "self_test.what.export": "exporting the result",
    "self_test.what.close": "ending every thread",
    "self_test.what.rows": "the number of rows",
    "self_test.what.log_likelihood": "the log-likelihood",
    "self_test.what.labels": "the number of labelled rows",
    "self_test.what.picture": "the number of colours on the desk",
}
