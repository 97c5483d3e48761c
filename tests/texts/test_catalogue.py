"""Every text shown is a template in the catalogue, and every template that is asked for is there."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import emdesk
from emdesk import texts
from emdesk.app.catalogue import catalogue

ROOT = Path(emdesk.__file__).parent
SENTENCE = re.compile(r"^[A-Z\u201c{][^<>]*[a-z]{2,} [a-z]{2,}")
DECLARED_IN_THEIR_OWN_FILE = ("texts", "laws", "families", "em/fit_settings.py")
TOLD_TO_PROGRAMMERS = {"iterate ended by itself", "one column always has a closed form"}


def sources() -> list[Path]:
    found = sorted(ROOT.rglob("*.py"))
    skipped = tuple(str(ROOT / part) for part in DECLARED_IN_THEIR_OWN_FILE)
    return [path for path in found if not str(path).startswith(skipped)]


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """String constants that are not docstrings."""
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in passed
        ):
            yield node


def asked_for(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The keys that `say` and `say_count` are called with, where they are written out."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"say", "say_count"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.func.id, str(node.args[0].value)


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_sentence_stands_outside_the_catalogue(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        node.value
        for node in strings(tree)
        if SENTENCE.search(str(node.value)) and node.value not in TOLD_TO_PROGRAMMERS
    ]
    assert found == []


def test_every_key_that_is_asked_for_has_a_template() -> None:
    assert catalogue().laws  # their own files have declared their templates now
    there = texts.templates()
    missing = []
    for path in sorted(ROOT.rglob("*.py")):
        for function, key in asked_for(ast.parse(path.read_text(encoding="utf-8"))):
            keys = (f"{key}.one", f"{key}.many") if function == "say_count" else (key,)
            missing += [f"{path.name}: {k}" for k in keys if k not in there]
    assert missing == []


def test_every_template_can_be_filled() -> None:
    for key, template in texts.templates().items():
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
        assert all(name.isidentifier() for name in names), key
        assert template, key


def test_a_translation_replaces_templates_and_leaves_the_others() -> None:
    try:
        texts.use({"stop.kept": "Iteration {iteration}, von Hand behalten"})
        assert texts.say("stop.kept", iteration=3) == "Iteration 3, von Hand behalten"
        assert texts.say("data.no_columns") == "no column is chosen"
    finally:
        texts.use({})
    assert texts.say("stop.kept", iteration=3) == "Iteration 3, kept by hand"
