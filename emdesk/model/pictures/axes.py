"""What an axis of a scatter can show: a used column, or a principal component of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emdesk.model.marks import AxisOption
from emdesk.texts import say

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Axis:
    """A direction (d,) applied to x - centre (d,); `column` is its position if it is a plain column.

    `caption` is the label with the unit, which stands beside the axis.
    """

    key: str
    label: str
    caption: str
    direction: F64
    centre: F64
    column: int | None


class Projections:
    """The axes of a set of columns. `values(i)` gives column i (n,) in the analyst's units."""

    def __init__(
        self,
        names: tuple[str, ...],
        values: Callable[[int], F64],
        weights: F64 | None,
        units: tuple[str, ...] = (),
    ) -> None:
        self.names = names
        self._units = units or ("",) * len(names)
        self._values = values
        self._weights = weights

    @cached_property
    def _principal(self) -> tuple[F64, F64, F64]:
        """Directions (d, d) in units, centres (d,) and shares (d,) of the components of the correlation matrix."""
        columns = np.stack([self._values(i) for i in range(len(self.names))])
        gaps = np.isnan(columns)
        if gaps.any():  # a missing cell in the middle says nothing of the directions
            columns = np.where(gaps, np.nanmean(columns, axis=1)[:, None], columns)
        centres = np.average(columns, axis=1, weights=self._weights)
        columns -= centres[:, None]
        spread = np.sqrt(np.average(columns**2, axis=1, weights=self._weights))
        columns /= np.where(spread > 0, spread, 1.0)[:, None]
        weighted = columns if self._weights is None else columns * self._weights
        correlation = weighted @ columns.T
        values, vectors = np.linalg.eigh(correlation)
        values, vectors = values[::-1], vectors[:, ::-1]
        # a sign that does not depend on the linear algebra library
        signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(len(values))])
        directions = (vectors * signs).T / np.where(spread > 0, spread, 1.0)
        return directions, centres, np.maximum(values, 0) / max(values.sum(), 1e-300)

    def options(self) -> tuple[AxisOption, ...]:
        """Every axis there is: the columns, then up to five principal components."""
        columns = tuple(AxisOption(f"column:{name}", name) for name in self.names)
        if len(self.names) < 2:
            return columns
        count = min(5, len(self.names))
        return columns + tuple(AxisOption(f"pc:{i}", self._pc_label(i)) for i in range(count))

    def axis(self, key: str, otherwise: int) -> Axis:
        """The axis of a key; an unknown or empty key is the column at position `otherwise`."""
        d = len(self.names)
        if key.startswith("pc:") and key[3:].isdigit() and int(key[3:]) < d:
            i = int(key[3:])
            directions, centres, _ = self._principal
            label = self._pc_label(i)
            return Axis(key, label, label, directions[i], centres, None)
        name = key.removeprefix("column:")
        i = self.names.index(name) if name in self.names else min(otherwise, d - 1)
        direction = np.zeros(d)
        direction[i] = 1.0
        label, unit = self.names[i], self._units[i]
        caption = say("axis.with_unit", name=label, unit=unit) if unit else label
        return Axis(f"column:{label}", label, caption, direction, np.zeros(d), i)

    def _pc_label(self, i: int) -> str:
        share = 100 * self._principal[2][i]
        return say("axis.principal", number=i + 1, share=f"{share:.0f}")

    def along(self, axis: Axis, rows: NDArray[np.intp] | slice = slice(None)) -> F64:
        """The values (m,) of rows along an axis."""
        if axis.column is not None:
            return self._values(axis.column)[rows]
        made = np.zeros(len(self._values(0)[rows]))
        for i, weight in enumerate(axis.direction):
            made += weight * (self._values(i)[rows] - axis.centre[i])
        return made
