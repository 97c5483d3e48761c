"""The import dialog: what was guessed about a file at the left, what is read at the right."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from emdesk.errors import EMDeskError
from emdesk.gui.dialogs.hairline import VerticalHairline
from emdesk.gui.dialogs.import_options_form import OptionsForm
from emdesk.gui.dialogs.import_reader import HEAD_LINES, ImportReader
from emdesk.gui.dialogs.import_sheet import HeadSheet, ReadSheet
from emdesk.gui.dialogs.import_table import ImportTable
from emdesk.gui.dialogs.raw_text import RawText
from emdesk.gui.dialogs.refused_list import RefusedList
from emdesk.gui.theme import theme
from emdesk.gui.widgets.buttons import Button
from emdesk.gui.widgets.icon_label import IconLabel
from emdesk.gui.widgets.scroll_column import ScrollColumn
from emdesk.gui.widgets.section import Hairline
from emdesk.gui.widgets.segmented import SegmentedControl
from emdesk.gui.widgets.text import ElidedText, Text
from emdesk.io.dialect import Dialect, ImportOptions
from emdesk.io.readers.preview import Preview, PreviewRow
from emdesk.io.reading import Reading
from emdesk.model.dataset import NUMERIC_KINDS, Kind
from emdesk.texts import say, say_count
from emdesk.texts.numbers import fixed, whole

REREAD_AFTER_MS = 150
LEFT_WIDTH = 317
SMALL = 200_000
AS_READ, RAW = "read", "raw"


class ImportDialog(QDialog):
    """Shows how `path` is read, lets every part be changed, and hands over the Reading.

    Nothing is read on the GUI thread. `imported` carries the Reading when the person imports;
    `name` stands for the file where the table was pasted.
    """

    imported = Signal(object)

    def __init__(
        self,
        path: Path | str,
        options: ImportOptions | None = None,
        parent: QWidget | None = None,
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self._path = Path(path)
        self._name = name
        self._size = _size_of(self._path)
        self._reading: Reading | None = None
        self._head_lines: tuple[int, ...] = ()
        self._ask_again = QTimer(self)
        self._ask_again.setSingleShot(True)
        self._ask_again.setInterval(REREAD_AFTER_MS)
        self._ask_again.timeout.connect(self._ask)
        self._reader = ImportReader(self)
        self._reader.headRead.connect(self._show_head)
        self._reader.progressed.connect(self._show_progress)
        self._reader.finished.connect(self._show_reading)
        self._reader.broke.connect(self._show_problem)
        self.form = OptionsForm(options or ImportOptions(), self)
        self.form.changed.connect(self._options_changed)
        self.setWindowTitle(say("import.title", name=name or self._path.name))
        self.setModal(True)
        self._build()
        self._ask()

    @property
    def reading(self) -> Reading | None:
        """What would be imported now; None while it is being read or cannot be."""
        return self._reading

    @property
    def sentence(self) -> str:
        """The line at the foot: the sum of it all, or what is in the way."""
        return self.summary.text()

    def sizeHint(self) -> QSize:
        space = self.screen().availableSize()
        return QSize(min(1140, space.width() - 40), min(720, space.height() - 60))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def done(self, result: int) -> None:
        if result == QDialog.DialogCode.Accepted and self._reading is None:
            return
        self._ask_again.stop()
        self._reader.stop()
        super().done(result)
        if result == QDialog.DialogCode.Accepted and self._reading is not None:
            self.imported.emit(self._reading)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._reader.stop()
        super().closeEvent(event)

    @Slot(object)
    def _options_changed(self, options: ImportOptions) -> None:
        self._reading = None
        self.import_button.setEnabled(False)
        self._ask_again.start()

    @Slot()
    def _ask(self) -> None:
        self._reading = None
        self.import_button.setEnabled(False)
        self._say("", say("import.reading"))
        self._reader.ask(self._path, self.form.options)

    @Slot(object, object)
    def _show_head(self, dialect: Dialect, head: Preview) -> None:
        first = max(dialect.header_line, dialect.skip_lines)
        several = len(head.names) > 1
        rows = [row for row in head.rows if row.line > first and not (several and _is_blank(row))]
        self._head_lines = _lines_of(rows, first, several)
        self.form.show_dialect(dialect)
        self.raw.set_lines(head.raw)
        cells = tuple(row.cells for row in rows)
        # A small file is read before its first rows could be looked at.
        if self._size > SMALL or head.problem is not None:
            self.table.set_sheet(HeadSheet(head.names, cells, self._head_lines))

    @Slot(float)
    def _show_progress(self, share: float) -> None:
        self.progress.setValue(round(100 * share))
        self.progress.show()

    @Slot(object)
    def _show_reading(self, reading: Reading) -> None:
        if self._name:
            reading = replace(reading, dataset=replace(reading.dataset, name=self._name, source=""))
        self._take(reading)
        self.form.show_dialect(reading.dialect)
        self.refused.show_refused(
            reading.refused, reading.refused_count, self.form.options.refused_as
        )
        self._show_notes(reading.notes)

    @Slot(object)
    def _show_problem(self, problem: Exception) -> None:
        if not isinstance(problem, EMDeskError):
            raise problem
        self.progress.hide()
        # the title names the file already
        self._say("bad", type(problem)(problem.what, remedy=problem.remedy).sentence)

    def _take(self, reading: Reading) -> None:
        self._reading = reading
        self.progress.hide()
        self.table.set_sheet(ReadSheet(reading, self._head_lines))
        rows, dataset = reading.dataset.rows, reading.dataset
        self.facts.setText(
            say(
                "import.facts",
                size=size_in_words(reading.bytes),
                lines=say_count("import.lines", reading.lines),
            )
        )
        self.import_button.setText(say_count("import.act", rows))
        self.import_button.setEnabled(True)
        missing = sum(column.missing_count for column in dataset.columns)
        parts = [say_count("import.rows", rows), say_count("import.columns", len(dataset.columns))]
        parts.append(say_count("import.missing_cells", missing) if missing else say("import.full"))
        if reading.refused_count:
            parts.append(say_count("import.unreadable", reading.refused_count))
        self._say("ok", ", ".join(parts))
        self._show_place()

    def _say(self, role: str, sentence: str) -> None:
        icons = {"ok": "check-circle-fill", "bad": "warning-octagon-fill"}
        self._summary_icon.setVisible(role in icons)
        if role in icons:
            self._summary_icon.set_icon(icons[role], role)
        self.summary.setText(sentence)
        self.summary.setAccessibleName(sentence)

    def _show_notes(self, notes: tuple[str, ...]) -> None:
        while self._notes.count() > 1:
            item = self._notes.takeAt(1)
            if item is not None and (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        for note in notes:
            self._notes.addWidget(Text(note, "small", self._note_area, wrap=True))
        self._note_area.setVisible(bool(notes))

    @Slot(str, object)
    def _change_kind(self, name: str, kind: Kind) -> None:
        options = self.form.options
        options = replace(options, kinds={**options.kinds, name: kind})
        self.form.set_options(options)
        reading = self._reading
        if reading is not None:
            column = reading.dataset.column(name)
            if kind in NUMERIC_KINDS and column.kind in NUMERIC_KINDS:
                # The numbers stay what they are: no need to read the file again.
                dialect = replace(reading.dialect, kinds={**reading.dialect.kinds, name: kind})
                changed = reading.dataset.with_kind(name, kind)
                self._take(replace(reading, dataset=changed, dialect=dialect))
                return
        self._options_changed(options)

    @Slot(str, str)
    def _change_refused(self, name: str, choice: str) -> None:
        options = self.form.options
        kinds = {key: kind for key, kind in options.kinds.items() if key != name}
        options = replace(options, kinds=kinds, refused_as={**options.refused_as, name: choice})
        self.form.set_options(options)
        self._options_changed(options)

    @Slot(int, str)
    def _go_to(self, line: int, column: str) -> None:
        if self.pages.currentWidget() is self.raw and self.raw.show_line(line):
            return
        self._show_page(AS_READ)
        self.table.show_cell(line, column)

    @Slot(str)
    def _show_page(self, page: str) -> None:
        self.view.set_value(page)
        self.pages.setCurrentWidget(self.raw if page == RAW else self.table)
        self._show_place()

    @Slot()
    def _show_place(self) -> None:
        if self.pages.currentWidget() is self.raw:
            self.place.setText(say("import.raw_place", count=whole(HEAD_LINES)))
            return
        line, rows = self.table.top_line, self.table.sheet_model.sheet.rows
        words = say_count("import.rows", rows)
        if self.table.verticalScrollBar().value() and line is not None:
            words = say("import.scrolled", rows=words, line=whole(line))
        self.place.setText(words if rows else "")

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._header())
        layout.addWidget(Hairline(self))
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._left())
        middle.addWidget(VerticalHairline(self))
        middle.addLayout(self._right(), 1)
        layout.addLayout(middle, 1)
        layout.addWidget(Hairline(self))
        layout.addLayout(self._foot())
        self.setMinimumSize(760, 420)
        self.resize(self.sizeHint())

    def _header(self) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setContentsMargins(24, 18, 24, 14)
        head.setSpacing(2)
        head.addWidget(ElidedText(self.windowTitle(), "dialog", self))
        facts = say("import.facts_size", size=size_in_words(self._size)) if self._size else " "
        self.facts = Text(facts, "secondary", self)
        head.addWidget(self.facts)
        return head

    def _left(self) -> QWidget:
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(24, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self.form)
        self.refused = RefusedList(body)
        self.refused.cellChosen.connect(self._go_to)
        self.refused.choiceMade.connect(self._change_refused)
        layout.addWidget(Hairline(body))
        layout.addWidget(self.refused)
        self._note_area = QWidget(body)
        self._notes = QVBoxLayout(self._note_area)
        self._notes.setContentsMargins(0, 0, 0, 0)
        self._notes.setSpacing(6)
        self._notes.addWidget(Text(say("import.notes"), "section", self._note_area))
        self._note_area.hide()
        layout.addWidget(self._note_area)
        layout.addStretch(1)
        scroll = ScrollColumn(body, self)
        scroll.setFixedWidth(theme().px(LEFT_WIDTH))
        return scroll

    def _right(self) -> QVBoxLayout:
        right = QVBoxLayout()
        right.setContentsMargins(20, 14, 24, 0)
        right.setSpacing(10)
        bar = QHBoxLayout()
        self.place = Text("", "small", self)
        choices = [(AS_READ, say("import.as_read")), (RAW, say("import.raw"))]
        self.view = SegmentedControl(choices, say("import.view"), self)
        self.view.setMinimumWidth(theme().px(168))
        self.view.chosen.connect(self._show_page)
        bar.addWidget(self.place, 1)
        bar.addWidget(self.view)
        self.table = ImportTable(self)
        self.table.kindChosen.connect(self._change_kind)
        self.table.topLineChanged.connect(self._show_place)
        self.raw = RawText(self)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.table)
        self.pages.addWidget(self.raw)
        right.addLayout(bar)
        right.addWidget(self.pages, 1)
        return right

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(26, 15, 24, 15)
        foot.setSpacing(8)
        self._summary_icon = IconLabel("check-circle-fill", "ok", 16, self)
        self.summary = Text("", "strong", self, wrap=True)
        self.progress = QProgressBar(self)
        self.progress.setFixedWidth(140)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(say("import.reading"))
        self.progress.hide()
        cancel = Button(say("import.cancel"), "outline", "", self)
        cancel.clicked.connect(lambda _checked=False: self.reject())
        self.cancel_button = cancel
        self.import_button = Button(say("import.act_now"), "primary", "download-simple", self)
        self.import_button.setDefault(True)
        self.import_button.clicked.connect(lambda _checked=False: self.accept())
        foot.addWidget(self._summary_icon)
        foot.addWidget(self.summary, 1)
        for part in (self.progress, cancel, self.import_button):
            foot.addWidget(part)
        return foot


def size_in_words(size: int) -> str:
    """4 kB, 12 MB, 1.4 GB."""
    for unit, least in (("gb", 10**9), ("mb", 10**6), ("kb", 10**3)):
        if size >= least:
            decimals = 0 if size >= 10 * least else 1
            return say(f"import.size.{unit}", size=fixed(size / least, decimals))
    return say("import.size.b", size=size)


def _size_of(path: Path) -> int:
    with suppress(OSError):  # a missing file is told by the reader
        return path.stat().st_size
    return 0


def _is_blank(row: PreviewRow) -> bool:
    return len(row.cells) == 1 and not row.cells[0].strip()


def _lines_of(rows: Sequence[PreviewRow], first: int, several: bool) -> tuple[int, ...]:
    """The line of each of the first rows; in a file of one column a blank line is a row too."""
    if several or not rows:
        return tuple(row.line for row in rows)
    return tuple(range(first + 1, rows[-1].line + 1))
