"""From the words of the command line to the model that is to be fitted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from emdesk.app.catalogue import Catalogue
from emdesk.app.exporting import SavedParameters, read_parameters
from emdesk.app.model_spec import ModelSpec, default_columns, new_spec, with_laws
from emdesk.app.typed_holding import typed_values
from emdesk.app.typed_tying import typed_ties
from emdesk.cli.laws import check_law, laws_of_columns, one_law
from emdesk.cli.options import Given, pair, suggestion
from emdesk.errors import DataProblem, EMDeskError, UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.model.family import Family
from emdesk.model.fields import BoundField
from emdesk.model.interval_ends import measured_column
from emdesk.model.needs import SEVERAL, Role, Roles
from emdesk.texts import say

_SHORT = {
    "--starts": "starts",
    "--seed": "seed",
    "--tolerance": "tolerance",
    "--max-iterations": "max_iterations",
    "--accelerate": "accelerate",
    "--missing": "missing",
}
_NEEDS_OPTION = {
    "labels": "--start-labels COLUMN",
    "result": "--start FILE.json",
    "means": "--start FILE.json",
}


def model_without_data(given: Given, catalogue: Catalogue) -> ModelSpec:
    """Family, law and every setting that was typed; what does not exist is said before a file is read."""
    family = given.one("--family") or catalogue.families[0].id
    law, laws = one_law(given), laws_of_columns(given, catalogue)
    _known(family, [f.id for f in catalogue.families], "--family", "catalogue.no_family")
    if law is not None:
        check_law(law, catalogue, "--law")
    chosen = catalogue.family(family, law)
    if (law is not None or laws) and not chosen.takes_law:
        raise UsageProblem(
            say("cli.no_law_taken", family=family),
            where="--law",
            remedy=say("cli.leave_out", option="--law"),
        )
    if given.has("--input"):
        for text in given.all("--input"):
            pair("--input", text, "NAME=PATH")
        raise UsageProblem(
            say("cli.no_family_inputs", family=family),
            where="--input",
            remedy=say("cli.leave_out", option="--input"),
        )
    spec = new_spec(catalogue, family, law)
    if laws:
        spec = with_laws(spec, catalogue, laws)
    # what is said of one law counts, wherever it stands, before what is said of all
    for where, name, text in sorted(
        assignments(given), key=lambda typed: spec.is_of_one_law(typed[1])
    ):
        spec = _with(spec, where, name, text)
    return _with_start_method(spec, given)


def assignments(given: Given) -> list[tuple[str, str, str]]:
    """Every setting that was typed: where, its name and its text; none has two values."""
    made: dict[str, tuple[str, str, str]] = {}
    typed = [(f"--set {t}", *pair("--set", t, "KEY=VALUE")) for t in given.all("--set")]
    typed += [
        (f"{w} {given.one(w)}", n, str(given.one(w))) for w, n in _SHORT.items() if given.has(w)
    ]
    for where, name, text in typed:
        column, dot, plain = name.rpartition(".")  # a column's name may hold a hyphen
        key = column + dot + plain.replace("-", "_")
        if key in made and made[key][2] != text:
            raise UsageProblem(
                say("cli.twice", option=key, first=made[key][2], second=text),
                where=where,
                remedy=say("cli.give_once"),
            )
        made[key] = (where, key, text)
    return list(made.values())


def _with(spec: ModelSpec, where: str, name: str, text: str) -> ModelSpec:
    names = [bound.name for bound in spec.fields()]
    if spec.bound(name) is None:
        models = (spec.family, spec.law)
        listed = say("model.settings_there_are", names=", ".join(names))
        raise UsageProblem(
            say("model.no_setting", name=name, model=" ".join(filter(None, models))),
            where=where,
            remedy=suggestion(name, names, listed),
        )
    try:
        return spec.with_setting(name, text)
    except EMDeskError as problem:
        problem.where = problem.where or where
        choices = [c.value for f in spec.fields() if f.name == name for c in f.field.choices]
        problem.remedy = suggestion(text, choices, problem.remedy)
        raise


def _with_start_method(spec: ModelSpec, given: Given) -> ModelSpec:
    """`--start-labels` and `--start` choose the method of the start, and are one start."""
    labels, file = given.has("--start-labels"), given.has("--start")
    if labels and file:
        raise UsageProblem(say("cli.two_starts"), remedy=say("cli.give_once"))
    typed = {name: text for _, name, text in assignments(given)}
    if not labels and not file:
        if spec.fit.start in _NEEDS_OPTION:
            raise UsageProblem(
                say("cli.start_needs", text=spec.fit.start),
                where=f"--set start={typed['start']}",
                remedy=say("cli.start_with", option=_NEEDS_OPTION[spec.fit.start]),
            )
        return spec
    option, method = ("--start-labels", "labels") if labels else ("--start", "result")
    if "start" in typed and spec.fit.start != method:
        raise UsageProblem(
            say("cli.start_is_set", option=option, text=typed["start"]),
            where=option,
            remedy=say("cli.leave_out_setting", name="start"),
        )
    if "starts" in typed and spec.fit.starts != 1:
        raise UsageProblem(
            say("cli.one_start", option=option, count=spec.fit.starts),
            where=option,
            remedy=say("cli.leave_out_starts"),
        )
    return replace(spec, fit=replace(spec.fit, start=method, starts=1))


def model_for(given: Given, spec: ModelSpec, dataset: Dataset, catalogue: Catalogue) -> ModelSpec:
    """The same model over the columns of a file, with roles and the place where EM begins."""
    family = spec.family_in(catalogue)
    roles = _roles(given, family, dataset)
    labels = given.one("--start-labels")
    saved = read_parameters(Path(start)) if (start := given.one("--start")) else None
    if labels is not None:
        _column(labels, dataset, "--start-labels")
    columns = _columns(given, spec, dataset, roles, labels, saved, catalogue)
    kept: Roles = {r: names for r, names in roles.items() if r != Role.RESPONSE}
    spec = replace(spec, columns=columns, roles=kept, start_labels=labels)
    typed = {name for _, name, _ in assignments(given)}
    if labels is not None:
        count = dataset.column(labels).distinct
        spec = _with_count(spec, family, count, typed, "cli.labels_count", labels)
    if saved is not None:
        saved.check_columns(columns)
        groups = saved.groups(family)
        if groups is not None:
            spec = _with_count(spec, family, groups, typed, "cli.params_count", saved.source)
        spec = replace(spec, start_params=saved.params)
    if (names := roles.get(Role.LABEL)) and f"{family.group_axis}s" not in typed:
        count = dataset.column(names[0]).distinct
        spec = _with_count(spec, family, max(count, 1), typed, "cli.labels_count", names[0])
    held = typed_values(given.all("--hold"), spec, catalogue, spec.start_params or {})
    ties = typed_ties(given.all("--tie"), spec, catalogue, dataset)
    return replace(spec, held=held, ties=ties)


def _with_count(
    spec: ModelSpec, family: Family, count: int, typed: set[str], key: str, source: str
) -> ModelSpec:
    """The number of groups that the start holds, unless another was typed, which is a contradiction."""
    bound: BoundField | None = next(
        (f for f in spec.fields() if f.name == f"{family.group_axis}s"), None
    )
    if bound is None or spec.values()[bound.name] == count:
        return spec
    if bound.name in typed:
        raise UsageProblem(
            say(key, column=source, count=count, name=bound.name, value=spec.values()[bound.name]),
            where=source,
            remedy=say("cli.leave_out_setting", name=bound.name),
        )
    return spec.with_setting(bound.name, count)


def _roles(given: Given, family: Family, dataset: Dataset) -> Roles:
    made: dict[Role, tuple[str, ...]] = {}
    words = [role.value for role in Role]
    taken = ", ".join(role.value for role in _taken(family))
    for text in given.all("--role"):
        name, column = pair("--role", text, "ROLE=COLUMN")
        where = f"--role {text}"
        if name not in words:
            listed = say("cli.roles_there_are", names=", ".join(words))
            raise UsageProblem(
                say("cli.no_role", role=name), where=where, remedy=suggestion(name, words, listed)
            )
        role = Role(name)
        if role not in _taken(family):
            raise UsageProblem(
                say("cli.role_not_taken", family=family.id, role=name),
                where=where,
                remedy=say("cli.roles_it_takes", names=taken or say("cli.none")),
            )
        _column(column, dataset, where)
        before = made.get(role, ())
        if before and column not in before and role not in SEVERAL:
            raise UsageProblem(
                say("cli.twice", option=name, first=before[0], second=column),
                where="--role",
                remedy=say("cli.give_once"),
            )
        made[role] = before if column in before else (*before, column)
    return made


def _columns(
    given: Given,
    spec: ModelSpec,
    dataset: Dataset,
    roles: Roles,
    labels: str | None,
    saved: SavedParameters | None,
    catalogue: Catalogue,
) -> tuple[str, ...]:
    """The columns that were named, in that order, else every one that the law takes and that plays no role."""
    playing = {
        name: role.value
        for role, names in roles.items()
        for name in names
        if role is not Role.RESPONSE
    }
    named, response = _named(given), list(roles.get(Role.RESPONSE, ()))
    if named and response and named != response:
        raise UsageProblem(
            say("cli.twice", option=Role.RESPONSE.value, first=named[0], second=response[0]),
            where="--columns",
            remedy=say("cli.give_once"),
        )
    measured = list(measured_column(roles))
    if named and measured and named != measured:
        raise UsageProblem(
            say("interval.other_column", column=named[0], ends=measured[0]),
            where="--columns",
            remedy=say("interval.leave_column"),
        )
    if measured:
        return tuple(measured)
    named = named or response
    if spec.laws:
        named = _columns_of_laws(spec, named)
    if named:
        for name in named:
            _column(name, dataset, "--columns")
            if name in playing:
                raise UsageProblem(
                    say("cli.column_has_role", name=name, role=playing[name]),
                    where="--columns",
                    remedy=say("cli.choose_one_use"),
                )
        return tuple(named)
    if saved is not None and saved.columns and all(dataset.has(c) for c in saved.columns):
        return saved.columns
    aside = playing.keys() | {labels}
    law = catalogue.law(spec.law) if spec.law is not None else None
    needs = None if law is None else law.needs
    free = tuple(n for n in default_columns(dataset, roles, needs) if n not in aside)
    if not free:
        raise DataProblem(
            say("cli.no_numeric"), where=dataset.name, remedy=say("cli.name_a_column")
        )
    return free


def _taken(family: Family) -> tuple[Role, ...]:
    """The roles that a column can have on the command line: what predictors explain may be named as one, and a column
    whose values are each fitted alone."""
    more = (Role.RESPONSE,) if Role.PREDICTORS in family.roles else ()
    return (*family.roles, *more, Role.GROUP)


def _columns_of_laws(spec: ModelSpec, named: list[str]) -> list[str]:
    """The columns that have a law; naming others besides would leave them without one."""
    without = [name for name in named if name not in spec.columns]
    if without:
        raise UsageProblem(
            say("cli.column_without_law", name=without[0]),
            where="--columns",
            remedy=say("cli.law_of_columns"),
        )
    return list(spec.columns)


def _named(given: Given) -> list[str]:
    named = [part.strip() for text in given.all("--columns") for part in text.split(",")]
    named += given.all("--column")
    for position, name in enumerate(named):
        if not name:
            raise UsageProblem(
                say("cli.empty_column"), where="--columns", remedy=say("cli.name_columns")
            )
        if name in named[:position]:
            raise UsageProblem(
                say("cli.column_twice", name=name),
                where="--columns",
                remedy=say("cli.give_once"),
            )
    return named


def _column(name: str, dataset: Dataset, where: str) -> None:
    if not dataset.has(name):
        listed = say("data.columns_there_are", names=", ".join(dataset.names))
        raise DataProblem(
            say("cli.no_such_column", name=name),
            columns=(name,),
            where=where,
            remedy=suggestion(name, dataset.names, listed),
        )


def _known(word: str, words: list[str], where: str, key: str) -> None:
    if word not in words:
        listed = say("catalogue.families_there_are", names=", ".join(words))
        raise UsageProblem(say(key, name=word), where=where, remedy=suggestion(word, words, listed))
