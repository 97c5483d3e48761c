"""`families` and the help pages: everything comes from the declarations."""

from __future__ import annotations

import pytest

from emdesk.app.catalogue import catalogue
from emdesk.cli.options import COMMANDS, Command
from emdesk.model.fields import fields_of
from tests.cli.conftest import Call


def test_every_family_and_law_is_listed_with_settings_limits_help_and_roles(call: Call) -> None:
    made = call("families", "--json").made
    assert [f["id"] for f in made["families"]] == [f.id for f in catalogue().families]
    assert [law["id"] for law in made["laws"]] == [law.id for law in catalogue().laws]
    mixture = next(f for f in made["families"] if f["id"] == "mixture")
    assert mixture["roles"] == ["weight", "label", "truth", "covariates"] and mixture["help"]
    components = next(s for s in mixture["settings"] if s["name"] == "components")
    assert (components["low"], components["high"], components["type"]) == (1, 200, "int")
    gaussian = next(law for law in made["laws"] if law["id"] == "gaussian")
    covariance = next(s for s in gaussian["settings"] if s["name"] == "covariance")
    assert {"VVV", "EII"} <= {choice["value"] for choice in covariance["choices"]}
    assert [s["name"] for s in made["fit_settings"]][:3] == ["start", "starts", "seed"]


def test_the_plain_list_names_every_setting(call: Call) -> None:
    out = call("families").out
    for law in catalogue().laws:
        assert law.id in out
        for bound in fields_of(law.Settings):
            assert bound.name in out and bound.help in out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_help_of_a_command_lists_all_its_options(call: Call, command: Command) -> None:
    answer = call(command.name, "--help")
    assert answer.status == 0
    for option in command.options:
        assert option.word in answer.out


def test_the_help_of_fit_follows_the_law_that_is_named(call: Call) -> None:
    assert "VVV" in call("fit", "--help").out
    assert "VVV" not in call("fit", "--law", "poisson", "--help").out


def test_the_program_says_its_commands_and_version(call: Call) -> None:
    assert "families" in call("--help").out
    assert call("--version").out.startswith("EMDesk ")


def test_a_word_that_is_no_command_is_told_the_nearest(call: Call) -> None:
    answer = call("fti")
    assert answer.status == 2 and "Did you mean fit?" in answer.err
