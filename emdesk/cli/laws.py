"""`--law`: one law for all columns, or laws for different ones."""

from __future__ import annotations

from emdesk.app.catalogue import Catalogue
from emdesk.cli.options import Given, suggestion
from emdesk.errors import UsageProblem
from emdesk.texts import say

Laws = list[tuple[str, tuple[str, ...]]]


def one_law(given: Given) -> str | None:
    """The law that is named for all columns, or None; a UsageProblem if there are two."""
    plain = [text for text in given.all("--law") if "=" not in text]
    if len(set(plain)) > 1 or (plain and len(plain) < len(given.all("--law"))):
        first, second = given.all("--law")[:2]
        raise UsageProblem(
            say("cli.twice", option="--law", first=first, second=second),
            where="--law",
            remedy=say("cli.law_of_columns"),
        )
    return plain[0] if plain else None


def laws_of_columns(given: Given, catalogue: Catalogue) -> Laws:
    """The laws that were named as `COLUMN[,COLUMN]=LAW`, in the order of the words; no column has two."""
    made: Laws = []
    taken: set[str] = set()
    for text in given.all("--law"):
        if "=" not in text:
            continue
        names, _, law = text.rpartition("=")
        columns = tuple(name.strip() for name in names.split(","))
        law = law.strip()
        if not law or not all(columns):
            raise UsageProblem(
                say("cli.law_form", text=text), where="--law", remedy=say("cli.law_of_columns")
            )
        check_law(law, catalogue, f"--law {text}")
        for name in columns:
            if name in taken:
                raise UsageProblem(
                    say("cli.column_twice", name=name), where="--law", remedy=say("cli.give_once")
                )
            taken.add(name)
        made.append((law, columns))
    return made


def check_law(law: str, catalogue: Catalogue, where: str) -> None:
    """A UsageProblem for a law that there is not."""
    known = [x.id for x in catalogue.laws]
    if law not in known:
        listed = say("catalogue.laws_there_are", names=", ".join(known))
        raise UsageProblem(
            say("catalogue.no_law", name=law), where=where, remedy=suggestion(law, known, listed)
        )
