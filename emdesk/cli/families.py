"""`families`: which families and laws there are, with their settings, limits, help and roles."""

from __future__ import annotations

from typing import Any

from emdesk.app.catalogue import catalogue
from emdesk.app.describe import catalogue_object
from emdesk.cli.options import Given
from emdesk.cli.output import print_json
from emdesk.texts import say


def run(given: Given) -> int:
    """Print the catalogue as a JSON object or as text."""
    made = catalogue_object(catalogue())
    if given.has("--json"):
        print_json(made)
    else:
        print("\n".join(_lines(made)))
    return 0


def _lines(made: dict[str, Any]) -> list[str]:
    lines = [say("cli.families.families")]
    for family in made["families"]:
        lines += _entry(family)
        names = ", ".join(family["roles"])
        roles = say("cli.families.roles", names=names) if names else say("cli.families.no_roles")
        lines += [f"    {roles}", *settings_lines(family["settings"]), ""]
    lines.append(say("cli.families.laws"))
    for law in made["laws"]:
        lines += [*_entry(law), *settings_lines(law["settings"]), ""]
    return [*lines, say("cli.families.fit"), *settings_lines(made["fit_settings"])]


def _entry(entry: dict[str, Any]) -> list[str]:
    """The name and the first paragraph of the help page."""
    summary = entry["help"].split("\n\n")[0].splitlines()
    return [f"  {entry['id']}  {entry['label']}", *(f"    {line.strip()}" for line in summary)]


def settings_lines(settings: list[dict[str, Any]]) -> list[str]:
    """Two lines for each setting: what it is, and what it may be."""
    lines = []
    for setting in settings:
        default = setting["default"]
        shown = f"{default:g}" if isinstance(default, float) else str(default)
        limits = say("cli.families.default", limits=setting["limits"], default=shown)
        lines += [f"    {setting['name']}  {setting['help']}", f"        {limits}"]
    return lines
