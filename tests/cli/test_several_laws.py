"""Several laws on the command line: settings of one of them and of all, and models side by side."""

from __future__ import annotations

import pytest

from emdesk.resources import resource
from tests.cli.conftest import Call

FAITHFUL = resource("samples/faithful.csv")
TWO_LAWS = ("--law", "eruptions=gaussian", "--law", "waiting=student-t", "--starts", "2")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_setting_by_its_plain_name_is_that_of_all_laws_but_those_with_one_of_their_own(
    call: Call, order: tuple[int, int]
) -> None:
    typed = ("floor=1e-6", "waiting.floor=1e-5")
    words = [word for i in order for word in ("--set", typed[i])]
    settings = call("fit", FAITHFUL, *TWO_LAWS, *words, "--json").made["settings"]
    assert (settings["eruptions.floor"], settings["waiting.floor"]) == (1e-6, 1e-5)


def test_a_setting_that_only_some_laws_have_is_given_to_these(call: Call) -> None:
    settings = call("fit", FAITHFUL, *TWO_LAWS, "--set", "tails=fixed", "--json").made["settings"]
    assert settings["waiting.tails"] == "fixed"
    assert "eruptions.tails" not in settings


def test_a_setting_that_no_law_has_is_one_sentence(call: Call) -> None:
    answer = call("fit", FAITHFUL, *TWO_LAWS, "--set", "flor=1e-6")
    assert answer.status == 2 and "has no setting called “flor”" in answer.err


@pytest.mark.parametrize(
    "laws",
    [
        ("eruptions=gaussian", "waiting=gaussian"),
        ("eruptions=gamma", "waiting=poisson"),
        ("eruptions=skew-normal", "waiting=weibull"),
        ("eruptions,waiting=gaussian",),
    ],
)
def test_counts_of_components_are_compared(call: Call, laws: tuple[str, ...]) -> None:
    words = [word for law in laws for word in ("--law", law)]
    answer = call("compare", FAITHFUL, *words, "--components", "1..3", "--starts", "2", "--json")
    assert answer.err == ""
    cells = answer.made["cells"]
    assert [cell["components"] for cell in cells] == [1, 2, 3]
    assert all(cell["sound"] for cell in cells)
    heights = [cell["log_likelihood"] for cell in cells]
    assert heights == sorted(heights)


def test_a_setting_of_all_laws_may_vary(call: Call) -> None:
    laws = ("--law", "eruptions=gaussian", "--law", "waiting=gaussian")
    words = ("--set", "covariance=E,V", "--components", "1,2", "--starts", "2", "--json")
    made = call("compare", FAITHFUL, *laws, *words).made
    assert made["variants"] == ["E", "V"]
    for cell in made["cells"]:
        named = {cell["settings"][f"{name}.covariance"] for name in ("eruptions", "waiting")}
        assert len(named) == 1
    at_two = {c["free_parameters"] for c in made["cells"] if c["components"] == 2}
    assert at_two == {7, 9}
