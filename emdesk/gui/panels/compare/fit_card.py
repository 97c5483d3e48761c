"""The picture of one of the two fits, with its letter and the list of fits to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from emdesk.app import commands
from emdesk.app.pairing.fits import ComparedFit
from emdesk.app.pairing.pair import Pair
from emdesk.gui.panels.plot_card import Deeds, PlotCard
from emdesk.gui.plots.extents import home_extent
from emdesk.gui.plots.picture_view import PictureView
from emdesk.gui.store import Store
from emdesk.gui.theme import RADIUS, TYPE, font, theme
from emdesk.gui.widgets import ElidedText
from emdesk.model.marks import Picture
from emdesk.texts import say, translated

LETTERS = ("pair.first", "pair.second")
MOST_NAME = 230


class _Letter(QWidget):
    """A or B on a tint."""

    def __init__(self, letter: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._letter = letter
        self.setFixedSize(QSize(24, 24))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme().tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.soft))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS.inner, RADIUS.inner)
        painter.setFont(font(TYPE.body, 600))
        painter.setPen(QColor(tokens.accent))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._letter)


class FitCard(PlotCard):
    """`fitChosen` carries the key of the fit to show here."""

    fitChosen = Signal(str)

    def __init__(
        self, store: Store, deeds: Deeds, side: int, parent: QWidget | None = None
    ) -> None:
        self.picture_view = PictureView()
        self._side, self._letter = side, say(LETTERS[side])
        title = say("pair.picture", side=self._letter)
        super().__init__(store, deeds, self.picture_view, title, parent)
        self.frame.setObjectName(f"fit-{self._letter.lower()}")
        self.choice = QToolButton(self)
        self.choice.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choice.setProperty("kind", "choice")
        self.choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.choice.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.fits_menu = QMenu(self.choice)
        self.choice.setMenu(self.fits_menu)
        self.show_heading(False)
        self.title_slot.addWidget(_Letter(self._letter, self))
        self.title_slot.addWidget(self.choice)
        self.model = ElidedText("", "small", self)
        self.model.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.title_slot.addWidget(self.model)
        self._axes = {axis: QMenu(say(f"pair.axis_{axis}"), self.menu) for axis in ("x", "y")}
        self.menu.addSeparator()
        for axis in self._axes.values():
            self.menu.addMenu(axis)
        self._caption = ""

    def caption(self) -> str:
        """The line under an exported plot: which fit it shows."""
        return say("pair.choose", side=self._letter, name=self._caption)

    def render_fits(self, fits: Sequence[ComparedFit], shown: ComparedFit) -> None:
        """Offer these fits; the one that is shown is checked."""
        room = self.choice.fontMetrics()
        name = room.elidedText(shown.name, Qt.TextElideMode.ElideMiddle, MOST_NAME)
        says_model = shown.model in shown.name or shown.name in shown.model
        self._caption = shown.name
        if not says_model:
            self._caption = say("pair.caption", name=shown.name, model=shown.model)
        self.model.setVisible(not says_model)
        self.model.set_full(shown.model)
        self.choice.setText(name)
        self.choice.setToolTip(self._caption)
        self.choice.setAccessibleName(say("pair.choose", side=self._letter, name=shown.name))
        self.fits_menu.clear()
        for fit in fits:
            act = self.fits_menu.addAction(fit.name)
            act.setCheckable(True)
            act.setChecked(fit.key == shown.key)
            act.triggered.connect(partial(self._choose, fit.key))

    def _choose(self, key: str, _checked: bool = False) -> None:
        self.fitChosen.emit(key)

    def _offer_axes(self, picture: Picture) -> None:
        """What both pictures, and that of the desk, show along their axes."""
        for axis, menu in self._axes.items():
            options = picture.x_options if axis == "x" else picture.y_options
            label = picture.x_label if axis == "x" else picture.y_label
            menu.menuAction().setVisible(len(options) > 1)
            menu.clear()
            for option in options:
                act = menu.addAction(translated(option.label))
                act.setCheckable(True)
                act.setChecked(label.startswith(option.label))
                act.triggered.connect(partial(self._take_axis, axis, option.key))

    def _take_axis(self, axis: str, key: str, _checked: bool = False) -> None:
        self._store.do(commands.choose_axis, axis, key)

    def render_pair(self, pair: Pair) -> None:
        """Show this side of a pair; the rows that change their group are ringed."""
        own = pair.sides[self._side]
        self.picture_view.set_slots(pair.matching.slots[self._side])
        self.picture_view.present(own.picture)
        self.picture_view.set_selected(pair.matching.changed)
        self._offer_axes(own.picture)
        pictures = [side.picture for side in pair.sides]
        if (pictures[0].x_label, pictures[0].y_label) == (pictures[1].x_label, pictures[1].y_label):
            ends = [home_extent(picture) for picture in pictures]
            self.picture_view.set_home(
                (
                    min(e[0] for e in ends),
                    max(e[1] for e in ends),
                    min(e[2] for e in ends),
                    max(e[3] for e in ends),
                ),
                keep_view=False,
            )
