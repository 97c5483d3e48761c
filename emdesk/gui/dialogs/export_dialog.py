"""The export dialog: which files, of which iteration, into which folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from emdesk.app.export_plan import ExportPlan
from emdesk.errors import Cancelled, EMDeskError
from emdesk.gui.dialogs.export_job import ExportJob
from emdesk.gui.theme import theme
from emdesk.gui.widgets.buttons import Button
from emdesk.gui.widgets.icon_label import IconLabel
from emdesk.gui.widgets.message_dialog import MessageDialog
from emdesk.gui.widgets.section import Hairline
from emdesk.gui.widgets.text import ElidedText, Text
from emdesk.texts import say, say_count

WIDTH = 560
OTHER_FOLDER, AGAIN = 0, 1


class ExportDialog(QDialog):
    """Says what is written and what is replaced, writes it, and tells `exported` the paths."""

    exported = Signal(object)

    def __init__(self, plan: ExportPlan, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = plan
        self._job: ExportJob | None = None
        self._states: dict[str, Text] = {}
        self.setWindowTitle(say("export_dialog.title"))
        self.setModal(True)
        self.setFixedWidth(theme().px(WIDTH))
        self.folder_field = QLineEdit(str(folder), self)
        self.folder_field.setAccessibleName(say("export_dialog.folder"))
        self.folder_field.textChanged.connect(self._look)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._head())
        layout.addWidget(Hairline(self))
        layout.addLayout(self._body())
        layout.addWidget(Hairline(self))
        layout.addLayout(self._foot())
        self._look()

    @property
    def folder(self) -> Path:
        """Where the files go."""
        return Path(self.folder_field.text().strip()).expanduser()

    @property
    def replaced(self) -> tuple[str, ...]:
        """The names of files that are in the folder already."""
        return tuple(name for name in self._plan.files if (self.folder / name).exists())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self._job is None:
            self._look()  # the folder may have changed while another program was in front

    def done(self, result: int) -> None:
        if self._job is not None:  # closes when the thread has answered
            self._job.cancel()
            self.cancel_button.setEnabled(False)
            self.status.setText(say("export_dialog.stopping"))
            return
        super().done(result)

    @Slot()
    def choose_folder(self) -> None:
        """Let the person choose another folder."""
        title = say("export_dialog.choose_title")
        chosen = QFileDialog.getExistingDirectory(self, title, str(_nearest(self.folder)))
        if chosen:
            self.folder_field.setText(chosen)

    @Slot()
    def start(self) -> None:
        """Write the files."""
        if self._job is not None or not self.export_button.isEnabled():
            return
        self._job = ExportJob(self._plan, self.folder, self)
        self._job.progressed.connect(self._show_progress)
        self._job.finished.connect(self._finish)
        self._job.broke.connect(self._break)
        self._set_busy(True)
        self.status.setText(say("export_dialog.writing"))
        self._job.start()

    @Slot()
    def _look(self) -> None:
        is_named = bool(self.folder_field.text().strip())
        replaced = self.replaced if is_named else ()
        for name, state in self._states.items():
            state.setText(say("export_dialog.replaces") if name in replaced else "")
        self.export_button.setEnabled(is_named)
        if replaced:
            self.export_button.setText(say_count("export_dialog.act_replacing", len(replaced)))
        else:
            self.export_button.setText(say_count("export_dialog.act", len(self._plan.files)))
        self._warning.setVisible(bool(replaced))
        self.status.setText(
            say_count("export_dialog.will_replace", len(replaced)) if replaced else ""
        )

    @Slot(float)
    def _show_progress(self, share: float) -> None:
        self.progress.setValue(round(100 * share))

    @Slot(object)
    def _finish(self, paths: tuple[Path, ...]) -> None:
        self._let_go()
        super().done(QDialog.DialogCode.Accepted if paths else QDialog.DialogCode.Rejected)
        if paths:
            self.exported.emit(paths)

    @Slot(object)
    def _break(self, problem: Exception) -> None:
        self._let_go()
        self._set_busy(False)
        self._look()
        if not isinstance(problem, EMDeskError):
            raise problem
        acts = (say("export_dialog.other_folder"), say("export_dialog.again"))
        is_stopped = isinstance(problem, Cancelled)
        title = say("export_dialog.stopped" if is_stopped else "export_dialog.problem")
        told = MessageDialog.about(problem, title, acts, self)
        told.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        told.chosen.connect(self._act_on_problem)
        told.open()

    @Slot(int)
    def _act_on_problem(self, act: int) -> None:
        if act == OTHER_FOLDER:
            self.choose_folder()
        elif act == AGAIN:
            self.start()

    def _let_go(self) -> None:
        if self._job is not None:
            self._job.deleteLater()
            self._job = None

    def _set_busy(self, busy: bool) -> None:
        for part in (self.folder_field, self.choose_button, self.export_button):
            part.setEnabled(not busy)
        self.progress.setValue(0)
        self.progress.setVisible(busy)

    def _head(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setContentsMargins(24, 18, 24, 14)
        head.setSpacing(2)
        head.addWidget(Text(self.windowTitle(), "dialog", self))
        self.subject = ElidedText(self._plan.subject, "secondary", self)
        head.addWidget(self.subject)
        return head

    def _body(self) -> QVBoxLayout:
        body = QVBoxLayout()
        body.setContentsMargins(24, 18, 24, 18)
        body.setSpacing(16)
        line = QHBoxLayout()
        line.setSpacing(8)
        label = Text(say("export_dialog.folder"), "secondary", self)
        label.setBuddy(self.folder_field)
        self.choose_button = Button(say("export_dialog.choose"), "outline", "folder-open", self)
        self.choose_button.clicked.connect(lambda _checked=False: self.choose_folder())
        line.addWidget(label)
        line.addWidget(self.folder_field, 1)
        line.addWidget(self.choose_button)
        body.addLayout(line)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (name, holds) in enumerate(self._plan.entries):
            self._states[name] = Text("", "warning", self)
            grid.addWidget(Text(name, "strong", self), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Text(holds, "small", self, wrap=True), row, 1)
            grid.addWidget(self._states[name], row, 2)
        body.addLayout(grid)
        return body

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 15, 24, 15)
        foot.setSpacing(8)
        self._warning = IconLabel("warning-fill", "warn", 16, self)
        self.status = Text("", "small", self, wrap=True)
        self.progress = QProgressBar(self)
        self.progress.setFixedWidth(110)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(say("export_dialog.writing"))
        self.progress.hide()
        self.cancel_button = Button(say("import.cancel"), "outline", "", self)
        self.cancel_button.clicked.connect(lambda _checked=False: self.reject())
        self.export_button = Button(say("export_dialog.title"), "primary", "export", self)
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(lambda _checked=False: self.start())
        foot.addWidget(self._warning)
        foot.addWidget(self.status, 1)
        for part in (self.progress, self.cancel_button, self.export_button):
            foot.addWidget(part)
        return foot


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    for candidate in (folder, *folder.parents):
        if candidate.is_dir():
            return candidate
    return Path.home()
