"""What is known of a Student t law before the fit: the ellipses, and the degrees of freedom that are held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emdesk.errors import SettingProblem
from emdesk.laws.student_t.settings import EACH, FIXED, StudentTSettings
from emdesk.laws.student_t.tails import LEAST_DEGREES, MOST_DEGREES, TailBelief
from emdesk.model.elliptical import EllipticalConstants
from emdesk.model.rows import Rows
from emdesk.texts import declare, say

F64 = NDArray[np.float64]
TEXTS = {
    "student-t.degrees": "the degrees of freedom of component {component} are {value}; they are positive",
    "student-t.tied_degrees": "degrees of freedom can be held where each component has its own",
    "student-t.untie_degrees": "Choose the tails Each, or Given and type the degrees of freedom",
}
declare(TEXTS)


@dataclass(frozen=True, eq=False)
class StudentTConstants(EllipticalConstants):
    """What is known before the fit, with the settings, and the degrees of freedom that are held: which (K,), and at
    what."""

    settings: StudentTSettings
    held_degrees: tuple[NDArray[np.bool_], F64] | None

    @property
    def has_free_tails(self) -> bool:
        return self.settings.tails != FIXED

    @property
    def has_common_tails(self) -> bool:
        return self.settings.tails != EACH

    @property
    def belief(self) -> TailBelief | None:
        """The prior of the degrees of freedom."""
        return self.settings.belief if self.has_free_tails else None

    def degrees(self, wanted: F64) -> F64:
        """The nearest degrees of freedom (K,) that the settings and what is held allow."""
        if not self.has_free_tails:
            return np.full(len(wanted), self.settings.degrees)
        bounded = np.clip(wanted, LEAST_DEGREES, MOST_DEGREES)
        if self.settings.tails == EACH:
            held = self.held_degrees
            is_held = held is not None and len(held[0]) == len(wanted)
            return np.where(held[0], held[1], bounded) if held and is_held else bounded
        if np.ptp(bounded) == 0:
            return bounded
        return np.full(len(wanted), np.exp(np.log(bounded).mean()))


def with_degrees(
    made: EllipticalConstants, rows: Rows, settings: StudentTSettings
) -> StudentTConstants:
    """The constants of the ellipses with what is held of the degrees of freedom."""
    return StudentTConstants(
        made.scaling,
        made.structure,
        made.floor,
        made.names,
        made.has_gaps,
        made.holding,
        made.prior,
        settings,
        _held_degrees(rows, settings),
    )


def _held_degrees(rows: Rows, settings: StudentTSettings) -> tuple[NDArray[np.bool_], F64] | None:
    found = rows.held.of("degrees", (rows.groups,))
    if found is None:
        return None
    if settings.tails != EACH:
        raise SettingProblem(
            say("student-t.tied_degrees"),
            setting="held",
            remedy=say("student-t.untie_degrees"),
        )
    refuse_degrees(np.where(*found, 1.0), "held")
    return found


def refuse_degrees(degrees: F64, setting: str) -> None:
    """A SettingProblem for the first of the degrees of freedom (K,) that is not above zero."""
    for k in np.flatnonzero(~((degrees > 0) & (degrees < np.inf)))[:1].tolist():
        said = say("student-t.degrees", component=k + 1, value=f"{degrees[k]:g}")
        raise SettingProblem(said, setting=setting)
