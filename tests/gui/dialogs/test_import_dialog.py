"""The import dialog by mouse and keys: what was guessed, changed, refused, imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QWidget
from pytestqt.qtbot import QtBot

from emdesk.gui.dialogs import import_reader
from emdesk.gui.dialogs.import_dialog import ImportDialog
from emdesk.gui.dialogs.import_sheet import CellState
from emdesk.io.dialect import ImportOptions
from emdesk.model.dataset import Kind

AIR = "Ozone;Wind;Month\n" + "".join(
    f"{'NA' if n % 5 == 0 else 3 * n};{'11,5*' if n == 29 else f'{n / 10:.1f}'.replace('.', ',')};{n % 5}\n"
    for n in range(1, 41)
)
Open = Callable[..., ImportDialog]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    dialogs: list[ImportDialog] = []

    def open_text(text: str | bytes = AIR, options: ImportOptions | None = None) -> ImportDialog:
        path = tmp_path / "air.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        dialog = ImportDialog(path, options)
        qtbot.addWidget(dialog)
        dialogs.append(dialog)
        dialog.resize(1140, 720)
        dialog.show()
        wait(qtbot, dialog)
        return dialog

    yield open_text
    for dialog in dialogs:
        dialog.reject()


def wait(qtbot: QtBot, dialog: ImportDialog) -> None:
    """Until the file is read."""
    qtbot.waitUntil(lambda: dialog.reading is not None, timeout=5000)


def pick(qtbot: QtBot, box: QComboBox, label: str) -> None:
    """Choose from a list by the keyboard."""
    target = next(i for i in range(box.count()) if box.itemText(i).startswith(label))
    while box.currentIndex() != target:
        down = box.currentIndex() < target
        QTest.keyClick(box, Qt.Key.Key_Down if down else Qt.Key.Key_Up)


def click(qtbot: QtBot, widget: QWidget) -> None:
    QTest.mouseClick(widget, LEFT, pos=QPoint(8, widget.height() // 2))


def test_the_guesses_stand_in_the_fields(opened: Open) -> None:
    form = opened().form
    assert form.encoding.currentText() == "UTF-8"
    assert form.delimiter.currentText() == "Semicolon  ;"
    assert form.decimal.currentText() == "Comma  7,4"
    assert form.header_line.value() == 1
    assert "NA" in form.missing_words.text()


def test_the_foot_sums_up_and_the_button_says_the_number(opened: Open) -> None:
    dialog = opened()
    assert dialog.sentence == "40 rows, 3 columns, 9 missing cells, 1 of them unreadable"
    assert dialog.import_button.text() == "Import 40 rows"
    assert dialog.import_button.isEnabled()


def test_a_click_on_an_unreadable_cell_scrolls_to_its_line(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    dialog.resize(900, 460)
    column = dialog.refused.columns[0]
    assert column.links[0].text() == "Line 30"
    click(qtbot, column.links[0])
    index = dialog.table.currentIndex()
    assert index.data() == "11,5*"
    assert dialog.table.sheet_model.sheet.line(index.row()) == 30
    assert dialog.table.viewport().rect().contains(dialog.table.visualRect(index).center())
    assert dialog.table.sheet_model.sheet.cell(index.row(), 1)[1] is CellState.REFUSED
    assert "scrolled to line" in dialog.place.text()


def test_a_column_can_be_kept_as_text_and_taken_back(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    click(qtbot, dialog.refused.columns[0].as_text)
    wait(qtbot, dialog)
    assert dialog.reading is not None
    assert not dialog.reading.dataset.column("Wind").is_numeric
    assert dialog.reading.refused_count == 0
    click(qtbot, dialog.refused.columns[0].as_missing)
    wait(qtbot, dialog)
    assert dialog.reading.dataset.column("Wind").is_numeric
    assert dialog.reading.refused_count == 1


def test_a_changed_delimiter_reads_the_file_again(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    pick(qtbot, dialog.form.delimiter, "Nothing")
    assert not dialog.import_button.isEnabled()
    wait(qtbot, dialog)
    assert dialog.reading is not None
    assert dialog.reading.dataset.names == ("Ozone;Wind;Month",)


def test_guess_again_forgets_what_was_fixed(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    pick(qtbot, dialog.form.delimiter, "Nothing")
    wait(qtbot, dialog)
    click(qtbot, dialog.form.guess_again)
    wait(qtbot, dialog)
    assert dialog.reading is not None
    assert len(dialog.reading.dataset.columns) == 3
    assert dialog.form.options == ImportOptions()


def test_a_kind_is_chosen_over_its_column(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    box = dialog.table.kinds.box(2)
    pick(qtbot, box, "Nominal")
    wait(qtbot, dialog)
    assert dialog.reading is not None
    column = dialog.reading.dataset.column("Month")
    assert column.kind is Kind.NOMINAL
    assert set(column.categories) == {"0", "1", "2", "3", "4"}


def test_another_numeric_kind_needs_no_new_reading(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    before = dialog.reading
    assert before is not None
    box = dialog.table.kinds.box(1)
    assert before.dataset.column("Wind").kind is Kind.CONTINUOUS
    pick(qtbot, box, "Count")
    assert dialog.reading is not None
    assert dialog.reading.dataset.column("Wind").kind is Kind.COUNT
    assert dialog.reading.dataset.column("Wind").values is before.dataset.column("Wind").values
    assert dialog.reading.dialect.kinds == {"Wind": Kind.COUNT}


def test_words_for_missing_cells_are_typed(qtbot: QtBot, opened: Open) -> None:
    dialog = opened("a,b\n1,2\n-999,3\n4,-999\n")
    dialog.form.missing_words.selectAll()
    QTest.keyClicks(dialog.form.missing_words, "NA, -999")
    wait(qtbot, dialog)
    assert dialog.reading is not None
    assert [c.missing_count for c in dialog.reading.dataset.columns] == [1, 1]


def test_the_line_of_names_is_typed(qtbot: QtBot, opened: Open) -> None:
    dialog = opened("made by hand\na,b\n1,2\n3,4\n")
    dialog.form.header_line.selectAll()
    QTest.keyClicks(dialog.form.header_line, "2")
    wait(qtbot, dialog)
    assert dialog.reading is not None
    assert dialog.reading.dataset.names == ("a", "b")


def test_a_problem_is_told_in_one_sentence_and_can_be_mended(
    qtbot: QtBot, opened: Open, tmp_path: Path
) -> None:
    dialog = opened("a;b\n1;2\n3;4\n")
    (tmp_path / "air.csv").write_text("a;b\n1;2\n3;4;5\n6;7\n")
    box = dialog.form.decimal
    pick(qtbot, box, "Comma" if box.currentText().startswith("Point") else "Point")
    qtbot.waitUntil(lambda: dialog.sentence.startswith("line 3"), timeout=5000)
    assert not dialog.import_button.isEnabled()
    assert dialog.isVisible()
    assert dialog.table.sheet_model.sheet.rows > 0
    pick(qtbot, dialog.form.delimiter, "Nothing")
    wait(qtbot, dialog)
    assert dialog.import_button.isEnabled()


def test_return_imports_what_is_shown(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    with qtbot.waitSignal(dialog.imported) as told:
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert told.args[0] is dialog.reading
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_nothing_is_imported_before_the_file_is_read(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    pick(qtbot, dialog.form.delimiter, "Nothing")
    with qtbot.assertNotEmitted(dialog.imported):
        dialog.accept()
    assert dialog.isVisible()


def test_escape_imports_nothing(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    with qtbot.assertNotEmitted(dialog.imported):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_raw_text_shows_the_lines_of_the_file(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    QTest.mouseClick(dialog.view.segment("raw"), LEFT)
    assert dialog.raw.isVisible()
    assert dialog.raw.toPlainText().split("\n")[0] == "Ozone;Wind;Month"
    click(qtbot, dialog.refused.columns[0].links[0])
    assert dialog.raw.textCursor().blockNumber() == 29


def test_rows_below_a_blank_line_keep_their_own_line_number(opened: Open) -> None:
    dialog = opened('a,b\n1,x\n\n2,"two\nlines"\n3,z\n')
    sheet = dialog.table.sheet_model.sheet
    assert [sheet.line(row) for row in range(sheet.rows)] == [2, 4, 6]


def test_a_missing_cell_and_a_decimal_comma_are_shown_as_read(opened: Open) -> None:
    sheet = opened().table.sheet_model.sheet
    assert sheet.cell(0, 1) == ("0,1", CellState.VALUE)
    assert sheet.cell(4, 0) == ("missing", CellState.MISSING)


def test_options_handed_in_are_not_guessed(opened: Open) -> None:
    dialog = opened("1;2\n3;4\n", ImportOptions(header_line=0))
    assert dialog.reading is not None
    assert dialog.reading.dataset.rows == 2
    assert dialog.form.header_line.text() == "none"


def test_many_columns_have_lists_of_kinds_only_in_view(opened: Open) -> None:
    names = ",".join(f"c{n}" for n in range(400))
    dialog = opened(f"{names}\n" + f"{','.join('1' * 400)}\n" * 3)
    assert len(dialog.table.kinds.findChildren(QComboBox)) < 20
    dialog.table.horizontalScrollBar().setValue(dialog.table.horizontalScrollBar().maximum())
    assert dialog.table.kinds.box(399).isVisible()


def test_a_pasted_table_is_imported_under_its_own_name(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "pasted.txt").write_text("x\ty\n1\t2,5\n2\t3,5\n")
    dialog = ImportDialog(tmp_path / "pasted.txt", name="Pasted table")
    qtbot.addWidget(dialog)
    dialog.show()
    wait(qtbot, dialog)
    with qtbot.waitSignal(dialog.imported) as told:
        QTest.mouseClick(dialog.import_button, LEFT)
    reading = told.args[0]
    assert (reading.dataset.name, reading.dataset.source) == ("Pasted table", "")
    assert list(reading.dataset.column("y").values) == [2.5, 3.5]


def test_a_missing_file_is_told_inside_the_dialog(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ImportDialog(tmp_path / "gone.csv")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "no such file" in dialog.sentence, timeout=5000)
    dialog.reject()


@pytest.mark.parametrize(
    "data",
    [b"", b"a,b\n", bytes(range(256)) * 8, b"a,b\n1,2\n3\n", b'a,b\n1,"2\n3,4\n', b"PK\x03\x04xx"],
    ids=["empty", "header only", "binary", "ragged", "open quote", "zip"],
)
def test_a_file_that_cannot_be_loaded_is_told_in_one_sentence(
    qtbot: QtBot, tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "bad.csv").write_bytes(data)
    dialog = ImportDialog(tmp_path / "bad.csv")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.sentence.endswith(".") and dialog.reading is None, timeout=5000)
    assert "\n" not in dialog.sentence and str(tmp_path) not in dialog.sentence
    assert not dialog.import_button.isEnabled()
    assert dialog.cancel_button.isEnabled()
    dialog.reject()


def test_what_breaks_unforeseen_reaches_the_crash_dialog(
    qtbot: QtBot, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    dialog = opened()
    monkeypatch.setattr(import_reader, "read", break_down)
    with qtbot.captureExceptions() as caught:
        pick(qtbot, dialog.form.delimiter, "Nothing")
        qtbot.waitUntil(lambda: bool(caught), timeout=5000)
    assert caught[0][0] is ZeroDivisionError
