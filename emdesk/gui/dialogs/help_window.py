"""The help: contents at the left, the page at the right; always offline."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from emdesk.app.catalogue import Catalogue
from emdesk.gui.dialogs.hairline import VerticalHairline
from emdesk.gui.dialogs.help_pages import FIRST_STEPS, HelpPage, help_pages, page_style
from emdesk.gui.theme import TYPE, font, theme
from emdesk.texts import say

CONTENTS_WIDTH = 220


class HelpWindow(QDialog):
    """A window of its own beside the program's; `show_page` opens it at a page."""

    def __init__(self, catalogue: Catalogue, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(say("help.title"))
        self._pages = {page.id: page for page in help_pages(catalogue)}
        self._shown = ""
        self.contents = QListWidget(self)
        self.contents.setAccessibleName(say("help.contents"))
        self.contents.setFixedWidth(theme().px(CONTENTS_WIDTH))
        self.contents.setFrameShape(QFrame.Shape.NoFrame)
        self.page = QTextBrowser(self)
        self.page.setOpenLinks(False)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        self.page.document().setDocumentMargin(20)
        self.page.setStyleSheet("QTextBrowser, QTextBrowser:focus { border: none; padding: 0; }")
        self._list()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        side = QVBoxLayout()
        side.setContentsMargins(8, 12, 8, 12)
        side.addWidget(self.contents)
        layout.addLayout(side)
        layout.addWidget(VerticalHairline(self))
        layout.addWidget(self.page, 1)
        self.contents.currentItemChanged.connect(self._follow)
        theme().changed.connect(self._show_again)
        self.resize(QSize(900, 640))
        self.show_page(FIRST_STEPS)

    @property
    def shown(self) -> str:
        """The id of the page shown."""
        return self._shown

    def show_page(self, name: str) -> None:
        """Turn to a page; one that is not there leaves the contents as they are."""
        for place in range(self.contents.count()):
            item = self.contents.item(place)
            if item.data(Qt.ItemDataRole.UserRole) == name:
                self.contents.setCurrentItem(item)

    def _list(self) -> None:
        group = ""
        for page in self._pages.values():
            if page.group != group:
                group = page.group
                head = QListWidgetItem(group, self.contents)
                head.setFlags(Qt.ItemFlag.NoItemFlags)
                head.setFont(font(TYPE.small, 600))
            item = QListWidgetItem(page.title, self.contents)
            item.setData(Qt.ItemDataRole.UserRole, page.id)

    @Slot()
    def _follow(self) -> None:
        item = self.contents.currentItem()
        name = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if name is not None:
            self._show(self._pages[name])

    @Slot()
    def _show_again(self) -> None:
        self._show(self._pages[self._shown])

    def _show(self, page: HelpPage) -> None:
        self._shown = page.id
        self.page.document().setDefaultStyleSheet(page_style(theme().tokens))
        self.page.setHtml(page.markup)
        self.page.setAccessibleName(page.title)
