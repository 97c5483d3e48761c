"""Curves and merge tree: two cards in one place, each with the tabs of both."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from emdesk.gui.panels.plot_card import PlotCard
from emdesk.gui.widgets import TabStrip
from emdesk.texts import say


class TabbedCards(QWidget):
    """Shows one of its cards; `turned` follows when another one comes up."""

    turned = Signal()

    def __init__(self, *cards: PlotCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards = cards
        self._stack = QStackedLayout(self)
        self.strips: list[TabStrip] = []
        labels = [card.heading for card in cards]
        for card in cards:
            strip = TabStrip(labels, card)
            strip.setAccessibleName(say("explorer.side"))
            strip.setCurrentIndex(len(self.strips))
            strip.currentChanged.connect(self._turn)
            card.show_heading(False)
            card.title_slot.addWidget(strip)
            self._stack.addWidget(card)
            self.strips.append(strip)

    @property
    def current(self) -> PlotCard:
        """The card that is shown."""
        return self._cards[self._stack.currentIndex()]

    def show_card(self, card: PlotCard) -> None:
        """Turn to one of the cards."""
        self._turn(self._cards.index(card))

    def _turn(self, place: int) -> None:
        if place == self._stack.currentIndex():
            return
        had_focus = any(strip.hasFocus() for strip in self.strips)
        self._stack.setCurrentIndex(place)
        for own, strip in enumerate(self.strips):
            blocked = strip.blockSignals(
                True
            )  # each strip always shows its own card as the current one
            strip.setCurrentIndex(own)
            strip.blockSignals(blocked)
        if had_focus:
            self.strips[place].setFocus(Qt.FocusReason.OtherFocusReason)
        self.turned.emit()
