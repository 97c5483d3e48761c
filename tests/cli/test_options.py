"""The words of the command line in their places."""

from __future__ import annotations

import pytest

from emdesk import cli
from emdesk.cli.options import FAMILIES, FIT, INSPECT, Given, nearest, pair, parse
from emdesk.errors import UsageProblem


def test_an_option_takes_the_next_word_or_what_follows_its_equals_sign() -> None:
    given = parse(FIT, ["data.csv", "--seed", "5", "--law=poisson"])
    assert given.file == "data.csv"
    assert given.one("--seed") == "5"
    assert given.one("--law") == "poisson"
    assert given.one("--family") is None


def test_a_value_may_look_like_a_number_below_zero_or_hold_equals_signs() -> None:
    given = parse(FIT, ["f", "--seed", "-1", "--role", "weight=a=b", "--column", "--odd"])
    assert given.one("--seed") == "-1"
    assert given.all("--role") == ("weight=a=b",)
    assert given.all("--column") == ("--odd",)


def test_options_that_repeat_keep_every_value() -> None:
    given = parse(FIT, ["f", "--column", "a", "--column", "b, c", "--set", "x=1", "--set", "y=2"])
    assert given.all("--column") == ("a", "b, c")
    assert given.all("--set") == ("x=1", "y=2")


def test_after_two_dashes_every_word_is_a_file() -> None:
    assert parse(INSPECT, ["--json", "--", "--strange.csv"]).file == "--strange.csv"


def test_the_same_option_with_the_same_value_twice_is_harmless() -> None:
    assert parse(FIT, ["f", "--seed", "1", "--seed", "1", "--json", "--json"]).one("--seed") == "1"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["f", "--seed", "1", "--seed", "2"], "--seed is given twice"),
        (["f", "--colums", "a"], "Did you mean --columns?"),
        (["f", "--qqq"], "The options are --family"),
        (["f", "--seed"], "--seed is given without its value"),
        (["f", "--columns", "--json"], "--columns is given without its value"),
        (["f", "--json=yes"], "--json takes no value"),
        (["f", "g"], "“g” is one word too many"),
        (["--json"], "no data file is named"),
    ],
)
def test_what_does_not_belong_is_said_in_one_sentence(words: list[str], told: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        parse(FIT, words)
    assert told in caught.value.sentence
    assert "\n" not in caught.value.sentence


def test_a_command_without_a_file_takes_none() -> None:
    assert parse(FAMILIES, ["--json"]) == Given(FAMILIES, None, {"--json": ("",)})
    with pytest.raises(UsageProblem):
        parse(FAMILIES, ["data.csv"])


def test_help_needs_no_file() -> None:
    assert parse(FIT, ["-h"]).has("--help")


def test_the_nearest_word_is_the_one_that_was_meant() -> None:
    assert nearest("wieght", ["weight", "label"]) == "weight"
    assert nearest("GAUSSIAN", ["gaussian"]) == "gaussian"
    assert nearest("zzz", ["weight"]) is None


def test_a_pair_is_cut_at_its_first_equals_sign() -> None:
    assert pair("--role", "weight=a=b", "") == ("weight", "a=b")
    for text in ("weight", "=a", "weight="):
        with pytest.raises(UsageProblem):
            pair("--role", text, "ROLE=COLUMN")


def test_the_command_line_takes_its_commands_and_leaves_files_to_the_window() -> None:
    for word in ("fit", "compare", "inspect", "families", "-h", "--help", "--version"):
        assert cli.takes([word])
    for words in ([], ["data.csv"], ["--sample", "faithful"], ["--self-test"]):
        assert not cli.takes(words)
