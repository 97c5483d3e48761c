"""All hostile data sets by name: each is a function of what a law takes, with a sentence that says what is hostile.

The columns are called a, b, c and so on; for a law that explains one column by others, a is explained.
"""

from __future__ import annotations

from tests.hostile import everyday, numbers, shapes
from tests.hostile.tables import HOSTILE as LISTED
from tests.hostile.tables import Maker

HOSTILE: dict[str, Maker] = dict(LISTED)
"""The data sets that the modules put on the list."""
MODULES = shapes, numbers, everyday
