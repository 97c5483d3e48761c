"""Emission tomography: an image that gave the counts which detectors saw from many sides.

When to use it
    Counts of a ring of detectors by view and position, such as a slice of a PET scan.

When not
    Line integrals with Gaussian noise, such as X-ray attenuation.

The count of a bin is Poisson with the mean (A x): the intensities x of the pixels through the system matrix A, in
which each pixel is shared between the two positions nearest to its projection. Where in the image each count came
from is what is hidden. MLEM climbs the likelihood and keeps the total of the counts; OSEM takes the views in ordered
subsets, is quicker at first, and promises nothing. Both are best stopped early: the likeliest image is noisy.

Sources
    Shepp and Vardi (1982), IEEE Trans. Med. Imaging 1, 113-122; Lange and Carson (1984), J. Comput. Assist. Tomogr.
    8, 306-316; Hudson and Larkin (1994), IEEE Trans. Med. Imaging 13, 601-609 (OSEM).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.model.dataset import Dataset, Kind, from_arrays
from emdesk.model.family import Block, ByMethod, ByParams, Cut, Draw, Request, RowOutput, Start
from emdesk.model.law import Ascent, Invariance, Law, Quantity, Weakness, Workspace
from emdesk.model.marks import (
    ALL_GROUPS,
    NO_GROUP,
    Curve,
    Heatmap,
    Mark,
    Picture,
    Place,
    Points,
    View,
)
from emdesk.model.needs import Role
from emdesk.model.params import Axes, Domain
from emdesk.model.plain_family import PlainFamily
from emdesk.texts import declare, say
from emdesk.texts.numbers import whole
from tests.families.emission_data import EmissionSettings, Scan, prepare

F64 = NDArray[np.float64]
LEAST_SHARE = 1e-30
"""No pixel is darker than this share of the uniform image: zero is where MLEM goes, not where it arrives."""
TEXTS = {
    "emission.no_such_start": "An image starts uniform or from an earlier result; it has no groups",
    "emission.intensity": "The given intensities must be {size} × {size} numbers, none negative",
    "emission.image": "Image",
    "emission.scan": "Counts by view and position",
    "emission.view": "View",
    "emission.position": "Position",
    "emission.fitted": "Fitted count",
    "emission.observed": "Observed count",
    "emission.residuals": "Observed against fitted",
    "emission.after_run": "Fitted counts appear when a run begins",
    "emission.row": "Row",
    "emission.column": "Column",
    "emission.quantity": "Intensity",
    "emission.total": "Total",
    "emission.spoken": "Image of {size} by {size} pixels from {bins} bins",
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class EmissionParams:
    """The intensity of each pixel: expected counts it gives, bottom row first."""

    intensity: Annotated[F64, Axes("pixel row", "pixel column", label="Intensity"), Domain.POSITIVE]


@dataclass(frozen=True, eq=False)
class EmissionStatistics:
    """Back-projected ratios of observed to fitted counts, and what each pixel could give to those bins, (p,) each."""

    back: F64
    seen: F64
    log_likelihood: float

    @property
    def fit(self) -> float:
        return self.log_likelihood

    def __add__(self, other: Self) -> EmissionStatistics:
        return EmissionStatistics(
            self.back + other.back,
            self.seen + other.seen,
            self.log_likelihood + other.log_likelihood,
        )

    def scaled(self, factor: float) -> EmissionStatistics:
        """All sums times a factor."""
        return EmissionStatistics(
            factor * self.back, factor * self.seen, factor * self.log_likelihood
        )


class EmissionTomography(PlainFamily):
    """Poisson counts through a system matrix."""

    id: ClassVar[str] = "emission"
    label: ClassVar[str] = "Emission tomography"
    Settings: ClassVar[type] = EmissionSettings
    cut: ClassVar[Cut] = Cut.BINS
    takes_law: ClassVar[bool] = False
    roles: ClassVar[tuple[Role, ...]] = (Role.COUNT,)
    labels_rows: ClassVar[bool] = False
    group_axis: ClassVar[str] = ""
    law: Law | None = None

    def with_law(self, law: Law) -> EmissionTomography:
        """The counts of emissions are Poisson: there is no other law to take."""
        return self

    def ascent(self, data: Scan) -> Ascent:
        return Ascent.EXACT if data.settings.method == "MLEM" else Ascent.NONE

    def invariance(self, data: Scan) -> Invariance:
        return Invariance(row_order=True)

    def start_methods(self) -> tuple[str, ...]:
        return ("uniform",)

    def prepare(self, dataset: Dataset, request: Request) -> Scan:
        return prepare(dataset, request)

    def blocks(self, data: Scan) -> Sequence[Block]:
        """One block for each view."""
        edges = data.view_edges
        return [Block(i, a, b) for i, (a, b) in enumerate(itertools.pairwise(edges))]

    def schedule(self, data: Scan) -> Sequence[Sequence[int]]:
        """All views, or every so-manieth view together: views of a subset are far apart."""
        views = len(data.view_edges) - 1
        subsets = min(data.settings.subsets, views) if data.settings.method == "OSEM" else 1
        return [range(first, views, subsets) for first in range(subsets)]

    def start(self, data: Scan, how: Start, rng: np.random.Generator) -> EmissionParams:
        size = data.settings.size
        match how:
            case ByMethod():
                return EmissionParams(np.full((size, size), data.uniform))
            case ByParams():
                given = np.asarray(how.values.get("intensity", np.nan), dtype=np.float64)
                if given.shape != (size, size) or not np.isfinite(given).all() or given.min() < 0:
                    raise SettingProblem(say("emission.intensity", size=size), setting="start")
                return EmissionParams(np.maximum(given, LEAST_SHARE * data.uniform))
            case _:
                raise SettingProblem(say("emission.no_such_start"), setting="start")

    def ready(self, data: Scan, params: EmissionParams, draw: Draw | None = None) -> F64:
        return params.intensity.ravel()

    def expect(self, data: Scan, block: Block, ready: F64, work: Workspace) -> EmissionStatistics:
        matrix = data.matrix[block.start : block.stop]
        counts = data.counts[block.start : block.stop]
        fitted = matrix @ ready
        hit = fitted > 0  # a bin that no pixel reaches has count 0, which `prepare` checks
        ratio = np.divide(counts, fitted, out=np.zeros_like(fitted), where=hit)
        logs = (
            counts[hit] * np.log(fitted[hit])
            - fitted[hit]
            - data.log_factorials[block.start : block.stop][hit]
        )
        return EmissionStatistics(
            matrix.T @ ratio, np.asarray(matrix.sum(axis=0)).ravel(), float(logs.sum())
        )

    def maximise(
        self, data: Scan, statistics: EmissionStatistics, params: EmissionParams
    ) -> EmissionParams:
        # Shepp and Vardi (1982), equation 2.13; a pixel that no bin of these sees keeps its value
        sees = statistics.seen > 0
        gain = np.divide(
            statistics.back, statistics.seen, out=np.ones_like(statistics.seen), where=sees
        )
        made = np.maximum(
            params.intensity * gain.reshape(params.intensity.shape), LEAST_SHARE * data.uniform
        )
        return EmissionParams(made)

    def log_prior(self, data: Scan, params: EmissionParams) -> float:
        return 0.0

    def free_parameters(self, data: Scan, params: EmissionParams) -> int:
        return int((data.matrix.sum(axis=0) > 0).sum())

    def weaknesses(self, data: Scan, params: EmissionParams) -> tuple[Weakness, ...]:
        return ()

    def thin_groups(self, data: Scan, params: EmissionParams) -> tuple[Weakness, ...]:
        return ()

    def order(self, data: Scan, params: EmissionParams) -> NDArray[np.intp] | None:
        return None

    def in_units(self, data: Scan, params: EmissionParams) -> EmissionParams:
        return params

    def quantities(self, data: Scan, params: EmissionParams) -> tuple[Quantity, ...]:
        axes = ("pixel row", "pixel column")
        total = np.array([params.intensity.sum()])
        return (
            Quantity("intensity", say("emission.quantity"), axes, params.intensity),
            Quantity("total", say("emission.total"), ("image",), total),
        )

    def rows(
        self, data: Scan, block: Block, params: EmissionParams, work: Workspace
    ) -> RowOutput | None:
        return None

    def picture(self, data: Scan, params: EmissionParams | None, view: View) -> Picture:
        size = data.settings.size
        spoken = say("emission.spoken", size=size, bins=whole(data.rows))
        if view.place is Place.LAW:
            return _against(data, params, spoken)
        if params is None:
            extent = (0.0, float(data.positions), 0.0, float(len(data.view_edges) - 1))
            return Picture(
                say("emission.scan"),
                (Heatmap(data.scan(), extent),),
                say("emission.position"),
                say("emission.view"),
                description=spoken,
            )
        return Picture(
            say("emission.image"),
            (Heatmap(params.intensity, (0.0, float(size), 0.0, float(size)), true_aspect=True),),
            say("emission.column"),
            say("emission.row"),
            description=spoken,
        )

    def simulate(self, data: Scan, params: EmissionParams, rng: np.random.Generator) -> Dataset:
        """The same bins, their counts drawn from the image."""
        drawn = rng.poisson(data.matrix @ params.intensity.ravel()).astype(np.float64)
        view, position, count = data.columns
        made = [(view, data.views), (position, data.places), (count, drawn)]
        return from_arrays(say("data.simulated"), made, Kind.COUNT)


def _against(data: Scan, params: EmissionParams | None, spoken: str) -> Picture:
    marks: tuple[Mark, ...] = ()
    if params is not None:
        fitted = data.matrix @ params.intensity.ravel()
        nobody = np.full(data.rows, NO_GROUP)
        ends = np.array([0.0, max(float(fitted.max()), float(data.counts.max()), 1.0)])
        points = Points(fitted, data.counts, nobody, data.row_numbers, small=True)
        marks = (points, Curve(ends, ends, ALL_GROUPS))
    return Picture(
        say("emission.residuals"),
        marks,
        say("emission.fitted"),
        say("emission.observed"),
        description=spoken,
        hint="" if marks else say("emission.after_run"),
    )


FAMILY = EmissionTomography()
