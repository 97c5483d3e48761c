"""`--help`: made from the tables of options and from the declarations of the settings."""

from __future__ import annotations

from emdesk import __version__
from emdesk.cli.options import COMMANDS, COMPARE, FIT, Command, Given, Option, program, suggestion
from emdesk.cli.output import table
from emdesk.errors import UsageProblem
from emdesk.texts import say, templates

_FITTING = (FIT, COMPARE)


def title() -> str:
    """The program's name and version."""
    return say("cli.title", version=__version__)


def overview() -> str:
    """What the program is called with."""
    called = program()
    rows = [
        (f"{called} [FILE]", say("cli.command.window")),
        (f"{called} --sample ID", say("cli.command.sample")),
        *((f"{c.usage} [...]", say(f"cli.command.{c.name}")) for c in COMMANDS),
    ]
    lines = table(("", ""), rows, left=(0, 1))[1:]
    return "\n".join([title(), "", *lines, "", say("cli.more_help", program=program)])


def no_command(word: str) -> UsageProblem:
    """The problem with a first word that is no command."""
    names = [c.name for c in COMMANDS]
    listed = say("cli.commands_there_are", names=", ".join(names))
    return UsageProblem(say("cli.no_command", word=word), remedy=suggestion(word, names, listed))


def of_command(given: Given) -> str:
    """The options of one command; of `fit` also the settings of the family and law that are named."""
    command = given.command
    lines = [f"{say('cli.usage')}: {command.usage} [{say('cli.options').lower()}]", ""]
    lines += [f"  {say(f'cli.command.{command.name}')}", "", f"{say('cli.options')}:"]
    lines += table(("", ""), [_row(option, command) for option in command.options], left=(0, 1))[1:]
    if command in _FITTING:
        lines += _settings(given)
    return "\n".join(lines)


def _row(option: Option, command: Command) -> tuple[str, str]:
    from emdesk.app.catalogue import catalogue

    word = "-h, --help" if option.word == "--help" else f"{option.word} {option.value}".strip()
    found = catalogue() if command in _FITTING else None
    defaults = {"family": found.families[0].id, "law": found.laws[0].id} if found else {}
    own = f"cli.option.{command.name}.{option.key}"  # where an option means another thing for one command
    key = own if own in templates() else f"cli.option.{option.key}"
    return word, say(key, **defaults)


def _settings(given: Given) -> list[str]:
    from emdesk.app.catalogue import catalogue
    from emdesk.app.describe import setting_object
    from emdesk.cli.families import settings_lines
    from emdesk.cli.model import model_without_data
    from emdesk.cli.varied import is_varied
    from emdesk.model.fields import fields_of

    chosen = {
        w: v
        for w, v in given.values.items()
        if w == "--family" or (w == "--law" and not is_varied(v[-1]))
    }
    spec = model_without_data(Given(given.command, None, chosen), catalogue())
    lines: list[str] = []
    law = None if spec.laws else spec.law
    for heading, part in zip(_headings(spec.family, law), spec.parts, strict=True):
        settings = [setting_object(bound) for bound in fields_of(type(part))]
        lines += ["", say("cli.options_of", title=f"--set ({heading})"), *settings_lines(settings)]
    return lines


def _headings(family: str, law: str | None) -> tuple[str, ...]:
    fit = say("cli.families.fit").lower()
    return (family, fit) if law is None else (family, law, fit)
