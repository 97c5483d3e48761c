"""The forms in which laws take their columns, and a harmless table of two groups in each of them.

A hostile data set is made from the harmless one, so that every law meets the same hostility in numbers that it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
ROWS = 40
NAMES = tuple("abcdefgh")


class Form(Enum):
    """What the cells of a law's columns are."""

    REAL = "real numbers"
    POSITIVE = "numbers above 0"
    UNIT = "numbers between 0 and 1"
    ANGLE = "directions in radians"
    COUNT = "counts"
    BINARY = "0 or 1"
    CATEGORY = "one of a few categories"


@dataclass(frozen=True)
class Taken:
    """What a law takes: the form of its columns, and whether only the first is modelled and the others explain it."""

    form: Form
    explains: bool = False


TAKEN: dict[str, Taken] = {
    "bernoulli": Taken(Form.BINARY),
    "beta": Taken(Form.UNIT),
    "binomial": Taken(Form.COUNT),
    "binomial-regression": Taken(Form.COUNT, explains=True),
    "categorical": Taken(Form.CATEGORY),
    "exponential": Taken(Form.POSITIVE),
    "gamma": Taken(Form.POSITIVE),
    "gaussian": Taken(Form.REAL),
    "gaussian-regression": Taken(Form.REAL, explains=True),
    "geometric": Taken(Form.COUNT),
    "inverse-gaussian": Taken(Form.POSITIVE),
    "log-normal": Taken(Form.POSITIVE),
    "multinomial": Taken(Form.COUNT),
    "negative-binomial": Taken(Form.COUNT),
    "ordinal": Taken(Form.CATEGORY),
    "poisson": Taken(Form.COUNT),
    "poisson-regression": Taken(Form.COUNT, explains=True),
    "skew-normal": Taken(Form.REAL),
    "student-t": Taken(Form.REAL),
    "von-mises": Taken(Form.ANGLE),
    "weibull": Taken(Form.POSITIVE),
    "zero-inflated-poisson": Taken(Form.COUNT),
}
"""What each law takes, by its id."""

SHOWN: dict[Form, Callable[[F64], F64]] = {
    Form.REAL: lambda z: z,
    Form.POSITIVE: lambda z: np.exp(z),
    Form.UNIT: lambda z: 1 / (1 + np.exp(-z)),
    Form.ANGLE: lambda z: np.remainder(z, 2 * np.pi),
    Form.COUNT: lambda z: np.rint(np.exp(z + 1.5)),
    Form.BINARY: lambda z: (z > 0).astype(np.float64),
    Form.CATEGORY: lambda z: np.asarray(1.0 + (z > -1) + (z > 1), dtype=np.float64),
}
"""How a number around 0 looks in each form; every one rises with it."""


def groups_of(rows: int = ROWS) -> NDArray[np.intp]:
    """The group of each row: 0 in the first half of the rows, 1 in the second."""
    return (np.arange(rows) >= rows // 2).astype(np.intp)


def harmless(taken: Taken, rows: int = ROWS, columns: int = 3, seed: int = 1) -> F64:
    """(d, n) numbers around 0 in two groups far apart; answers and categories overlap, so that they are not all the
    same in a group. Where the first column is explained by the others, its lines are far apart."""
    rng = np.random.default_rng(seed)
    sides = 2.0 * groups_of(rows) - 1.0
    noise = rng.standard_normal((columns, rows))
    if taken.explains:
        lines = sides * (2.0 + 0.5 * noise[1]) + 0.2 * noise[0]
        return np.concatenate([lines[None], noise[1:]])
    width = 1.3 if taken.form in (Form.BINARY, Form.CATEGORY) else 0.4
    directions = np.where(np.arange(columns) % 3 == 2, -1.0, 1.0)
    return np.asarray(2.0 * directions[:, None] * sides + width * noise)


def shown(taken: Taken, numbers: F64) -> F64:
    """Numbers (d, n) around 0 in the form of a law; columns that explain are left as they are."""
    if taken.explains:
        return np.concatenate([SHOWN[taken.form](numbers[:1]), numbers[1:]])
    return SHOWN[taken.form](numbers)
