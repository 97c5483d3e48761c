"""The catalogue of every text shown: templates by key, filled with values by `say`.

Each room of the program has a file here that holds `TEMPLATES`. A translation is the same keys with
other templates (`use`), so nothing outside this package holds a sentence for the analyst, except what
travels with the one file of a law or family: the templates that it adds by `declare`, the declarations
of its settings (they pass through `translated`) and its docstring. A count picks between `key.one` and `key.many`.
"""

from __future__ import annotations

from collections.abc import Mapping

from emdesk.texts import (
    after_fit,
    by_group,
    cli,
    commands,
    comparing,
    dialogs,
    files,
    fitting,
    known,
    model,
    pairing,
    plots,
    powers,
    projects,
    proofs,
    self_test,
    starts,
    table_fit,
    trust,
    widgets,
    window,
)

_ENGLISH: dict[str, str] = {}
for _room in (
    after_fit,
    by_group,
    cli,
    commands,
    comparing,
    dialogs,
    files,
    fitting,
    known,
    model,
    pairing,
    plots,
    powers,
    projects,
    proofs,
    self_test,
    starts,
    table_fit,
    trust,
    widgets,
    window,
):
    _twice = _ENGLISH.keys() & _room.TEMPLATES.keys()
    if _twice:
        raise ValueError(f"text keys declared twice: {sorted(_twice)}")
    _ENGLISH.update(_room.TEMPLATES)
_chosen: dict[str, str] = dict(_ENGLISH)


def say(key: str, /, **values: object) -> str:
    """The text of `key` with its values filled in; an unknown key is a KeyError."""
    return _chosen[key].format(**values) if values else _chosen[key]


def say_count(key: str, count: int, /, **values: object) -> str:
    """The text of `key.one` or `key.many`; `{count}` is the formatted count."""
    from emdesk.texts.numbers import whole

    form = "one" if count == 1 else "many"
    return say(f"{key}.{form}", count=whole(count), **values)


def declare(templates: Mapping[str, str]) -> None:
    """Add the templates of a law or family, which live in its own file; a key may be declared once."""
    for key, template in templates.items():
        if _ENGLISH.setdefault(key, template) != template:
            raise ValueError(f"text key declared twice: {key}")
        _chosen.setdefault(key, template)


def translated(text: str) -> str:
    """The translation of a text declared beside its setting, law or family; itself if there is none."""
    return _chosen.get(text, text)


def templates() -> Mapping[str, str]:
    """Every template in use by key, for translators and for the tests."""
    return dict(_chosen)


def use(translation: Mapping[str, str]) -> None:
    """Show these templates instead of the English ones where they exist."""
    _chosen.clear()
    _chosen.update(_ENGLISH)
    _chosen.update(translation)
