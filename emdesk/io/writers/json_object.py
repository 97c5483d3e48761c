"""Objects as JSON that every program reads: no NaN, no infinity, arrays as nested lists."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Any, BinaryIO

import numpy as np


def plain_json(value: object) -> Any:
    """The value made of dictionaries, lists, texts, numbers, booleans and None only.

    What is not finite becomes None; keys keep their order, sets are sorted. TypeError for anything
    that has no such form.
    """
    if value is None or (isinstance(value, (bool, int, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return plain_json(value.value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (np.generic, np.ndarray)):
        return plain_json(value.tolist())
    if isinstance(value, Mapping):
        return {_key(key): plain_json(part) for key, part in value.items()}
    if isinstance(value, (set, frozenset)):
        return [plain_json(part) for part in sorted(value)]
    if isinstance(value, (list, tuple)):
        return [plain_json(part) for part in value]
    if isinstance(value, PurePath):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain_json(getattr(value, item.name)) for item in fields(value)}
    raise TypeError(type(value).__name__)


def to_json(value: object, indent: int | None = 2) -> str:
    """The value as JSON text with a line feed; the same value always gives the same text."""
    made = json.dumps(plain_json(value), ensure_ascii=False, allow_nan=False, indent=indent)
    return made + "\n"


def write_json(stream: BinaryIO, value: object) -> None:
    """Write the value as JSON in UTF-8."""
    stream.write(to_json(value).encode("utf-8"))


def _key(key: object) -> str:
    return str(key.value) if isinstance(key, Enum) else str(key)
