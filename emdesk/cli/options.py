"""The words of the command line, declared once: parsing, help and suggestions come from these tables."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emdesk.errors import UsageProblem
from emdesk.texts import say


def program() -> str:
    """How the program is called here: by its script in a checkout, by its name where it is installed."""
    from_checkout = Path(sys.argv[0]).suffix == ".py" or sys.argv[0] in ("", "-c")
    return say(f"cli.program.{'checkout' if from_checkout else 'installed'}")


@dataclass(frozen=True)
class Option:
    """One option: `value` is what stands after it in the help, empty for a switch."""

    word: str
    value: str = ""
    repeats: bool = False

    @property
    def key(self) -> str:
        """Its name without the dashes, which is also the key of its help text."""
        return self.word.removeprefix("--")


@dataclass(frozen=True)
class Command:
    """One command: its options, and whether it takes a data file. `before_file` is what is named before it, `names`
    what any number of words stand for where there is no file."""

    name: str
    options: tuple[Option, ...]
    takes_file: bool = True
    before_file: str = ""
    names: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        """What the words are that must be there, in order."""
        file = ("FILE",) if self.takes_file else ()
        return ((self.before_file,) if self.before_file else ()) + file

    @property
    def usage(self) -> str:
        words = [program(), self.name, *self.places]
        if self.names:
            words.append(f"[{self.names} ...]")
        return " ".join(words)

    def option(self, word: str) -> Option | None:
        return next((o for o in self.options if o.word == word), None)


_IMPORT = (
    Option("--as", "table"),
    Option("--delimiter", "C"),
    Option("--decimal", "C"),
    Option("--encoding", "NAME"),
    Option("--missing-words", "LIST"),
    Option("--no-header"),
    Option("--sheet", "NAME"),
)
_JSON = Option("--json")
_HELP = Option("--help")

FIT = Command(
    "fit",
    (
        Option("--family", "NAME"),
        Option("--law", "[COLUMNS=]NAME", repeats=True),
        Option("--columns", "A,B", repeats=True),
        Option("--column", "NAME", repeats=True),
        Option("--role", "ROLE=COLUMN", repeats=True),
        Option("--set", "KEY=VALUE", repeats=True),
        Option("--starts", "N"),
        Option("--start-labels", "COLUMN"),
        Option("--start", "FILE.json"),
        Option("--seed", "S"),
        Option("--tolerance", "T"),
        Option("--max-iterations", "N"),
        Option("--accelerate", "METHOD"),
        Option("--missing", "keep|drop"),
        Option("--hold", "NAME", repeats=True),
        Option("--tie", "NAME", repeats=True),
        Option("--input", "NAME=PATH", repeats=True),
        Option("--standard-errors", "METHOD"),
        Option("--replicates", "N"),
        Option("--table-fit"),
        Option("--bootstrap", "N"),
        Option("--merge"),
        Option("--clusters", "N"),
        *_IMPORT,
        Option("--export", "DIR"),
        Option("--draws", "N"),
        _JSON,
        _HELP,
    ),
)
_ONE_FIT = frozenset(
    {
        "--start-labels",
        "--start",
        "--hold",
        "--draws",
        "--standard-errors",
        "--replicates",
        "--table-fit",
        "--bootstrap",
        "--merge",
        "--clusters",
        "--json",
        "--help",
    }
)
COMPARE = Command(
    "compare",
    (
        Option("--components", "1..9"),
        *(option for option in FIT.options if option.word not in _ONE_FIT),
        Option("--criterion", "NAME"),
        Option("--folds", "N"),
        Option("--repeats", "N"),
        Option("--blrt"),
        Option("--draws", "N"),
        _JSON,
        _HELP,
    ),
)
INSPECT = Command("inspect", (*_IMPORT, Option("--values"), _JSON, _HELP))
FAMILIES = Command("families", (_JSON, _HELP), takes_file=False)
PREDICT = Command(
    "predict",
    (*_IMPORT, Option("--export", "DIR"), _JSON, _HELP),
    before_file="RESULT",
)
SIMULATE = Command(
    "simulate",
    (Option("--rows", "N"), Option("--seed", "S"), Option("--export", "FILE.csv"), _JSON, _HELP),
    takes_file=False,
    before_file="RESULT",
)
PROOF = Command("proof", (Option("--data", "DIR"), _JSON, _HELP), takes_file=False, names="ID")
COMMANDS = (FIT, COMPARE, INSPECT, FAMILIES, PREDICT, SIMULATE, PROOF)


@dataclass(frozen=True)
class Given:
    """What was typed after a command: the file, the values of every option that is there, and the words before the
    file or instead of it."""

    command: Command
    file: str | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    def has(self, word: str) -> bool:
        return word in self.values

    def one(self, word: str) -> str | None:
        """The value of an option that is given once, None without it."""
        found = self.values.get(word)
        return found[-1] if found else None

    def all(self, word: str) -> tuple[str, ...]:
        return self.values.get(word, ())


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was probably meant, None if none is near."""
    from difflib import get_close_matches

    lowered = {k.lower(): k for k in reversed(known)}
    found = get_close_matches(word.lower(), list(lowered), n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def suggestion(word: str, known: Sequence[str], otherwise: str) -> str:
    """`Did you mean ...?` where a known word is near, then what there is."""
    near = nearest(word, known)
    hint = say("cli.did_you_mean", word=near) if near else ""
    return f"{hint} {otherwise}".strip()


def parse(command: Command, words: Sequence[str]) -> Given:
    """The words after a command in their places; a UsageProblem for what does not belong there.

    A value follows its option as the next word or after `=`; `--` ends the options. An option that does not
    repeat may be given again with the same value only.
    """
    values: dict[str, list[str]] = {}
    files: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            files += waiting
            break
        if not word.startswith("-") or word == "-":
            files.append(word)
            continue
        option, text = _option(command, word, waiting)
        known = values.setdefault(option.word, [])
        if known and not option.repeats and known[0] != text:
            raise UsageProblem(
                say("cli.twice", option=option.word, first=known[0], second=text),
                where=command.name,
                remedy=say("cli.give_once"),
            )
        known.append(text)
    given = {word: tuple(texts) for word, texts in values.items()}
    if "--help" in given:
        return Given(command, None, given)
    if command.names:
        return Given(command, None, given, tuple(files))
    placed = _placed(command, files)
    file = placed[-1] if command.takes_file else None
    return Given(command, file, given, tuple(placed[: len(placed) - command.takes_file]))


def _option(command: Command, word: str, waiting: list[str]) -> tuple[Option, str]:
    """The option that `word` names, with its value taken from after `=` or from the waiting words."""
    name, equals, text = word.partition("=")
    option = command.option("--help" if name == "-h" else name)
    if option is None:
        known = [o.word for o in command.options]
        raise UsageProblem(
            say("cli.no_option", command=command.name, word=name),
            where=command.name,
            remedy=suggestion(name, known, say("cli.options_there_are", names=", ".join(known))),
        )
    if not option.value:
        if equals:
            raise UsageProblem(
                say("cli.takes_no_value", option=option.word, text=text),
                where=command.name,
                remedy=say("cli.write_alone", option=option.word),
            )
        return option, ""
    if equals:
        return option, text
    if not waiting or waiting[0] == "--" or command.option(waiting[0].partition("=")[0]):
        raise UsageProblem(
            say("cli.needs_value", option=option.word),
            where=command.name,
            remedy=say("cli.give_value", option=option.word, value=option.value),
        )
    return option, waiting.pop(0)


def _placed(command: Command, words: list[str]) -> list[str]:
    """The words that must be there, as many as the command has places for."""
    most = len(command.places)
    if len(words) > most:
        raise UsageProblem(
            say("cli.one_word_too_many", word=words[most]),
            where=command.name,
            remedy=say("cli.name_file", usage=command.usage),
        )
    if len(words) < most:
        lacks_file = command.places[len(words)] == "FILE"
        raise UsageProblem(
            say("cli.no_file" if lacks_file else "predict.nothing_named"),
            where=command.name,
            remedy=say("cli.name_file", usage=command.usage),
        )
    return words


def pair(option: str, text: str, value: str) -> tuple[str, str]:
    """The two sides of `NAME=VALUE`, cut at the first `=`."""
    name, equals, rest = text.partition("=")
    if not equals or not name.strip() or not rest:
        raise UsageProblem(
            say("cli.not_a_pair", option=option, text=text),
            remedy=say("cli.give_value", option=option, value=value),
        )
    return name.strip(), rest
