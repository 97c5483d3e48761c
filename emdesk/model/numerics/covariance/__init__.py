"""Covariance structures as objects (Banfield and Raftery 1993, Biometrics 49, 803-821; Celeux and Govaert 1995,
Pattern Recognition 28, 781-793), under the names of mclust.

Each knows which second moments it needs, its maximum under the eigenvalue floor, and its free parameters. The
floor is a clamp on eigenvalues, which is the constrained maximum; adding to the diagonal would not be. The maximum
is the global one for all but the axes of EVE and VVE, see `common_axes`.
"""

from __future__ import annotations

from collections.abc import Mapping

from emdesk.model.numerics.covariance.closed import Diagonal, EqualSpectrum, Full, Spherical
from emdesk.model.numerics.covariance.common_axes import (
    CommonAxesEqualVolume,
    CommonAxesOwnVolume,
)
from emdesk.model.numerics.covariance.factors import FactorAnalytic
from emdesk.model.numerics.covariance.proportional import CommonShape, CommonVolume, Proportional
from emdesk.model.numerics.covariance.structure import (
    Second,
    Structure,
    clamp_eigenvalues,
    surely_above,
)

__all__ = [
    "STRUCTURES",
    "FactorAnalytic",
    "Second",
    "Structure",
    "clamp_eigenvalues",
    "surely_above",
]

_ALL: tuple[Structure, ...] = (
    Spherical("EII", Second.SPHERE, True, False),
    Spherical("VII", Second.SPHERE, False, False),
    Diagonal("EEI", Second.DIAGONAL, True, True),
    CommonShape("VEI", Second.DIAGONAL, False, True),
    CommonVolume("EVI", Second.DIAGONAL, False, True),
    Diagonal("VVI", Second.DIAGONAL, False, True),
    Full("EEE", Second.FULL, True, True),
    Proportional("VEE", Second.FULL, False, True),
    CommonAxesEqualVolume("EVE", Second.FULL, False, False),
    CommonAxesOwnVolume("VVE", Second.FULL, False, False),
    EqualSpectrum("EEV", Second.FULL, False, False),
    CommonShape("VEV", Second.FULL, False, False),
    CommonVolume("EVV", Second.FULL, False, True),
    Full("VVV", Second.FULL, False, True),
)
STRUCTURES: Mapping[str, Structure] = {structure.id: structure for structure in _ALL}
