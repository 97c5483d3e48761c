"""The dialogs that stop a person: a question before something is lost, a problem, and what nobody expected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from emdesk.errors import EMDeskError
from emdesk.gui.theme import theme
from emdesk.gui.widgets.buttons import Button
from emdesk.gui.widgets.icon_label import IconLabel
from emdesk.gui.widgets.text import Text
from emdesk.texts import say

WIDTH = 520


class _Message(QDialog):
    """Icon and title, a body beside the icon's column, acts at the foot."""

    def __init__(
        self, icon_name: str, title: str, parent: QWidget | None, role: str = "bad"
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setFixedWidth(theme().px(WIDTH))
        self.setModal(True)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(IconLabel(icon_name, role, 20, self), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(Text(title, "message", self, wrap=True), 1)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(32, 0, 0, 0)
        self.body.setSpacing(8)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(8)
        self.foot.setContentsMargins(0, 10, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 20, 18)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addLayout(self.body)
        layout.addLayout(self.foot)


class QuestionDialog(_Message):
    """A question before something is lost; `chosen` carries the place of the act among `acts`.

    `acts` are the buttons from left to right; the last is the primary one. Escape chooses nothing.
    """

    chosen = Signal(int)

    def __init__(
        self, title: str, what: str, acts: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__("warning-fill", title, parent, "warn")
        self.setAccessibleDescription(what)
        self.body.addWidget(Text(what, "body", self, wrap=True))
        self.foot.addStretch(1)
        self.buttons: list[Button] = []
        for place, label in enumerate(acts):
            last = place == len(acts) - 1
            button = Button(label, "primary" if last else "outline", "", self)
            button.setDefault(last)
            button.clicked.connect(lambda _checked=False, at=place: self._choose(at))
            self.foot.addWidget(button)
            self.buttons.append(button)

    def _choose(self, place: int) -> None:
        self.accept()
        self.chosen.emit(place)


class MessageDialog(_Message):
    """What could not be done, why, and the acts that help; `chosen` carries the act's place.

    `acts` are the buttons from left to right; the last is the primary one. Escape chooses nothing.
    """

    chosen = Signal(int)

    def __init__(
        self,
        title: str,
        what: str,
        remedy: str = "",
        acts: Sequence[str] = (),
        details: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("warning-octagon-fill", title, parent)
        self.setAccessibleDescription(f"{what} {remedy}".strip())
        self.body.addWidget(Text(what, "body", self, wrap=True))
        if remedy:
            self.body.addWidget(Text(remedy, "secondary", self, wrap=True))
        self._details = details or f"{title}\n{what}\n{remedy}".strip()
        copy = Button(say("dialog.copy_details"), "quiet", "", self)
        copy.clicked.connect(self._copy)
        self.foot.addWidget(copy)
        self.foot.addStretch(1)
        self.buttons: list[Button] = []
        labels = list(acts) or [say("dialog.close")]
        for place, label in enumerate(labels):
            last = place == len(labels) - 1
            button = Button(label, "primary" if last else "outline", "", self)
            button.setDefault(last)
            button.clicked.connect(lambda _checked=False, at=place: self._choose(at))
            self.foot.addWidget(button)
            self.buttons.append(button)

    @classmethod
    def about(
        cls,
        problem: EMDeskError,
        title: str,
        acts: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> MessageDialog:
        """The dialog of a problem: place and what first, then the remedy and what was kept."""
        head = f"{problem.where}: {problem.what}" if problem.where else problem.what
        what = say("message.what", what=_capital(head.rstrip(".")))
        parts = (part.rstrip(".") for part in (problem.remedy, problem.kept) if part)
        remedy = " ".join(say("message.what", what=part) for part in parts)
        return cls(title, what, remedy, acts, problem.sentence, parent)

    def _choose(self, place: int) -> None:
        self.chosen.emit(place)
        self.accept()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)


class ReportText(QPlainTextEdit):
    """The report of a crash, to be read and copied."""


class CrashDialog(_Message):
    """Something nobody expected: what stopped, what is safe, a report without data, three acts."""

    closeRequested = Signal()

    def __init__(self, summary: str, report: str, parent: QWidget | None = None) -> None:
        super().__init__("bug", say("crash.title"), parent)
        self.setAccessibleDescription(summary)
        self.body.addWidget(Text(summary, "body", self, wrap=True))
        self.report = ReportText(f"{report}\n{say('crash.no_data')}", self)
        self.report.setReadOnly(True)
        self.report.setFixedHeight(theme().px(112))
        self.report.setAccessibleName(say("crash.copy"))
        self.body.addWidget(self.report)
        self.copy_button = Button(say("crash.copy"), "outline", "copy", self)
        self.close_button = Button(say("crash.close"), "outline", "", self)
        self.go_on_button = Button(say("crash.go_on"), "primary", "", self)
        self.go_on_button.setDefault(True)
        self.copy_button.clicked.connect(self._copy)
        self.close_button.clicked.connect(self._close_program)
        self.go_on_button.clicked.connect(self.accept)
        self.foot.addWidget(self.copy_button)
        self.foot.addStretch(1)
        self.foot.addWidget(self.close_button)
        self.foot.addWidget(self.go_on_button)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())

    def _close_program(self) -> None:
        self.closeRequested.emit()
        self.reject()


def _capital(text: str) -> str:
    # a file or column name at the beginning keeps its own first letter
    first = text.split(" ", 1)[0].rstrip(":")
    return text if "." in first or "_" in first else text[:1].upper() + text[1:]
