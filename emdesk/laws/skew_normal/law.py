"""Skew-normal law: each group is a normal law that leans to one side, its columns independent or leaning together.

When to use it
    Groups that are nearly normal but have one longer tail, as measurements of the body or of the blood have. A mixture
    of normal laws would need two components for one such group.

When not
    Groups with heavy tails or with rows far away: Student t. Positive columns with a long tail: log-normal or gamma.
    Groups whose columns are correlated: leave independent columns for joint ones (setting). Small groups of many joint
    columns: some direction is then easily found in which their rows end at an edge.

The density is 2 / scale phi(z) Phi(slant z) with z = (x - location) / scale: slant 0 is the normal law, a large slant
half of a normal law that begins at the location. Location and scale are not mean and standard deviation; these are
shown beside them. The slant of a group whose rows all lie beyond a sharp edge goes to infinity, and the scale of a
group of equal values to zero; EMDesk reports both. With few rows slants are badly known. Locations, scales and slants
can be held.

Each iteration takes one Newton step for a group that leans, and one step of Fisher's scoring in mean, standard
deviation and skewness for a group that is nearly normal. Where that would not climb, or where something of a group is
held, it is an EM step with the half-normal part of each row as missing, which creeps. A step that falls is halved.

Joint columns lean along one direction: a row is the location, a shift times the absolute value of a standard normal
number, and normal noise with correlations. The density is 2 phi(x; location, scale matrix) Phi(slant . z), with z the
row less the location in units of the scales. A slant here may differ in sign from the skewness of its column. Each
iteration takes one Newton step in location, scale matrix and slant; where that would lead too far, and at the edge, one
of EM. Missing cells are taken from the observed ones of their row. Starts are all but normal: which way a group leans
is found on the way, and several starts are worth their time. Parameters of joint columns cannot be held.

Sources
    The law and its centred parameters: Azzalini (1985), Scand. J. Statist. 12, 171-178.
    EM for mixtures: Lin, Lee and Yen (2007), Statistica Sinica 17, 909-927; its quicker form: Liu, Rubin and Wu (1998),
    Biometrika 85, 755-770.
    Joint columns: Azzalini and Dalla Valle (1996), Biometrika 83, 715-726; Azzalini and Capitanio (1999), J. R.
    Statist. Soc. B 61, 579-602. Their EM: Lin (2009), J. Multivar. Anal. 100, 257-265; Cabral, Lachos and Prates
    (2012), Comput. Statist. Data Anal. 56, 126-142.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.skew_normal.joint_law import JointSkewNormal
from emdesk.laws.skew_normal.settings import JOINT, SkewNormalParams, SkewNormalSettings
from emdesk.laws.skew_normal.sums import Kernel, SkewRows, SkewSums
from emdesk.model.columnwise import COMPONENT_COLUMN, ColumnConstants, ColumnwiseLaw, Mask
from emdesk.model.dataset import Kind
from emdesk.model.law import Ascent, Invariance, Law, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.centred_skew import from_centred, scored
from emdesk.model.numerics.leaning_skew import newton_step
from emdesk.model.numerics.skew import HALF_MEAN, SkewTies, hidden_moments, skew_maximum
from emdesk.model.positive import bounded_product, refuse_constant, refuse_large
from emdesk.model.rows import Rows
from emdesk.model.scaling import Scaling, scaling_of
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
LOG_2, LOG_2_PI = float(np.log(2)), float(np.log(2 * np.pi))
START_FLOOR = 1e-6
MOST_VALUE = 1e305
"""Differences of larger values may be infinite to a computer."""
CAUTIOUS, MOST_SKEW = 0.3, 0.9
"""The largest skewness of a start, and of a partition that is taken as it is."""
LEAST_LEANING, MOST_CENTRED = 0.5, 4.0
"""Slants above the one take Newton steps if these go uphill; else those below the other take centred steps."""
TEXTS = {
    "skew-normal.weak": (
        "component {group} has shrunk to the least scale in some column: its rows are all but equal"
    ),
    "skew-normal.edge": (
        "component {group} has become half of a normal law in some column: its rows end at a sharp edge"
    ),
    "skew-normal.not_finite": "column {name} holds {value} in row {row}, which is no number",
}
declare(TEXTS)
TOGETHER = JointSkewNormal()


@dataclass(frozen=True, eq=False)
class SkewNormalConstants(ColumnConstants):
    """The scaling of the columns, the least squared scale in these units, and the largest slant."""

    scaling: Scaling
    floor: float
    most_slant: float


class SkewNormal(ColumnwiseLaw[SkewNormalParams, SkewNormalConstants]):
    """Independent skew-normal columns."""

    id: ClassVar[str] = "skew-normal"
    label: ClassVar[str] = "Skew-normal"
    Settings: ClassVar[type] = SkewNormalSettings
    Params: ClassVar[type] = SkewNormalParams
    needs: ClassVar[Needs] = Needs(frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}))
    holdable: ClassVar[tuple[str, ...]] = ("locations", "scales", "slants")
    refusal: ClassVar[tuple[str, str]] = ("skew-normal.not_finite", "data.other_law")
    weak_template: ClassVar[str] = TEXTS["skew-normal.weak"]
    in_column_units: ClassVar[frozenset[str]] = frozenset({"locations", "scales"})

    def under(self, settings: SkewNormalSettings, columns: int) -> Law:
        """Over several columns that lean together another law with other parameters."""
        return TOGETHER if settings.columns_are == JOINT and columns > 1 else self

    def ascent(self, settings: SkewNormalSettings) -> Ascent:
        return Ascent.STEP

    def invariance(self, settings: SkewNormalSettings) -> Invariance:
        return Invariance(shift=True, scale_all=True, scale_each=True)

    def fits(self, cells: F64) -> Mask:
        return np.isfinite(cells)

    def first_look(self, rows: Rows, settings: SkewNormalSettings) -> SkewNormalConstants:
        refuse_large(np.nanmax(np.abs(rows.columns), axis=1), MOST_VALUE, rows.names)
        scaling = scaling_of(rows.columns, rows.weights, by_column=True)
        refuse_constant(scaling.deviations, rows.names)
        return SkewNormalConstants(scaling, settings.floor, settings.most_slant)

    def encode(self, rows: Rows, constants: SkewNormalConstants) -> F64:
        """Standardised cells, and marks of what is observed where cells are missing."""
        missing = rows.missing
        cells = constants.scaling.standardised(rows.columns)
        if not (constants.has_gaps or missing.any()):
            return cells
        return np.concatenate([np.where(missing, 0.0, cells), (~missing).astype(np.float64)])

    def columns_of(self, encoded: F64, constants: SkewNormalConstants) -> F64:
        rows = self.features(encoded, constants, Workspace())
        columns = constants.scaling.raw(rows.cells)
        return columns if rows.marks is None else np.where(rows.marks > 0, columns, np.nan)

    def places(self, columns: F64, constants: SkewNormalConstants) -> F64:
        return constants.scaling.standardised(columns)

    def feature_rows(self, constants: SkewNormalConstants) -> int:
        # cells, and z, t and t^2 for two or three groups
        return 8 * constants.d

    def features(self, encoded: F64, constants: SkewNormalConstants, work: Workspace) -> SkewRows:
        d = constants.d
        return SkewRows(encoded[:d], encoded[d:] if len(encoded) > d else None)

    def kernel(
        self, params: SkewNormalParams, offsets: F64, constants: SkewNormalConstants
    ) -> Kernel:
        heights = LOG_2 - 0.5 * LOG_2_PI - np.log(params.scales * constants.scaling.scales)
        return Kernel(params, offsets, heights)

    def log_peak(self, params: SkewNormalParams, constants: SkewNormalConstants) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        logs = LOG_2 - 0.5 * LOG_2_PI - np.log(params.scales * constants.scaling.scales)
        return np.asarray(logs.sum(axis=1))

    def log_density(self, features: SkewRows, kernel: Kernel, out: F64, work: Workspace) -> None:
        features.look(kernel, out, work)

    def statistics(
        self,
        features: SkewRows,
        responsibilities: F64,
        kernel: Kernel | None,
        constants: SkewNormalConstants,
        work: Workspace,
    ) -> SkewSums:
        return features.sums(responsibilities, kernel, work)

    def _of_partition(
        self, statistics: SkewSums, is_cautious: bool, constants: SkewNormalConstants
    ) -> SkewNormalParams:
        """From means, variances and skews; cautious: with one variance for all groups, and small skews."""
        averages, rows = statistics.averages, statistics.seen
        means = averages.x
        variances = np.maximum(averages.xx - means**2, constants.floor)
        if is_cautious:
            total = np.maximum(rows.sum(axis=0), np.finfo(float).tiny)
            common = (rows * variances).sum(axis=0) / total
            variances = np.repeat(
                np.maximum(common, max(START_FLOOR, constants.floor))[None], len(rows), axis=0
            )
        third = np.where(statistics.empty, 0.0, averages.t)
        cubes = third - 3 * means * averages.xx + 2 * means**3
        skews = cubes / variances**1.5
        most = CAUTIOUS if is_cautious else MOST_SKEW
        # equal rows lean to no side
        skews = np.where(variances > constants.floor, np.clip(skews, -most, most), 0.0)
        made = from_centred(means, np.sqrt(variances), skews)
        return self.retract(SkewNormalParams(*made), constants)

    def start(self, statistics: SkewSums, constants: SkewNormalConstants) -> SkewNormalParams:
        return self._of_partition(statistics, True, constants)

    def free_maximum(
        self,
        statistics: SkewSums,
        params: SkewNormalParams | None,
        constants: SkewNormalConstants,
    ) -> SkewNormalParams:
        if params is None:
            return self._of_partition(statistics, False, constants)
        held, empty = constants.held, statistics.empty
        middle, unit = statistics.locations, statistics.scales
        kept = held.onto(params)
        ties = SkewTies(
            (held.of("locations", middle), (kept.locations - middle) / unit),
            (held.of("scales", middle), kept.scales / unit),
            (held.of("slants", middle), kept.slants),
            np.sqrt(constants.floor) / unit,
            constants.most_slant,
        )
        locations, scales, slants = self._stepped(statistics, params, ties)
        # a component without rows keeps its place
        return held.onto(
            SkewNormalParams(
                np.where(empty, params.locations, middle + unit * locations),
                np.where(empty, params.scales, unit * scales),
                np.where(empty, params.slants, slants),
            )
        )

    def expected(
        self, statistics: SkewSums, params: SkewNormalParams, constants: SkewNormalConstants
    ) -> F64:
        """With the half-normal part of a cell hidden too; its M-step may go beyond the maximum of this."""
        x, xx, t, tt, xt = statistics.moments
        away = (params.locations - statistics.locations) / statistics.scales
        about = xx - 2 * away * x + away**2 * statistics.seen
        scales, slants = params.scales / statistics.scales, params.slants
        lean = np.hypot(1, slants) / scales
        falls = lean**2 * about - 2 * lean * slants * (xt - away * t) + slants**2 * tt
        return np.asarray((statistics.seen * np.log(lean) - 0.5 * falls).sum(axis=1))

    def _stepped(
        self, statistics: SkewSums, params: SkewNormalParams, ties: SkewTies
    ) -> tuple[F64, F64, F64]:
        """The M-step relative to the params: an EM step, and where nothing is held the longer one there is."""
        averages, scores, slants = (
            statistics.averages,
            statistics.average_scores,
            params.slants,
        )
        made = skew_maximum(averages, ties, slants)
        is_free = ~(ties.locations[0] | ties.scales[0] | ties.slants[0] | statistics.empty)
        is_near = (
            np.abs(slants) < MOST_CENTRED
        )  # where slants are large the information is singular
        near = np.where(is_near, slants, 0.0)
        centred = scored(scores[:4], near, np.abs(slants) < LEAST_LEANING)
        newton, is_uphill = newton_step(averages, scores[4:], slants, ties.most)
        for step, where in (
            (centred, is_near),
            (newton, is_uphill & (np.abs(slants) > LEAST_LEANING)),
        ):
            inside = (step[1] > ties.least) & (np.abs(step[2]) <= ties.most)
            chosen = where & is_free & inside
            locations, scales, leans = (
                np.where(chosen, a, b) for a, b in zip(step, made, strict=True)
            )
            made = locations, scales, leans
        return made

    def in_units(
        self, params: SkewNormalParams, constants: SkewNormalConstants
    ) -> SkewNormalParams:
        centres, scales = constants.scaling.centres, constants.scaling.scales
        return SkewNormalParams(
            params.locations * scales + centres, params.scales * scales, params.slants
        )

    def standardised(
        self, params: SkewNormalParams, constants: SkewNormalConstants
    ) -> SkewNormalParams:
        centres, scales = constants.scaling.centres, constants.scaling.scales
        return SkewNormalParams(
            (params.locations - centres) / scales, params.scales / scales, params.slants
        )

    def inside(self, params: SkewNormalParams, constants: SkewNormalConstants) -> SkewNormalParams:
        most = constants.most_slant
        return SkewNormalParams(
            params.locations,
            np.maximum(params.scales, np.sqrt(constants.floor)),
            np.clip(params.slants, -most, most),
        )

    def touching(self, params: SkewNormalParams, constants: SkewNormalConstants) -> Mask:
        held = constants.held.of("scales", params.scales)
        return np.asarray((params.scales**2 <= constants.floor * (1 + 1e-6)) & ~held)

    def weaknesses(
        self, params: SkewNormalParams, constants: SkewNormalConstants
    ) -> tuple[Weakness, ...]:
        shrunk = super().weaknesses(params, constants)
        held = constants.held.of("slants", params.slants)
        at_edge = (np.abs(params.slants) >= constants.most_slant * (1 - 1e-6)) & ~held
        collapsed = {weakness.group for weakness in shrunk}
        halves = (int(k) for k in np.flatnonzero(at_edge.any(axis=1)) if int(k) not in collapsed)
        return (*shrunk, *(Weakness(k, "edge", TEXTS["skew-normal.edge"]) for k in halves))

    def least_distinct_rows(self, constants: SkewNormalConstants) -> int:
        return 2

    def means_at(
        self, means: F64, spread: SkewNormalParams, constants: SkewNormalConstants
    ) -> SkewNormalParams:
        held, groups = constants.held, len(means)
        scales = held.put("scales", np.repeat(spread.scales[:1], groups, axis=0))
        slants = held.put("slants", np.repeat(spread.slants[:1], groups, axis=0))
        shown = self.in_units(SkewNormalParams(np.zeros_like(scales), scales, slants), constants)
        offsets, _ = self.means_and_variances(replace(shown, locations=np.zeros_like(scales)))
        return self.standardised(replace(shown, locations=means - offsets), constants)

    def quantities(self, params: SkewNormalParams, names: tuple[str, ...]) -> tuple[Quantity, ...]:
        means, sds = self._means_and_sds(params)
        return (
            Quantity("means", say("quantity.mean"), COMPONENT_COLUMN, means, True),
            Quantity("sds", say("quantity.sd"), COMPONENT_COLUMN, sds, True),
            *super().quantities(params, names),
        )

    def means_and_variances(self, params: SkewNormalParams) -> tuple[F64, F64]:
        means, sds = self._means_and_sds(params)
        return means, bounded_product(sds, sds)

    def _means_and_sds(self, params: SkewNormalParams) -> tuple[F64, F64]:
        share = HALF_MEAN * params.slants / np.hypot(1, params.slants)
        return params.locations + share * params.scales, params.scales * np.sqrt(1 - share**2)

    def log_densities(self, params: SkewNormalParams, cells: F64, column: int) -> F64:
        scales = params.scales[:, column, None]
        z = (cells - params.locations[:, column, None]) / scales
        logs, _, _ = hidden_moments(params.slants[:, column, None] * z)
        return np.asarray(logs + LOG_2 - 0.5 * LOG_2_PI - np.log(scales) - 0.5 * z**2)

    def simulate(
        self, params: SkewNormalParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        locations, scales, slants = (
            part[groups].T for part in (params.locations, params.scales, params.slants)
        )
        lean, noise = rng.standard_normal((2, *locations.shape))
        return np.asarray(
            locations + scales * (slants * np.abs(lean) + noise) / np.hypot(1, slants)
        )
