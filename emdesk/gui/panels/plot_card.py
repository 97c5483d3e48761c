"""What the cards with plots have in common: the menu to copy and save, the stripes, and room for the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QStackedLayout, QWidget

from emdesk.app import commands
from emdesk.app.state import AppState, Message, Phase, Weight
from emdesk.errors import EMDeskError
from emdesk.gui.fit_controller import message_of
from emdesk.gui.plots import export
from emdesk.gui.plots.drawn_canvas import DrawnCanvas
from emdesk.gui.store import Store
from emdesk.gui.widgets import Card, StripeKind
from emdesk.texts import say
from emdesk.texts.numbers import whole

ROOM_FOR_STRIPE = 230
TOO_SMALL = QSize(150, 90)


class Deeds(Protocol):
    """What stripes and empty panels may ask the window for."""

    def run(self) -> object: ...
    def go_on(self) -> object: ...
    def try_other_starts(self) -> object: ...
    def go_to_live(self) -> object: ...
    def undo(self) -> object: ...
    def toast(self, text: str) -> object: ...


class _Frame(QWidget):
    """The plot, or a few words in its place where it would be too small to read or is empty."""

    def __init__(self, plot: QWidget, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._plot = plot
        self._empty: QWidget | None = None
        self._stack = QStackedLayout(self)
        self._stack.addWidget(plot)
        self._words = QLabel(say("panel.too_small", name=name), self)
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setProperty("role", "hint")
        self._stack.addWidget(self._words)
        self.setMinimumSize(90, 60)

    def sizeHint(self) -> QSize:
        return self._plot.sizeHint()  # of the plot, also while words stand in its place: see below

    def hasHeightForWidth(self) -> bool:
        """What is shown follows from the size, so the size must not follow from what is shown."""
        return False

    def set_empty(self, empty: QWidget | None) -> None:
        """Show this instead of the plot; None: the plot."""
        if empty is not self._empty:
            if empty is not None and self._stack.indexOf(empty) < 0:
                self._stack.addWidget(empty)
            self._empty = empty
            self._choose()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose()

    def _choose(self) -> None:
        small = self.width() < TOO_SMALL.width() or self.height() < TOO_SMALL.height()
        shown = self._words if small else self._empty or self._plot
        if self._stack.currentWidget() is not shown:
            self._stack.setCurrentWidget(shown)


class PlotCard(Card):
    """A card around one plot. Cards of it say what is wrong with what they show in their stripe."""

    def __init__(
        self,
        store: Store,
        deeds: Deeds,
        plot: DrawnCanvas,
        title: str,
        parent: QWidget | None = None,
    ) -> None:
        self._heading = title
        self._subtitle_text = ""
        self._shows_heading = True
        super().__init__(title, parent=parent)
        self._store = store
        self._deeds = deeds
        self.plot = plot
        self.frame = _Frame(plot, title.lower(), self)
        self.set_body(self.frame)
        copy = self.menu.addAction(say("plot.copy"))
        copy.triggered.connect(lambda _checked=False: self.copy_plot())
        for ending in ("png", "svg"):
            save = self.menu.addAction(say(f"plot.save_{ending}"))
            save.triggered.connect(lambda _checked=False, e=ending: self._ask_where(e))

    @property
    def heading(self) -> str:
        """What the card shows, also while tabs stand in the place of its title."""
        return self._heading

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Title and subtitle, unless tabs stand in their place."""
        self._heading, self._subtitle_text = title or self._heading, subtitle
        self._title_text = title
        shows = self._shows_heading
        super().set_title(title if shows else "", subtitle if shows else "")

    def show_heading(self, shown: bool) -> None:
        """Show title and subtitle, or leave their place to tabs."""
        self._shows_heading = shown
        self.set_title(self._title_text, self._subtitle_text)

    def caption(self) -> str:
        """The line under an exported plot: which iteration it shows."""
        shown = self._store.state.shown
        if shown is None or shown.iteration is None:
            return ""
        return say("plot.caption", name=self._store.state.title, iteration=whole(shown.iteration))

    def copy_plot(self) -> None:
        """Put the plot on the clipboard, as an image and as SVG."""
        export.copy(self.plot, caption=self.caption())
        self._deeds.toast(say("plot.copied", name=self.heading))

    def save_plot(self, path: Path) -> None:
        """Write the plot as PNG or SVG, by the ending of the path."""
        save = export.save_svg if path.suffix.lower() == ".svg" else export.save_png
        try:
            save(self.plot, path, caption=self.caption())
        except EMDeskError as problem:
            self._store.do(commands.add_message, message_of(problem, str(path)))
            self._deeds.toast(problem.sentence)
            return
        self._store.do(
            commands.add_message,
            Message(path.name, say("plot.saved", folder=path.parent.name), weight=Weight.OK),
        )
        self._deeds.toast(say("plot.saved_as", name=path.name))

    def _ask_where(self, ending: str) -> None:
        name = f"{self._store.state.title}-{self.frame.objectName() or 'plot'}.{ending}"
        chosen, _ = QFileDialog.getSaveFileName(
            self, say(f"plot.save_{ending}"), name, say(f"plot.files_{ending}")
        )
        if chosen:
            path = Path(chosen)
            self.save_plot(path if path.suffix else path.with_suffix(f".{ending}"))

    def render_stripe(
        self, state: AppState, with_failure: bool = False, is_second: bool = False
    ) -> None:
        """Failed, stale, looking back, in this order of importance; a second card says it without links."""
        last = state.last_iteration
        if with_failure and state.phase is Phase.FAILED and state.failure is not None:
            self.stripe.show_stripe(
                StripeKind.FAILED,
                state.failure.what[:1].upper() + state.failure.what[1:],
                [(say("stripe.run_again"), self._deeds.run)],
                detail=state.failure.remedy or say("stripe.nothing_lost"),
            )
        elif with_failure and state.result is not None and not state.is_busy and _is_unsound(state):
            self.stripe.show_stripe(
                StripeKind.FAILED,
                state.result.stop_sentence,
                [
                    (say("stripe.other_starts"), self._deeds.try_other_starts),
                    (say("stripe.run_again"), self._deeds.run),
                ],
                detail=say(
                    "stripe.kept", iteration=whole(state.result.chosen), advice=say("stripe.advice")
                ),
            )
        elif is_second and self.height() < ROOM_FOR_STRIPE:
            self.stripe.clear()
        elif state.is_stale:
            act = (say("stripe.run_again"), self._deeds.run)
            self.stripe.show_stripe(StripeKind.STALE, difference(state), [] if is_second else [act])
        elif state.is_looking_back and state.position is not None and last is not None:
            at, of = whole(state.position), whole(last)
            key = "stripe.looking_back_live" if state.is_busy else "stripe.looking_back"
            link = "stripe.go_to_live" if state.is_busy else "stripe.go_to_result"
            self.stripe.show_stripe(
                StripeKind.LOOKING_BACK,
                say(key, iteration=at, last=of),
                [] if is_second else [(say(link), self._deeds.go_to_live)],
                key="" if is_second else say("stripe.end_key"),
            )
        else:
            self.stripe.clear()


def _is_unsound(state: AppState) -> bool:
    result = state.result
    return (
        result is not None
        and not result.is_sound
        and not state.is_stale
        and not state.is_looking_back
    )


def difference(state: AppState) -> str:
    """What the form says otherwise than the fit that is shown: `Made with 3 components; the form says 4`."""
    before, after = (state.ran.spec if state.ran else None), state.spec
    if before is None or after is None or state.ran is None:
        return say("stripe.other_data")
    if state.ran.dataset is not state.dataset:
        return say("stripe.other_data")
    if (before.family, before.law) != (after.family, after.law):
        return say("stripe.other_model")
    if before.columns != after.columns:
        return say("stripe.other_columns", count=len(before.columns), now=len(after.columns))
    old, new = before.values(), after.values()
    for bound in after.fields():
        name = bound.name
        if old.get(name) != new.get(name):
            choices = [bound.choice(str(v)) for v in (old.get(name), new.get(name))]
            words = [
                c.label if c is not None else str(v)
                for c, v in zip(choices, (old.get(name), new.get(name)), strict=True)
            ]
            key = "stripe.other_number" if bound.type is int else "stripe.other_setting"
            return say(key, label=bound.label.lower(), before=words[0], after=words[1])
    return say("stripe.other_roles" if before.roles != after.roles else "stripe.other_held")
