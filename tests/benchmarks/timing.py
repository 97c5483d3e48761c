"""What the benchmark scripts share: runs that alternate, the best of several, and a plain table.

The scripts of this folder print measurements and assert nothing; each is started by itself, such as
`python tests/benchmarks/start_time.py`.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence


def best_of(repeats: int, actions: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of the fastest of `repeats` runs of each action.

    The actions take turns, so that a machine that slows down slows all of them.
    """
    best = dict.fromkeys(actions, float("inf"))
    for _ in range(repeats):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def machine() -> str:
    """The machine and the libraries in one line, to stand above the numbers."""
    import numpy as np

    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns aligned to the right, except the first."""
    widths = [max(len(line[i]) for line in [header, *rows]) for i in range(len(header))]
    for line in [header, *rows]:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        print("  ".join(cells), file=sys.stdout)
