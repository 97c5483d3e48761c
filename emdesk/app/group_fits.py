"""The fits of all groups of the rows, of which one stands on the desk at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emdesk.app.group_matching import is_comparable
from emdesk.app.model_spec import ModelSpec
from emdesk.app.parts import Part
from emdesk.app.session import FitResult
from emdesk.errors import EMDeskError
from emdesk.model.dataset import Dataset


@dataclass(frozen=True, eq=False)
class GroupFit:
    """What became of one group: its fit, or the problem why there is none."""

    part: Part
    result: FitResult | None
    problem: EMDeskError | None = None

    @property
    def is_sound(self) -> bool:
        return self.result is not None and self.result.is_sound


@dataclass(frozen=True, eq=False)
class GroupFits:
    """The groups of a column of `dataset`, in their order, and the fit of each: None where it was not fitted yet.

    `spec` is the model with its role group. `run` is the run of the window that shows one of them: the one under work,
    the first of `waiting`, and once nothing waits that of the group number `chosen`, None before.
    """

    run: int
    column: str
    dataset: Dataset
    spec: ModelSpec
    parts: tuple[Part, ...]
    fits: tuple[GroupFit | None, ...]
    chosen: int | None = None
    waiting: tuple[int, ...] = ()

    @property
    def place(self) -> int | None:
        """The number of the group on the desk."""
        return self.waiting[0] if self.waiting else self.chosen

    @property
    def part(self) -> Part | None:
        """The group on the desk."""
        return None if self.place is None else self.parts[self.place]

    @property
    def done(self) -> tuple[GroupFit, ...]:
        """The groups that were fitted or could not be."""
        return tuple(fit for fit in self.fits if fit is not None)

    @property
    def unmeasured(self) -> tuple[int, ...]:
        """The numbers of the groups whose fit is sound and has no standard errors yet."""
        return tuple(
            place
            for place, fit in enumerate(self.fits)
            if fit is not None
            and fit.result is not None
            and fit.is_sound
            and fit.result.uncertainty is None
        )

    @property
    def reference(self) -> FitResult | None:
        """The fit whose components those of the other groups are ordered like: the first sound one."""
        return next((fit.result for fit in self.done if fit.is_sound), None)

    @property
    def rows_without_group(self) -> int:
        return int(self.dataset.column(self.column).missing.sum())

    def with_fit(self, place: int, fit: GroupFit) -> GroupFits:
        """The same with another fit of one group."""
        return replace(self, fits=(*self.fits[:place], fit, *self.fits[place + 1 :]))

    def holding(self, result: FitResult | None) -> GroupFits:
        """The same with the newest fit of the group on the desk, whose components have their names in all groups."""
        now = None if self.chosen is None else self.fits[self.chosen]
        if self.chosen is None or now is None or result is None or now.result is result:
            return self
        held = self.with_fit(self.chosen, replace(now, result=result))
        if now.result is None or now.result.names == result.names:
            return held
        return replace(held, fits=tuple(_named(fit, result) for fit in held.fits))


def _named(fit: GroupFit | None, result: FitResult) -> GroupFit | None:
    if fit is None or fit.result is None or not is_comparable(result, fit.result):
        return fit
    return replace(fit, result=replace(fit.result, names=result.names))
