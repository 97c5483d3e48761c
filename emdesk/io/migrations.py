"""Pure steps from an older project document to the next format; each has a golden file in the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

FORMAT = 1
Step = Callable[[Mapping[str, Any]], Mapping[str, Any]]
STEPS: Mapping[int, Step] = {}
"""The step that leads from a format to the one after it. Format 1 is the first."""


def migrated(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document in the format of this version."""
    while document["format"] < FORMAT:
        step = STEPS[document["format"]]
        document = {**step(document), "format": document["format"] + 1}
    return document
