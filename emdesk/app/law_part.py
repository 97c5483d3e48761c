"""One law over some of the columns, with its settings: a piece of a model of several laws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from emdesk.model.fields import BoundField, Value, fields_of, values_of
from emdesk.model.joint import part_name
from emdesk.texts import say


@dataclass(frozen=True)
class LawPart:
    """The law with this id over these columns. Its settings are called `COLUMN.setting`."""

    law: str
    columns: tuple[str, ...]
    settings: Any

    @property
    def name(self) -> str:
        return part_name(self.columns)

    def fields(self) -> tuple[BoundField, ...]:
        """Its settings under their full names."""
        return tuple(self._named(bound) for bound in fields_of(type(self.settings)))

    def titled(self, law_label: str) -> tuple[BoundField, ...]:
        """The same in a section of their own, as a form shows them."""
        title = say("law.over_columns", law=law_label, columns=", ".join(self.columns))
        return tuple(
            replace(bound, field=replace(bound.field, section=title, more=False))
            for bound in self.fields()
        )

    def values(self) -> dict[str, Value]:
        """The values of its settings under their full names."""
        return {f"{self.name}.{key}": value for key, value in values_of(self.settings).items()}

    def plain_name(self, name: str) -> str | None:
        """The setting's own name if `name` is one of this part's, in full or plain; None if it is not."""
        plain = name.removeprefix(f"{self.name}.")
        known = {bound.name for bound in fields_of(type(self.settings))}
        return plain if plain in known else None

    def _named(self, bound: BoundField) -> BoundField:
        field, prefix = bound.field, f"{self.name}."
        asked = field.applies
        if asked is not None:

            def applies(values: Mapping[str, Any]) -> bool:
                own = {k.removeprefix(prefix): v for k, v in values.items() if k.startswith(prefix)}
                return asked({**values, **own, "columns": len(self.columns)})

            field = replace(field, applies=applies)
        return replace(bound, name=f"{prefix}{bound.name}", field=field)
