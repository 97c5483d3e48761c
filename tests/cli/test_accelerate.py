"""`--accelerate`: the word for the setting, its effect on the sweeps, and what does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Call


@pytest.mark.parametrize("method", ["squarem", "anderson"])
def test_an_accelerated_fit_ends_where_the_plain_one_ends(
    call: Call, groups: Path, method: str
) -> None:
    words = ("--columns", "x", "--starts", "1", "--tolerance", "1e-12", "--json")
    plain = call("fit", groups, *words).made
    quick = call("fit", groups, *words, "--accelerate", method).made
    assert quick["settings"]["accelerate"] == method
    assert plain["settings"]["accelerate"] == "none"
    assert quick["converged"] and "EM step" in quick["stop_sentence"]
    assert quick["objective"] == pytest.approx(plain["objective"], abs=1e-8)


def test_an_acceleration_that_there_is_not_is_named_with_those_there_are(
    call: Call, groups: Path
) -> None:
    answer = call("fit", groups, "--accelerate", "squarm", "--json")
    assert answer.status == 2
    assert "Did you mean squarem?" in answer.err


def test_a_finish_is_chosen_by_its_setting(call: Call, groups: Path) -> None:
    words = ("--columns", "x", "--starts", "1", "--set", "finish_with=newton", "--json")
    made = call("fit", groups, *words).made
    assert made["converged"] and "by Newton" in made["stop_sentence"]
