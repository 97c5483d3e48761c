"""Missing cells of rows under joint skew-normal groups, and rows drawn from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emdesk.laws.skew_normal.joint_sums import JointKernel
from emdesk.laws.skew_normal.settings import JointSkewNormalParams
from emdesk.model.numerics.joint_skew import leaning
from emdesk.model.numerics.patterns import Pattern, patterns_of
from emdesk.model.numerics.skew import hidden_moments
from emdesk.model.plain_law import drawn_groups

F64 = NDArray[np.float64]


def completed(
    rows: F64, responsibilities: F64, shared: JointKernel, rng: np.random.Generator | None
) -> tuple[F64, F64]:
    """Standardised rows (d, m) with conditional means, or draws, in the place of missing cells, and the standard
    deviations of these; posterior probabilities are (K, m)."""
    values, spread = rows.copy(), np.zeros_like(rows)
    drawn = None if rng is None else drawn_groups(responsibilities, rng)
    for pattern in patterns_of(rows):
        if not pattern.missing.size:
            continue
        cells = np.ix_(pattern.missing, pattern.chosen)
        members = responsibilities[:, pattern.chosen]
        values[cells], spread[cells] = _filled(pattern, members, shared)
        if rng is not None and drawn is not None:
            values[cells] = _drawn(pattern, drawn[pattern.chosen], shared, rng)
    return values, spread


def _filled(pattern: Pattern, members: F64, shared: JointKernel) -> tuple[F64, F64]:
    """Means and standard deviations (q, m) over the groups."""
    shape = (len(members), len(pattern.missing), len(pattern.chosen))
    means, variances = np.empty(shape), np.empty(shape)
    noise = shared.noise.of(pattern)
    for k, (levels, tilts, slopes, spread) in enumerate(_parts(pattern, shared)):
        _, first, second = hidden_moments(tilts)
        means[k] = levels + slopes[:, None] * (spread * first)
        of_hidden = spread**2 * np.maximum(second - first**2, 0.0)
        variances[k] = np.diagonal(noise.residual[k])[:, None] + slopes[:, None] ** 2 * of_hidden
    centre = np.einsum("kqm,km->qm", means, members)
    total = np.einsum("kqm,km->qm", variances + (means - centre) ** 2, members)
    return centre, np.sqrt(total)


def _drawn(
    pattern: Pattern, chosen: NDArray[np.intp], shared: JointKernel, rng: np.random.Generator
) -> F64:
    from scipy.special import log_ndtr, ndtri_exp

    made = np.empty((len(pattern.missing), len(chosen)))
    noise = shared.noise.of(pattern)
    for k, (levels, tilts, slopes, spread) in enumerate(_parts(pattern, shared)):
        mine = np.flatnonzero(chosen == k)
        # a normal number above minus the tilt, by its distribution function from above
        logs = np.log1p(-rng.random(len(mine))) + log_ndtr(tilts[mine])
        hidden = spread * np.maximum(tilts[mine] - ndtri_exp(logs), 0.0)
        values, vectors = np.linalg.eigh(noise.residual[k])
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        more = root @ rng.standard_normal((len(values), len(mine)))
        made[:, mine] = levels[:, mine] + slopes[:, None] * hidden + more
    return made


def _parts(pattern: Pattern, shared: JointKernel) -> list[tuple[F64, F64, F64, float]]:
    """For each group: what the missing cells (q, m) are without a hidden part, the argument of Phi (m,), how much
    the missing cells grow with the hidden part (q,), and its spread."""
    pulls, spreads = shared.leaning_of(pattern)
    noise, shifts = shared.noise.of(pattern), shared.leaning.shifts
    o, q = pattern.observed, pattern.missing
    made = []
    for k, centred in shared.noise.centred(pattern):
        levels = shared.params.locations[k, q][:, None] + noise.slopes[k] @ centred
        slopes = shifts[k, q] - noise.slopes[k] @ shifts[k, o]
        made.append((levels, pulls[k] @ centred, slopes, float(spreads[k])))
    return made


def drawn_rows(
    params: JointSkewNormalParams, groups: NDArray[np.intp], rng: np.random.Generator
) -> F64:
    """Rows (d, n) of the given groups: a normal row, turned to the other side of the location where a further normal
    number lies above its argument of Phi (Azzalini and Capitanio 1999)."""
    d = params.locations.shape[1]
    rows, sides = rng.standard_normal((d, len(groups))), rng.standard_normal(len(groups))
    roots, pulls = np.linalg.cholesky(params.scales), leaning(params.scales, params.slants).pulls
    for k, location in enumerate(params.locations):
        mine = np.flatnonzero(groups == k)
        centred = roots[k] @ rows[:, mine]
        is_below = sides[mine] <= pulls[k] @ centred
        rows[:, mine] = location[:, None] + np.where(is_below, centred, -centred)
    return rows
