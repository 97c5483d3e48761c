"""What a reconstruction knows before the fit: the counts by view, and the system matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import DataProblem
from emdesk.model.dataset import Dataset, Kind, from_arrays
from emdesk.model.family import Block, Request
from emdesk.model.fields import Choice, Field
from emdesk.model.needs import Role
from emdesk.texts import declare, say

F64 = NDArray[np.float64]

TEXTS = {
    "emission.columns": "a scan is three columns, view, position and count, and {found} are used",
    "emission.choose": "Choose them in this order, or give the counts the role count",
    "emission.not_numeric": "column {name} holds text, and a scan is numbers",
    "emission.not_whole": "column {name} holds {value} in row {row}; it must be whole and not negative",
    "emission.view_beyond": "column {name} holds {value} in row {row}, and the views go from 0 to {last}",
    "emission.more_views": "Mend the cell, or set views to what the scan has",
    "emission.twice": "view {view}, position {position} is there twice, in rows {first} and {second}",
    "emission.out_of_sight": "{name} is {value} in row {row}, at a position that no pixel of the image reaches",
    "emission.larger": "Mend the cell, or leave positions outside the image out",
    "emission.mend": "Mend the cell in the file",
    "emission.no_counts": "every count in column {name} is 0, so there is no image",
}
declare(TEXTS)


def _by_subsets(values: Any) -> bool:
    return bool(values.get("method") == "OSEM")


@dataclass(frozen=True)
class EmissionSettings:
    """The image, the scanner and the method."""

    size: Annotated[
        int, Field("Size", "Pixels along each side of the image.", low=2, high=256, section="Image")
    ] = 32
    views: Annotated[
        int,
        Field(
            "Views",
            "Views over half a turn; view 0 looks along the columns.",
            low=1,
            high=1000,
            section="Image",
        ),
    ] = 24
    method: Annotated[
        str,
        Field(
            "Method",
            "How the image is improved.",
            section="Image",
            choices=(
                Choice("MLEM", "MLEM", "All views at once: the likelihood always climbs."),
                Choice("OSEM", "OSEM", "Ordered subsets of the views: quick, with no promise."),
            ),
        ),
    ] = "MLEM"
    subsets: Annotated[
        int,
        Field(
            "Subsets",
            "Into how many subsets the views are put.",
            low=1,
            high=100,
            section="Image",
            applies=_by_subsets,
        ),
    ] = 4


@dataclass(frozen=True, eq=False)
class Scan:
    """Bins in the order of their views: counts, view and position (n,), and the system matrix (n, pixels)."""

    dataset: Dataset
    columns: tuple[str, str, str]
    row_numbers: NDArray[np.intp]
    views: F64
    places: F64
    counts: F64
    positions: int
    matrix: Any
    log_factorials: F64
    settings: EmissionSettings

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        mask = np.zeros(self.dataset.rows, dtype=bool)
        mask[self.row_numbers] = True
        return mask

    @property
    def rows(self) -> int:
        return len(self.counts)

    @property
    def size(self) -> float:
        return float(self.rows)

    @cached_property
    def uniform(self) -> float:
        """The intensity of a uniform image that gives as many counts as there are."""
        return float(self.counts.sum() / self.matrix.sum())

    @cached_property
    def view_edges(self) -> tuple[int, ...]:
        """Where the bins of each view begin, and their end."""
        return (0, *(np.flatnonzero(np.diff(self.views)) + 1).tolist(), self.rows)

    def weights_of(self, block: Block) -> F64 | None:
        """Every bin counts once."""
        return None

    def scan(self) -> F64:
        """The counts by view and position, 0 where nothing was measured."""
        picture = np.zeros((len(self.view_edges) - 1, self.positions))
        rows = np.repeat(np.arange(len(picture)), np.diff(self.view_edges))
        picture[rows, self.places.astype(np.intp)] = self.counts
        return picture


def prepare(dataset: Dataset, request: Request) -> Scan:
    """Check the three columns and make the system matrix of the bins that are there."""
    settings: EmissionSettings = request.settings
    names = _names(dataset, request)
    for name in names:
        if not dataset.column(name).is_numeric:
            raise DataProblem(
                say("emission.not_numeric", name=name), columns=(name,), where=dataset.name
            )
    rows = np.flatnonzero(dataset.complete(names))
    columns = [dataset.column(name).values[rows] for name in names]
    for name, values in zip(names, columns, strict=True):
        whole = np.isfinite(values) & (values >= 0) & (values == np.rint(values))
        _require(dataset, name, values, rows, whole, "emission.not_whole", "emission.mend")
    inside = columns[0] < settings.views
    beyond = {"last": settings.views - 1}
    _require(
        dataset,
        names[0],
        columns[0],
        rows,
        inside,
        "emission.view_beyond",
        "emission.more_views",
        beyond,
    )
    order = np.lexsort((columns[1], columns[0]))
    rows, (views, places, counts) = rows[order], (c[order] for c in columns)
    _require_once(dataset, names, views, places, rows)
    if not counts.sum() > 0:
        raise DataProblem(
            say("emission.no_counts", name=names[2]), columns=(names[2],), where=dataset.name
        )
    positions = int(places.max()) + 1
    matrix = system_matrix(views, places, positions, settings)
    seen = (matrix.sum(axis=1) > 0) | (counts == 0)
    _require(
        dataset,
        names[2],
        counts,
        rows,
        np.asarray(seen).ravel(),
        "emission.out_of_sight",
        "emission.larger",
    )
    from scipy.special import gammaln

    return Scan(
        dataset,
        names,
        rows,
        views,
        places,
        counts,
        positions,
        matrix,
        gammaln(counts + 1),
        settings,
    )


def _names(dataset: Dataset, request: Request) -> tuple[str, str, str]:
    names = (*request.columns, *request.roles.get(Role.COUNT, ()))
    if len(names) != 3:
        raise DataProblem(
            say("emission.columns", found=len(names)),
            columns=names,
            where=dataset.name,
            remedy=say("emission.choose"),
        )
    return names[0], names[1], names[2]


def _require(
    dataset: Dataset,
    name: str,
    values: F64,
    rows: NDArray[np.intp],
    fits: NDArray[np.bool_],
    key: str,
    remedy: str,
    more: dict[str, int] | None = None,
) -> None:
    unfit = np.flatnonzero(~fits)
    if unfit.size:
        value, row = f"{values[unfit[0]]:g}", int(rows[unfit[0]]) + 1
        raise DataProblem(
            say(key, name=name, value=value, row=row, **(more or {})),
            columns=(name,),
            where=dataset.name,
            remedy=say(remedy),
        )


def _require_once(
    dataset: Dataset, names: tuple[str, str, str], views: F64, places: F64, rows: NDArray[np.intp]
) -> None:
    twice = np.flatnonzero((np.diff(views) == 0) & (np.diff(places) == 0))
    if twice.size:
        first, second = sorted(int(r) + 1 for r in rows[twice[0] : twice[0] + 2])
        view, position = int(views[twice[0]]), int(places[twice[0]])
        raise DataProblem(
            say("emission.twice", view=view, position=position, first=first, second=second),
            columns=names[:2],
            where=dataset.name,
            remedy=say("emission.mend"),
        )


def system_matrix(views: F64, places: F64, positions: int, settings: EmissionSettings) -> Any:
    """Sparse (n, size * size): what a count of one in a pixel gives to each bin.

    The centre of a pixel is projected and shared linearly between the two nearest positions; the middle of the image
    falls on the middle of the positions.
    """
    from scipy.sparse import csr_array

    size = settings.size
    offsets = np.arange(size) - (size - 1) / 2
    x, y = np.tile(offsets, size), np.repeat(offsets, size)
    bin_of = np.full((settings.views, positions), -1, dtype=np.intp)
    bin_of[views.astype(np.intp), places.astype(np.intp)] = np.arange(len(views))
    angles = np.pi * np.arange(settings.views)[:, None] / settings.views
    place = x * np.cos(angles) + y * np.sin(angles) + (positions - 1) / 2
    # rounding must not share a pixel that falls on a position
    left = np.floor(place + 1e-9)
    part = np.clip(place - left, 0.0, 1.0)
    pixel = np.broadcast_to(np.arange(size * size), place.shape)
    turn = np.broadcast_to(np.arange(settings.views)[:, None], place.shape)
    found = []
    for where, share in ((left, 1 - part), (left + 1, part)):
        at = where.astype(np.intp)
        inside = (at >= 0) & (at < positions) & (share > 0)
        bins = bin_of[turn[inside], at[inside]]
        there = bins >= 0
        found.append((share[inside][there], bins[there], pixel[inside][there]))
    values, bins, pixels = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return csr_array((values, (bins, pixels)), shape=(len(views), size * size))


def phantom(size: int) -> F64:
    """An image (size, size) to try it on: a bright ellipse with a cold and a hot spot."""
    at = (np.arange(size) - (size - 1) / 2) / (size / 2)
    x, y = np.meshgrid(at, at)
    image = np.where((x / 0.72) ** 2 + (y / 0.9) ** 2 < 1, 1.0, 0.0)
    image[(x + 0.25) ** 2 + (y - 0.3) ** 2 < 0.04] = 0.2
    image[(x - 0.25) ** 2 + (y + 0.2) ** 2 < 0.03] = 3.0
    return image


def scan_of(image: F64, settings: EmissionSettings, total: float, seed: int | None) -> Dataset:
    """A scan of an image (size, size) with about `total` counts; seed None: rounded means, without noise."""
    positions = int(np.ceil(settings.size * np.sqrt(2))) + 1
    views = np.repeat(np.arange(float(settings.views)), positions)
    places = np.tile(np.arange(float(positions)), settings.views)
    mean = system_matrix(views, places, positions, settings) @ image.ravel()
    mean *= total / mean.sum()
    counts = np.rint(mean) if seed is None else np.random.default_rng(seed).poisson(mean)
    arrays = [("view", views), ("position", places), ("count", counts.astype(np.float64))]
    return from_arrays("scan", arrays, Kind.COUNT)
