"""The skew-normal law of several columns that lean together; see `law` for its help page."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.laws.skew_normal.joint_cells import completed, drawn_rows
from emdesk.laws.skew_normal.joint_step import (
    JointSkewNormalConstants,
    cautious,
    inside,
    of_partition,
    stepped,
)
from emdesk.laws.skew_normal.joint_sums import (
    LOG_2,
    LOG_2_PI,
    JointKernel,
    JointSkewRows,
    JointSkewSums,
    kernel,
)
from emdesk.laws.skew_normal.settings import JointSkewNormalParams, SkewNormalSettings
from emdesk.model.columnwise import COMPONENT_COLUMN
from emdesk.model.dataset import Kind
from emdesk.model.elliptical import checked_scaling, structure_of
from emdesk.model.elliptical_sums import block_of
from emdesk.model.law import Ascent, Invariance, Quantity, Weakness, Workspace
from emdesk.model.needs import Needs
from emdesk.model.numerics.joint_skew import leaning, means_and_covariances, widths
from emdesk.model.numerics.skew import HALF_MEAN, hidden_moments
from emdesk.model.plain_law import PlainLaw
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
STEEP = 20.0
"""A group at the floor that leans less than this has collapsed; another one has become half of a normal law."""
TOUCHING = 1 + 1e-6
TEXTS = {
    "skew-normal.joint_weak": (
        "component {group} has shrunk to the least scale in some direction: its rows repeat or lie in a flat"
    ),
    "skew-normal.joint_edge": (
        "component {group} has become half of a normal law in some direction: its rows end at a sharp edge"
    ),
    "skew-normal.location": "Location",
    "skew-normal.slant": "Slant",
    "skew-normal.scale_correlation": "Scale corre\u00adlation",
}
declare(TEXTS)


class JointSkewNormal(PlainLaw):
    """The multivariate skew-normal law."""

    id: ClassVar[str] = "skew-normal"
    label: ClassVar[str] = "Skew-normal"
    Settings: ClassVar[type] = SkewNormalSettings
    Params: ClassVar[type] = JointSkewNormalParams
    needs: ClassVar[Needs] = Needs(frozenset({Kind.CONTINUOUS, Kind.COUNT, Kind.TIME}))
    leaves_cells_out: ClassVar[bool] = True

    def ascent(self, settings: SkewNormalSettings) -> Ascent:
        return Ascent.STEP

    def invariance(self, settings: SkewNormalSettings) -> Invariance:
        return Invariance(shift=True, scale_all=True, scale_each=True)

    def constants(self, rows: Rows, settings: SkewNormalSettings) -> JointSkewNormalConstants:
        scaling, _ = checked_scaling(rows, structure_of("VVV"))
        rows.held.refuse_others(self.holdable)
        has_gaps = bool(rows.missing.any())
        return JointSkewNormalConstants(
            scaling, rows.names, has_gaps, settings.floor, settings.most_slant
        )

    def encode(self, rows: Rows, constants: JointSkewNormalConstants) -> F64:
        return constants.scaling.standardised(rows.columns)

    def feature_rows(self, constants: JointSkewNormalConstants) -> int:
        # the rows, the same centred and whitened, and what is kept about each for two or three groups
        return 3 * constants.d + 12

    def features(
        self, encoded: F64, constants: JointSkewNormalConstants, work: Workspace
    ) -> JointSkewRows:
        return JointSkewRows(block_of(encoded, constants.has_gaps))

    def kernel(
        self, params: JointSkewNormalParams, offsets: F64, constants: JointSkewNormalConstants
    ) -> JointKernel:
        return kernel(params, offsets, np.log(constants.scaling.scales))

    def log_peak(
        self, params: JointSkewNormalParams, constants: JointSkewNormalConstants
    ) -> F64 | None:
        if constants.has_gaps:  # the density of fewer columns has another bound
            return None
        _, log_determinants = np.linalg.slogdet(params.scales)
        height = LOG_2 - 0.5 * constants.d * LOG_2_PI - constants.scaling.log_volume
        return np.asarray(height - 0.5 * log_determinants)

    def log_density(
        self, features: JointSkewRows, kernel: JointKernel, out: F64, work: Workspace
    ) -> None:
        features.look(kernel, out)

    def statistics(
        self,
        features: JointSkewRows,
        responsibilities: F64,
        kernel: JointKernel | None,
        constants: JointSkewNormalConstants,
        work: Workspace,
    ) -> JointSkewSums:
        return features.sums(responsibilities, kernel, constants.unknown)

    def start(
        self, statistics: JointSkewSums, constants: JointSkewNormalConstants
    ) -> JointSkewNormalParams:
        return cautious(statistics, constants)

    def maximise(
        self,
        statistics: JointSkewSums,
        params: JointSkewNormalParams | None,
        constants: JointSkewNormalConstants,
    ) -> JointSkewNormalParams:
        if params is None:
            return of_partition(statistics, constants)
        return stepped(statistics, params, constants)

    def expected(
        self,
        statistics: JointSkewSums,
        params: JointSkewNormalParams,
        constants: JointSkewNormalConstants,
    ) -> F64:
        """With the hidden part of a row hidden too; the M-step may go beyond the maximum of this."""
        lean = leaning(params.scales, params.slants)
        away = params.locations - statistics.locations
        d = away.shape[1]
        # a row less its location and shift times its hidden part is a linear map of the row and that part
        noise = np.zeros((len(away), d, d + 2))
        noise[:, :, :d], noise[:, :, d], noise[:, :, -1] = np.eye(d), -lean.shifts, -away
        whole = np.zeros((len(away), d + 2, d + 2))
        whole[:, :-1, :-1] = statistics.second
        whole[:, -1, :-1] = whole[:, :-1, -1] = statistics.first
        whole[:, -1, -1] = statistics.counts
        scatter = noise @ whole @ np.swapaxes(noise, 1, 2)
        _, log_determinants = np.linalg.slogdet(lean.rests)
        traces = np.trace(np.linalg.solve(lean.rests, scatter), axis1=1, axis2=2)
        return np.asarray(-0.5 * (statistics.counts * log_determinants + traces))

    def free_parameters(
        self, params: JointSkewNormalParams, constants: JointSkewNormalConstants
    ) -> int:
        groups, d = params.locations.shape
        return int(groups * (2 * d + d * (d + 1) // 2))

    def in_units(
        self, params: JointSkewNormalParams, constants: JointSkewNormalConstants
    ) -> JointSkewNormalParams:
        centres, scales = constants.scaling.centres, constants.scaling.scales
        matrices = params.scales * scales[:, None] * scales[None, :]
        return JointSkewNormalParams(params.locations * scales + centres, matrices, params.slants)

    def from_units(
        self, params: JointSkewNormalParams, constants: JointSkewNormalConstants
    ) -> JointSkewNormalParams:
        _refuse(params)
        centres, scales = constants.scaling.centres, constants.scaling.scales
        matrices = params.scales / scales[:, None] / scales[None, :]
        locations = (params.locations - centres) / scales
        return self.retract(JointSkewNormalParams(locations, matrices, params.slants), constants)

    def retract(
        self, params: JointSkewNormalParams, constants: JointSkewNormalConstants
    ) -> JointSkewNormalParams:
        return inside(params, constants)

    def weaknesses(
        self, params: JointSkewNormalParams, constants: JointSkewNormalConstants
    ) -> tuple[Weakness, ...]:
        bounds, found = constants.bounds, []
        lean = leaning(params.scales, params.slants)
        for k, steepness in enumerate(lean.steepness):
            is_low = bounds.least_share(lean.rests[k]) <= TOUCHING
            is_flat = bounds.least_share(params.scales[k]) <= TOUCHING
            if is_flat or (is_low and steepness < STEEP):
                found.append(Weakness(k, "floor", TEXTS["skew-normal.joint_weak"]))
            elif is_low or steepness >= bounds.most / TOUCHING:
                found.append(Weakness(k, "edge", TEXTS["skew-normal.joint_edge"]))
        return tuple(found)

    def least_distinct_rows(self, constants: JointSkewNormalConstants) -> int:
        return constants.d + 2

    def complete(
        self,
        encoded: F64,
        responsibilities: F64,
        params: JointSkewNormalParams,
        constants: JointSkewNormalConstants,
        rng: np.random.Generator | None,
    ) -> tuple[F64, F64]:
        shared = self.kernel(params, np.zeros(len(responsibilities)), constants)
        values, spread = completed(encoded, responsibilities, shared, rng)
        return constants.scaling.raw(values), spread * constants.scaling.scales[:, None]

    def means_at(
        self, means: F64, spread: JointSkewNormalParams, constants: JointSkewNormalConstants
    ) -> JointSkewNormalParams:
        groups = len(means)
        scales = np.repeat(spread.scales[:1], groups, axis=0)
        slants = np.repeat(spread.slants[:1], groups, axis=0)
        centred = (means - constants.scaling.centres) / constants.scaling.scales
        locations = centred - HALF_MEAN * leaning(scales, slants).shifts
        return JointSkewNormalParams(locations, scales, slants)

    def quantities(
        self, params: JointSkewNormalParams, names: tuple[str, ...]
    ) -> tuple[Quantity, ...]:
        axes = (*COMPONENT_COLUMN, "column")
        means, covariances = self.moments(params)
        sds, scales = widths(covariances), widths(params.scales)
        within = covariances / sds[:, :, None] / sds[:, None, :]
        of_scales = params.scales / scales[:, :, None] / scales[:, None, :]
        place, slant = say("skew-normal.location"), say("skew-normal.slant")
        together = say("skew-normal.scale_correlation")
        return (
            Quantity("means", say("quantity.mean"), COMPONENT_COLUMN, means, True),
            Quantity("sds", say("quantity.sd"), COMPONENT_COLUMN, sds, True),
            Quantity("correlations", say("quantity.correlation"), axes, within),
            Quantity("locations", place, COMPONENT_COLUMN, params.locations, True),
            Quantity("widths", say("quantity.scale"), COMPONENT_COLUMN, scales, True),
            Quantity("scale_correlations", together, axes, of_scales),
            Quantity("slants", slant, COMPONENT_COLUMN, params.slants),
        )

    def moments(self, params: JointSkewNormalParams) -> tuple[F64, F64]:
        return means_and_covariances(params.locations, params.scales, params.slants)

    def log_marginal(
        self, params: JointSkewNormalParams, directions: F64, centre: F64, points: F64
    ) -> F64 | None:
        # a projection is skew-normal with the projected location, shift and scale matrix
        locations = (params.locations - centre) @ directions.T
        factors = np.linalg.cholesky(directions @ params.scales @ directions.T)
        shifts = leaning(params.scales, params.slants).shifts @ directions.T
        white = np.linalg.solve(factors, points[None] - locations[:, :, None])
        along = np.linalg.solve(factors, shifts[:, :, None])[:, :, 0]
        spreads = np.sqrt(np.maximum(1 - (along**2).sum(axis=1), np.finfo(float).tiny))
        tilts = np.einsum("kq,kqm->km", along, white) / spreads[:, None]
        logs, _, _ = hidden_moments(tilts)
        roots = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        height = LOG_2 - 0.5 * len(directions) * LOG_2_PI - roots
        return np.asarray(height[:, None] - 0.5 * (white**2).sum(axis=1) + logs)

    def simulate(
        self, params: JointSkewNormalParams, groups: NDArray[np.intp], rng: np.random.Generator
    ) -> F64:
        return drawn_rows(params, groups, rng)


def _refuse(params: JointSkewNormalParams) -> None:
    """A SettingProblem that names the component of the first value outside its domain."""
    for k, matrix in enumerate(params.scales):
        for name, values in (("location", params.locations[k]), ("slant", params.slants[k])):
            if not np.isfinite(values).all():
                shown = ", ".join(f"{value:g}" for value in values)
                raise SettingProblem(
                    say(
                        "start.not_finite",
                        label=say(f"skew-normal.{name}"),
                        component=k + 1,
                        value=shown,
                    ),
                    setting="start",
                )
        root = np.sqrt(np.abs(np.diagonal(matrix)))
        with np.errstate(all="ignore"):
            unit = matrix / root[:, None] / root
        is_symmetric = np.allclose(unit, unit.T, rtol=0, atol=1e-9)
        if not is_symmetric or not np.linalg.eigvalsh(unit)[0] > 0:
            raise SettingProblem(
                say("elliptical.not_positive", component=k + 1),
                setting="start",
                remedy=say("elliptical.give_positive"),
            )
