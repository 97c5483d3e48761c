"""What the panels show of a mixture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emdesk.families.mixture.data import MixtureData
from emdesk.families.mixture.noise import NoisyMixtureParams, shares
from emdesk.families.mixture.settings import MixtureParams
from emdesk.model.family import RowOutput
from emdesk.model.intervals import intervals_of
from emdesk.model.law import Workspace
from emdesk.model.marks import Picture, Place, View
from emdesk.model.pictures.bins import Binned, binned
from emdesk.model.pictures.cross_table import can_be_crossed, cross_table
from emdesk.model.pictures.groups import Groups, density, histogram, posterior_curves, scatter
from emdesk.model.pictures.profiles import has_categories, has_profile, profiles
from emdesk.model.pictures.quantiles import PROBABILITIES, QUANTILES, judged

if TYPE_CHECKING:
    from emdesk.families.mixture.family import Mixture


def picture(
    family: Mixture, data: MixtureData, params: MixtureParams | None, view: View
) -> Picture:
    """The scatter and the fitted density; of one column the histogram and the probabilities along it."""
    assert family.law is not None
    shown = None if params is None else family.in_units(data, params)

    def memberships(chosen: NDArray[np.intp]) -> RowOutput:
        assert params is not None
        return family.rows_at(data, chosen, params, Workspace())

    groups = Groups(
        data.projections,
        data.rows,
        data.row_numbers,
        data.weights,
        family.law,
        None if shown is None else shares(shown),
        None if shown is None else shown.law,
        None if params is None else memberships,
        family.group_names(data),
        _noise(shown),
    )
    if data.given is not None:
        units = {column.name: column.unit for column in data.dataset.columns}
        own = family.law.picture(groups, data.given, units, view)
        if own is not None:
            return own
    is_picture = view.place is Place.PICTURE
    if not is_picture and view.shows in (QUANTILES, PROBABILITIES):
        return judged(groups, view)
    words = tuple(data.dataset.column(name).categories for name in data.columns)
    if has_profile(family.law, len(data.columns)) and not is_picture:
        return profiles(groups, words)
    if len(data.columns) > 1 and has_categories(family.law) and can_be_crossed(groups, view):
        return cross_table(groups, view, words)
    if len(data.columns) == 1 and words[0]:
        return replace(histogram(groups, view), x_names=tuple(enumerate(words[0])))
    if len(data.columns) == 1:
        given = _binned(family, data)
        return (histogram if is_picture else posterior_curves)(groups, view, given)
    return scatter(groups, view) if is_picture else density(groups, view)


def _binned(family: Mixture, data: MixtureData) -> Binned | None:
    """The histogram of rows that are intervals, None where they are values."""
    law = intervals_of(family.law)
    if law is None:
        return None
    lower, upper = law.ends(data.encoded)
    if np.all(lower == upper):
        return None
    return binned(lower, upper, data.weights, 0.0 if law.is_positive else -np.inf)


def _noise(shown: MixtureParams | None) -> float | None:
    """The share of noise times its density along one column."""
    if not isinstance(shown, NoisyMixtureParams):
        return None
    return float(shown.noise / shown.noise_sides[0])
