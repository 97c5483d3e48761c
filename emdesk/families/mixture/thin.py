"""Groups that rest on too few distinct rows: spurious optima that no floor has caught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emdesk.families.mixture.data import MixtureData
from emdesk.model.law import Weakness, Workspace
from emdesk.texts import declare

if TYPE_CHECKING:
    from emdesk.families.mixture.family import Mixture

SHARE = 0.05
"""A group rests on the rows whose responsibility is at least this share of its largest."""
LOOKED_AT = 4096
TEXTS = {
    "mixture.thin": "component {group} rests on {distinct} distinct rows; a group needs {least}",
    "mixture.empty": "no row belongs to component {group}",
}
declare(TEXTS)


def thin_groups(
    family: Mixture, data: MixtureData, params: Any, least: int
) -> tuple[Weakness, ...]:
    """A Weakness for each group that rests on fewer than `least` distinct rows; two passes over the rows."""
    work, blocks = Workspace(), family.blocks(data)
    groups = len(params.weights)
    top = np.zeros(groups)
    for block in blocks:
        probabilities = family.rows(data, block, params, work).probabilities[:groups]
        top = np.maximum(top, probabilities.max(axis=1))
    found: list[set[bytes]] = [set() for _ in range(groups)]
    for block in blocks:
        open_groups = [k for k in range(groups) if len(found[k]) < least and top[k] > 0]
        if not open_groups:
            break
        probabilities = family.rows(data, block, params, work).probabilities
        rows = data.encoded[:, block.start : block.stop]
        for k in open_groups:
            chosen = np.flatnonzero(probabilities[k] >= SHARE * top[k])
            for first in range(0, len(chosen), LOOKED_AT):
                part = np.ascontiguousarray(rows[:, chosen[first : first + LOOKED_AT]].T)
                found[k].update(row.tobytes() for row in np.unique(part, axis=0)[: least + 1])
                if len(found[k]) >= least:
                    break
    weak = []
    for k in range(groups):
        if top[k] == 0:
            weak.append(Weakness(k, "empty", TEXTS["mixture.empty"]))
        elif len(found[k]) < least:
            values = {"distinct": len(found[k]), "least": least}
            weak.append(Weakness(k, "few-rows", TEXTS["mixture.thin"], values))
    return tuple(weak)
