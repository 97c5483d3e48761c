"""The left side of the import dialog: how the file is read, guessed first, each part changeable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from emdesk.gui.dialogs.import_table import QuietCombo
from emdesk.gui.theme import SPACE, theme
from emdesk.gui.widgets.text import LinkLabel, Text
from emdesk.io.dialect import BLANKS, ONE_COLUMN, Dialect, ImportOptions
from emdesk.texts import say

FIELD_WIDTH = 150
MOST_LINES = 1_000_000
ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("utf-16-le", "UTF-16 LE"),
    ("utf-16-be", "UTF-16 BE"),
    ("cp1252", "Windows-1252"),
    ("iso8859-1", "ISO 8859-1"),
    ("iso8859-15", "ISO 8859-15"),
    ("cp1250", "Windows-1250"),
    ("cp1251", "Windows-1251"),
    ("mac-roman", "Mac Roman"),
    ("shift_jis", "Shift JIS"),
    ("gb18030", "GB 18030"),
)
Choices = Sequence[tuple[str, str]]


class OptionsForm(QWidget):
    """Shows a dialect; `changed` brings the options with what the person fixed."""

    changed = Signal(object)

    def __init__(self, options: ImportOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = options
        self._start = options
        self.guess_again = LinkLabel(say("import.guess_again"), self)
        self.guess_again.clicked.connect(self._forget)
        self._guessed = Text(say("import.guessed"), "small", self)
        self.encoding = self._list("encoding", ENCODINGS)
        self.delimiter = self._list("delimiter", _delimiters())
        self.decimal = self._list("decimal", _marks("decimal", (".", ",")))
        self.thousands = self._list("thousands", _marks("thousands", ("", ",", ".", " ", "'")))
        self.header_line = self._lines("header_line", say("import.no_names"))
        self.skip_lines = self._lines("skip_lines", "")
        self.missing_words = QLineEdit(self)
        self.missing_words.setToolTip(say("import.missing_words_tip"))
        self.missing_words.textEdited.connect(self._words_typed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(self._head())
        layout.addLayout(self._grid())
        self._show_guessed()

    @property
    def options(self) -> ImportOptions:
        """What the person fixed so far."""
        return self._options

    def set_options(self, options: ImportOptions) -> None:
        """Take over options that were changed elsewhere in the dialog, without telling."""
        self._options = options
        self._show_guessed()

    def show_dialect(self, dialect: Dialect) -> None:
        """Show how the file was read; a field that has the focus keeps what is typed in it."""
        _choose(self.encoding, dialect.encoding, dialect.encoding)
        _choose(self.delimiter, dialect.delimiter, dialect.delimiter)
        _choose(self.decimal, dialect.decimal, dialect.decimal)
        _choose(self.thousands, dialect.thousands, repr(dialect.thousands)[1:-1])
        for box, value in (
            (self.header_line, dialect.header_line),
            (self.skip_lines, dialect.skip_lines),
        ):
            if not box.hasFocus() or box.value() != value:
                box.blockSignals(True)
                box.setValue(value)
                box.blockSignals(False)
        if not self.missing_words.hasFocus():
            self.missing_words.setText(", ".join(word for word in dialect.missing_words if word))
            self.missing_words.setCursorPosition(0)

    def _head(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 4)
        line.addWidget(Text(say("import.read_as"), "section", self))
        line.addStretch(1)
        line.addWidget(self._guessed)
        line.addWidget(self.guess_again)
        return line

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(7)
        grid.setHorizontalSpacing(SPACE.small)
        grid.setColumnStretch(0, 1)
        for row, (name, field) in enumerate(self._fields()):
            label = Text(say(f"import.{name}"), "secondary", self)
            label.setBuddy(field)
            field.setAccessibleName(label.text())
            field.setFixedSize(theme().px(FIELD_WIDTH), theme().px(SPACE.field))
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(field, row, 1)
        return grid

    def _fields(self) -> tuple[tuple[str, QWidget], ...]:
        return (
            ("encoding", self.encoding),
            ("delimiter", self.delimiter),
            ("decimal", self.decimal),
            ("thousands", self.thousands),
            ("header_line", self.header_line),
            ("skip_lines", self.skip_lines),
            ("missing_words", self.missing_words),
        )

    def _list(self, name: str, choices: Choices) -> QuietCombo:
        box = QuietCombo(self)
        for value, label in choices:
            box.addItem(label, value)
        box.activated.connect(lambda _place: self._fix(name, box.currentData()))
        return box

    def _lines(self, name: str, none: str) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(0, MOST_LINES)
        box.setSpecialValueText(none)
        box.setKeyboardTracking(True)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.valueChanged.connect(lambda value: self._fix(name, value))
        return box

    def _words_typed(self, text: str) -> None:
        self._fix("missing_words", tuple(w.strip() for w in text.split(",") if w.strip()))

    def _fix(self, name: str, value: object) -> None:
        changed = replace(self._options, **{name: value})  # type: ignore[arg-type]
        if name in ("delimiter", "header_line", "encoding"):
            # Another table: what was said about columns of the former one does not hold.
            changed = replace(changed, kinds={}, refused_as={})
        self._tell(changed)

    def _forget(self) -> None:
        self._tell(self._start)

    def _tell(self, options: ImportOptions) -> None:
        self._options = options
        self._show_guessed()
        self.changed.emit(options)

    def _show_guessed(self) -> None:
        is_guessed = self._options == self._start
        self._guessed.setVisible(is_guessed)
        self.guess_again.setVisible(not is_guessed)


def _delimiters() -> Choices:
    values = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
    values |= {BLANKS: "blanks", ONE_COLUMN: "one"}
    return [(value, say(f"import.delimiter.{name}")) for value, name in values.items()]


def _marks(name: str, marks: Sequence[str]) -> Choices:
    words = {"": "none", ".": "point", ",": "comma", " ": "blank", "'": "apostrophe"}
    return [(mark, say(f"import.{name}.{words[mark]}")) for mark in marks]


def _choose(box: QuietCombo, value: str, label: str) -> None:
    place = next((i for i in range(box.count()) if box.itemData(i) == value), -1)
    if place < 0:
        box.addItem(label, value)
        place = box.count() - 1
    box.setCurrentIndex(place)
