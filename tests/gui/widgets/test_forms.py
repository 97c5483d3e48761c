"""The form made from declared settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from emdesk.gui.editors import (
    ListEditor,
    NumberEditor,
    SegmentsEditor,
    SwitchEditor,
    number_text,
)
from emdesk.gui.forms import SettingsForm
from emdesk.gui.theme import Theme
from emdesk.model.fields import Choice, Field, fields_of


def _several(values: Any) -> bool:
    return bool(values["columns"] > 1)


STRUCTURES = tuple(Choice(v, v, f"This is {v}.") for v in ("EII", "VVI", "EEE", "VVV"))
SOFT_OR_HARD = (Choice("soft", "Soft"), Choice("hard", "Hard"))


@dataclass(frozen=True)
class Model:
    components: Annotated[int, Field("Components", "How many.", low=1, high=200)] = 3
    covariance: Annotated[
        str, Field("Covariance", "Shapes.", choices=STRUCTURES, applies=_several)
    ] = "VVV"
    assignment: Annotated[str, Field("Assignment", "How.", choices=SOFT_OR_HARD)] = "soft"
    equal: Annotated[bool, Field("Equal weights", "One weight for all.")] = False
    gain: Annotated[
        float, Field("Relative gain", "When.", low=0, section="Stop", logarithmic=True)
    ] = 1e-8
    limit: Annotated[int, Field("Iterations", "Most.", low=0, section="Stop")] = 1000
    floor: Annotated[float, Field("Floor", "Least.", low=0, more=True)] = 0.0


def _form(qtbot: QtBot) -> SettingsForm:
    form = SettingsForm()
    qtbot.addWidget(form)
    form.set_fields([Model])
    form.render_values({}, {"columns": 2})
    form.resize(250, 500)
    form.show()
    return form


def _type(qtbot: QtBot, form: SettingsForm, name: str, text: str) -> NumberEditor:
    editor = form.row(name).editor
    assert isinstance(editor, NumberEditor)
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor.lineEdit(), text)
    return editor


def test_each_setting_gets_the_editor_of_its_type(qtbot: QtBot) -> None:
    form = _form(qtbot)
    kinds = {name: type(form.row(name).editor) for name in form.names()}
    assert kinds["components"] is NumberEditor
    assert kinds["covariance"] is ListEditor
    assert kinds["assignment"] is SegmentsEditor
    assert kinds["equal"] is SwitchEditor
    assert form.row("components").editor.accessibleName() == "Components"


def test_a_typed_number_is_told_with_its_value(qtbot: QtBot) -> None:
    form = _form(qtbot)
    with qtbot.waitSignal(form.valueChanged) as told:
        _type(qtbot, form, "components", "7")
    assert told.args == ["components", 7]


def test_both_decimal_marks_spaces_and_exponents_are_understood(qtbot: QtBot) -> None:
    form = _form(qtbot)
    told: list[object] = []
    form.valueChanged.connect(lambda name, value: told.append(value))
    _type(qtbot, form, "gain", "0,00001")
    assert told[-1] == 1e-5
    _type(qtbot, form, "gain", "1e-6")
    assert told[-1] == 1e-6
    _type(qtbot, form, "limit", "2 500")
    assert told[-1] == 2500


def test_a_wrong_value_gets_a_sentence_and_is_not_told(qtbot: QtBot) -> None:
    form = _form(qtbot)
    with qtbot.waitSignal(form.problemsChanged), qtbot.assertNotEmitted(form.valueChanged):
        editor = _type(qtbot, form, "components", "0")
    assert form.problems == {"components": "Components is 0. Give a whole number from 1 to 200."}
    assert editor.property("wrong") is True
    form.render_values({"components": 3}, {"columns": 2})
    assert editor.lineEdit().text() == "0"
    assert "components" in form.problems


def test_typing_on_from_a_wrong_value_mends_it(qtbot: QtBot) -> None:
    form = _form(qtbot)
    editor = _type(qtbot, form, "gain", "1e-")
    assert "1e-" in form.problems["gain"]
    with qtbot.waitSignal(form.valueChanged) as told:
        QTest.keyClicks(editor.lineEdit(), "5")
    assert told.args == ["gain", 1e-5]
    assert form.problems == {}
    assert editor.property("wrong") is False


def test_showing_the_value_that_was_typed_leaves_text_and_cursor(qtbot: QtBot) -> None:
    form = _form(qtbot)
    editor = _type(qtbot, form, "limit", "2500")
    editor.lineEdit().setCursorPosition(2)
    form.render_values({"limit": 2500}, {"columns": 2})
    assert editor.lineEdit().text() == "2500"
    assert editor.lineEdit().cursorPosition() == 2


def test_another_value_from_outside_replaces_a_half_typed_one(qtbot: QtBot) -> None:
    form = _form(qtbot)
    editor = _type(qtbot, form, "limit", "x")
    form.render_values({"limit": 1200}, {"columns": 2})
    assert editor.lineEdit().text() == "1\u202f200"
    assert form.problems == {}


def test_a_setting_that_has_no_effect_is_hidden(qtbot: QtBot) -> None:
    form = _form(qtbot)
    assert form.row("covariance").isVisible()
    form.render_values({}, {"columns": 1})
    assert not form.row("covariance").isVisible()


def test_the_hint_is_that_of_the_chosen_value(qtbot: QtBot) -> None:
    form = _form(qtbot)
    assert form.row("covariance").hint == "This is VVV."
    form.render_values({"covariance": "EEE"}, {"columns": 2})
    assert form.row("covariance").hint == "This is EEE."


def test_a_dot_marks_what_differs_and_leads_back_to_the_default(qtbot: QtBot) -> None:
    form = _form(qtbot)
    row = form.row("limit")
    assert not row.dot.isVisible()
    form.render_values({"limit": 50}, {"columns": 2})
    assert row.dot.isVisible()
    menu = row.menu()
    back = menu.actions()[0]
    assert back.text() == "Back to 1\u202f000"
    with qtbot.waitSignal(form.valueChanged) as told:
        back.trigger()
    assert told.args == ["limit", 1000]
    menu.deleteLater()


def test_going_back_mends_a_wrong_text_too(qtbot: QtBot) -> None:
    form = _form(qtbot)
    editor = _type(qtbot, form, "limit", "x")
    form.row("limit").backRequested.emit("limit")
    assert form.problems == {}
    assert editor.lineEdit().text() == "1\u202f000"


def test_arrow_keys_step_whole_numbers_and_decades(qtbot: QtBot) -> None:
    form = _form(qtbot)
    told: list[tuple[str, object]] = []
    form.valueChanged.connect(lambda name, value: told.append((name, value)))
    QTest.keyClick(form.row("components").editor, Qt.Key.Key_Up)
    QTest.keyClick(form.row("gain").editor, Qt.Key.Key_Up)
    QTest.keyClick(form.row("gain").editor, Qt.Key.Key_Down)
    assert told == [("components", 4), ("gain", 1e-7), ("gain", 1e-8)]


def test_a_step_ends_at_the_limit(qtbot: QtBot) -> None:
    form = _form(qtbot)
    form.render_values({"components": 1}, {"columns": 2})
    with qtbot.assertNotEmitted(form.valueChanged):
        QTest.keyClick(form.row("components").editor, Qt.Key.Key_Down)


def test_choices_are_told_by_their_value(qtbot: QtBot) -> None:
    form = _form(qtbot)
    segments = form.row("assignment").editor
    assert isinstance(segments, SegmentsEditor)
    with qtbot.waitSignal(form.valueChanged) as told:
        QTest.mouseClick(segments.segment("hard"), Qt.MouseButton.LeftButton)
    assert told.args == ["assignment", "hard"]
    chooser = form.row("covariance").editor
    assert isinstance(chooser, QComboBox)
    with qtbot.waitSignal(form.valueChanged) as told:
        QTest.keyClick(chooser, Qt.Key.Key_Up)
    assert told.args == ["covariance", "EEE"]


def test_the_closed_section_sums_up_what_it_holds(qtbot: QtBot) -> None:
    form = _form(qtbot)
    assert form._more is not None and form._more.header is not None
    assert not form.row("floor").isVisible()
    assert form._more.header.summary == "none"
    form.render_values({"floor": 0.5}, {"columns": 2})
    assert form._more.header.summary == "1 changed"


def test_a_sentence_found_elsewhere_stands_under_its_field(qtbot: QtBot) -> None:
    form = _form(qtbot)
    form.render_values(
        {"components": 90}, {"columns": 2}, {"components": "90 components need 90 rows."}
    )
    assert form.row("components").problem == "90 components need 90 rows."
    form.render_values({"components": 9}, {"columns": 2})
    assert form.problems == {}


def test_the_same_settings_again_keep_their_rows(qtbot: QtBot) -> None:
    form = _form(qtbot)
    row = form.row("limit")
    form.set_fields([Model])
    assert form.row("limit") is row


def test_a_label_too_wide_for_its_place_stands_above_its_field(qtbot: QtBot, look: Theme) -> None:
    form = _form(qtbot)
    row = form.row("assignment")
    assert row.label.mapTo(row, QPoint(0, 0)).y() >= 0
    assert row.editor.mapTo(row, QPoint(0, 0)).x() > 80
    look.text_scale = 2.0
    form.resize(260, 900)
    QApplication.processEvents()
    assert row.editor.mapTo(row, QPoint(0, 0)).x() < 20
    assert row.label.fontMetrics().horizontalAdvance("Assignment") <= row.label.width()


def test_numbers_are_written_as_they_are_typed() -> None:
    by_name = {bound.name: bound for bound in fields_of(Model)}
    assert number_text(by_name["gain"], 1e-8) == "1e−8"
    assert number_text(by_name["gain"], 0.05) == "0.05"
    assert number_text(by_name["limit"], 12000) == "12\u202f000"
    for value in (1e-8, 0.1, 123456.789, 2.5e-9, 1e9):
        text = number_text(by_name["gain"], value)
        assert by_name["gain"].parse(text) == value
