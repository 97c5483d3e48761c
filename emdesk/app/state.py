"""Everything the window shows, as one immutable value.

A person's wish becomes a command (`emdesk.app.commands`), a command makes the next state, and every panel draws
what it finds there. Nothing of this knows Qt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.column_summary import ColumnSummary
from emdesk.app.comparison.exploration import Exploration, can_explore
from emdesk.app.comparison.outcome import Comparison
from emdesk.app.discriminant import Discriminant
from emdesk.app.group_fits import GroupFits
from emdesk.app.history import History
from emdesk.app.model_spec import ModelSpec
from emdesk.app.pairing.kept import KeptFit
from emdesk.app.phase import Phase as Phase
from emdesk.app.proofs.board import ProofBoard
from emdesk.app.session import FitResult
from emdesk.app.shown import Audited, Live, Outline, Shown
from emdesk.em.stopping import Stop, outlook
from emdesk.model.dataset import Dataset
from emdesk.model.marks import Place, View
from emdesk.model.needs import Role

F64 = NDArray[np.float64]
DESK_VIEW, STARTS_VIEW, EXPLORER_VIEW, COMPARE_VIEW = "desk", "starts", "explorer", "compare"
"""Names of views of a project that others than the tabs of the bar lead to."""


class Page(StrEnum):
    """What fills the window."""

    START = "start"
    DESK = "desk"
    PROOF = "proof"


class ResultsTab(StrEnum):
    """The tabs of the results card."""

    PARAMETERS = "parameters"
    GROUPS = "groups"
    ROWS = "rows"
    COMPARISON = "comparison"
    AUDIT = "audit"
    MESSAGES = "messages"


class Weight(StrEnum):
    """How much a message matters: the role of its icon and tint."""

    INFO = "info"
    WARN = "warn"
    BAD = "bad"
    OK = "ok"


@dataclass(frozen=True)
class Message:
    """An entry of Messages: where, what, what to do; `clock` is the time of day."""

    where: str
    what: str
    remedy: str = ""
    weight: Weight = Weight.INFO
    clock: str = ""


@dataclass(frozen=True)
class Setup:
    """What undo gives back: the data and the model as the form says them."""

    dataset: Dataset | None = None
    path: Path | None = None
    spec: ModelSpec | None = None


@dataclass(frozen=True, eq=False)
class Saved:
    """The project file of what is on the desk: where it is, when and what was saved. `reading` and `other` are what
    it holds besides, to be written back."""

    path: Path
    clock: str
    setup: Setup
    result: FitResult | None
    reading: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)
    groups: GroupFits | None = None
    grid: Comparison | None = None
    kept: tuple[KeptFit, ...] = ()

    def holds(self, result: FitResult | None, groups: GroupFits | None) -> bool:
        """Whether it holds this fit, or with groups the fit of each, whichever of them is looked at."""
        if groups is None or self.groups is None:
            return groups is self.groups and result is self.result
        own = [fit.result for fit in self.groups.done]
        now = [fit.result for fit in groups.done]
        return len(own) == len(now) and all(a is b for a, b in zip(own, now, strict=True))


@dataclass(frozen=True)
class AppState:
    """The one state of the window. `view_name` is the view of the project that fills the page of the desk.

    `judged` are the errors of discriminant analysis with the number of their run.
    `audited` is the newest audit that was asked for, `measuring` the share of the standard errors that is done while
    they are under way.

    `kept` are fits to compare with others, `compared` names those that are pictured side by side, and `known_column`
    the column of labels that both are compared with; empty: what suits.

    `former` is the last result, whose components give those of the next one their names and colours.
    `went_on_from` is how many iterations the runs have made that the present one goes on from. `is_quick_replay` while
    a fit that was too quick to watch is replayed by itself.
    """

    catalogue: Catalogue
    page: Page = Page.START
    view_name: str = DESK_VIEW
    setup: Setup = field(default_factory=Setup)
    history: History[Setup] = field(default_factory=History)
    notes: tuple[str, ...] = ()
    summaries: Mapping[str, ColumnSummary] = field(default_factory=dict)
    form_problems: tuple[tuple[str, str], ...] = ()
    phase: Phase = Phase.IDLE
    run: int = 0
    ran: Setup | None = None
    live: Live | None = None
    shown: Shown | None = None
    outline: Outline | None = None
    setup_problem: Message | None = None
    result: FitResult | None = None
    former: FitResult | None = None
    failure: Message | None = None
    cursor: int | None = None
    picture_view: View = field(default_factory=lambda: View(Place.PICTURE))
    law_view: View = field(default_factory=lambda: View(Place.LAW))
    chosen_group: int | None = None
    selected_rows: tuple[int, ...] = ()
    selected_column: str | None = None
    clicked_means: tuple[tuple[float, ...], ...] = ()
    messages: tuple[Message, ...] = ()
    unread: int = 0
    tab: ResultsTab = ResultsTab.PARAMETERS
    undecided_only: bool = False
    is_table_open: bool = False
    saved: Saved | None = None
    went_on_from: int = 0
    audited: Audited | None = None
    measuring: float | None = None
    judged: tuple[int, Discriminant] | None = None
    watch_pace: bool = False
    speed: float = 1.0
    is_playing: bool = False
    replays_quick_fits: bool = False
    is_quick_replay: bool = False
    proofs: ProofBoard = field(default_factory=ProofBoard)
    exploration: Exploration = field(default_factory=Exploration)
    kept: tuple[KeptFit, ...] = ()
    compared: tuple[str, str] = ("", "")
    known_column: str = ""
    fits_by_group: GroupFits | None = None

    @property
    def group_fits(self) -> GroupFits | None:
        """The fits of all groups while one of them is on the desk, that one as it is there."""
        found = self.fits_by_group
        if found is None or found.run != self.run:
            return None
        if self.is_busy:
            return found
        return None if found.waiting else found.holding(self.result)

    @property
    def rows_to_fit(self) -> int:
        """The rows that the fit on the desk could use: those of its group, else all rows of the file."""
        groups = self.group_fits
        if groups is not None and groups.part is not None:
            return len(groups.part.rows)
        return self.dataset.rows if self.dataset is not None else 0

    @property
    def dataset(self) -> Dataset | None:
        return self.setup.dataset

    @property
    def spec(self) -> ModelSpec | None:
        return self.setup.spec

    @property
    def is_saved(self) -> bool:
        """Whether the project file holds what is on the desk."""
        saved = self.saved
        return (
            saved is not None
            and saved.setup is self.setup
            and saved.holds(self.result, self.group_fits)
            and saved.grid is self.own_grid
            and saved.kept == self.kept
        )

    @property
    def has_unsaved_work(self) -> bool:
        """Whether something would be lost: a fit, or changes of what was saved. Data that were only opened are not."""
        if self.dataset is None or self.is_saved:
            return False
        groups = self.group_fits
        if self.is_busy:
            return self.live is not None or (groups is not None and bool(groups.done))
        has_fits = self.result is not None or groups is not None or bool(self.kept)
        return self.saved is not None or has_fits or self.own_grid is not None

    @property
    def own_grid(self) -> Comparison | None:
        """The grid of models of the data on the desk; None where there is none, or one of other data."""
        shown = self.exploration
        return shown.comparison if shown.dataset is self.dataset else None

    @property
    def title(self) -> str:
        """The name of what is open, without its ending."""
        if self.saved is not None:
            return self.saved.path.stem
        if self.setup.path is not None:
            return self.setup.path.stem
        return self.dataset.name if self.dataset is not None else ""

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way, paused ones included."""
        return self.phase.is_busy

    @property
    def rules_exploration(self) -> bool:
        """Whether run, pause and stop are about the grid of models, not about the fit: where it is looked at."""
        return self.page is Page.DESK and self.view_name == EXPLORER_VIEW

    @property
    def ruled_phase(self) -> Phase:
        """What the run does that the run button is about."""
        return self.exploration.phase if self.rules_exploration else self.phase

    @property
    def can_explore(self) -> bool:
        """Whether the form describes models that a grid can compare."""
        return can_explore(self.spec, self.catalogue) and not self.form_problems

    @property
    def last_iteration(self) -> int | None:
        """The newest iteration there is to look at."""
        if self.result is not None and not self.is_busy:
            return self.result.trace.last
        return self.live.iteration if self.live is not None else None

    @property
    def position(self) -> int | None:
        """The iteration that is looked at: where the cursor is, else the result, else the newest one."""
        if self.cursor is not None:
            return self.cursor
        if self.result is not None and not self.is_busy:
            return self.result.chosen
        return self.last_iteration

    @property
    def is_looking_back(self) -> bool:
        """Whether an iteration other than the live one or the result is looked at."""
        if self.cursor is None or self.is_quick_replay:
            return False
        resting = self.result.chosen if self.result is not None and not self.is_busy else None
        return self.cursor != resting

    @property
    def is_stale(self) -> bool:
        """Whether the form describes another model than the one that is shown."""
        return (
            self.ran is not None
            and not self.is_busy
            and self.ran.dataset is not None
            and (self.ran.dataset is not self.dataset or differs(self.ran.spec, self.spec))
        )

    @property
    def waits_for_next_run(self) -> bool:
        """Whether the form was changed since the run that is under way began."""
        return self.is_busy and self.ran is not None and self.ran.spec is not self.spec

    @property
    def can_run(self) -> bool:
        return (
            self.dataset is not None
            and self.spec is not None
            and bool(self.spec.columns)
            and not self.form_problems
        )

    @property
    def can_go_on(self) -> bool:
        """Whether the result stands before its end, at the iteration limit, stopped by hand or loosely converged, and
        the form still describes its model."""
        result = self.result
        return (
            result is not None
            and self.phase is Phase.DONE
            and _stands_before_its_end(result)
            and result.is_sound
            and result.chosen == result.trace.last
            and self.can_run
            and not self.is_stale
            and self.spec is not None
            and self.spec.fit.max_iterations > 0
        )

    @property
    def judges(self) -> bool:
        """Whether the result is a discriminant analysis: the label of every row is known."""
        return self.phase is Phase.DONE and self.shown is not None and self.shown.is_discriminant

    @property
    def compares(self) -> bool:
        """Whether what is shown can be compared with known labels."""
        spec = self.ran.spec if self.ran is not None else None
        return spec is not None and (Role.TRUTH in spec.roles or self.judges)

    @property
    def can_measure(self) -> bool:
        """Whether standard errors of the result can be asked for."""
        result = self.result
        return result is not None and self.phase is Phase.DONE and result.is_sound

    @property
    def can_measure_groups(self) -> bool:
        """Whether the fit of a group has no standard errors that could be asked for."""
        groups = self.group_fits
        return groups is not None and not self.is_busy and bool(groups.unmeasured)

    def view(self, place: Place) -> View:
        return self.picture_view if place is Place.PICTURE else self.law_view


LOOSE = 0.01
"""A converged fit further than this from its limit can go on."""


def _stands_before_its_end(result: FitResult) -> bool:
    if result.stop is not Stop.CONVERGED:
        return result.stop in (Stop.LIMIT, Stop.STOPPED)
    if not result.trace.is_plain:
        return False
    objectives = result.trace.objectives
    ahead = outlook(objectives)
    if ahead is None:  # of two objectives the gain is all that is known
        return objectives[-1] - objectives[0] > LOOSE
    return ahead.remaining > LOOSE


def differs(before: ModelSpec | None, after: ModelSpec | None) -> bool:
    """Whether two specs are different models; where and when to start and stop does not count."""
    if before is None or after is None:
        return before is not after
    return model_key(before) != model_key(after)


def model_key(spec: ModelSpec) -> tuple[object, ...]:
    """What makes it this model: family, law, columns, roles and their settings."""
    return (
        spec.family,
        spec.law,
        spec.laws,
        spec.columns,
        tuple(sorted((r.value, c) for r, c in spec.roles.items())),
        spec.settings,
        spec.law_settings,
        spec.held,
        spec.ties,
    )


def with_view(state: AppState, view: View) -> AppState:
    """The same state with the view of one place replaced."""
    if view.place is Place.PICTURE:
        return replace(state, picture_view=view)
    return replace(state, law_view=view)
