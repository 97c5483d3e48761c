"""Buttons, segments, pills, cards and the other small pieces."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from emdesk.errors import FileProblem
from emdesk.gui.theme import Theme
from emdesk.gui.widgets import (
    Badge,
    Card,
    CrashDialog,
    ElidedText,
    EmptyState,
    FlowLayout,
    HistogramThumb,
    IconButton,
    LinkLabel,
    MessageDialog,
    RunButton,
    RunState,
    SearchBox,
    Section,
    SectionHeader,
    SegmentedControl,
    StatePill,
    StripeKind,
    SummaryGrid,
    TabStrip,
    Text,
    Toast,
    Verdict,
    VerdictLine,
    tooltip_text,
)

LEFT = Qt.MouseButton.LeftButton


def test_the_run_button_keeps_its_width_through_all_four_words(qtbot: QtBot) -> None:
    button = RunButton()
    qtbot.addWidget(button)
    button.show()
    widths = set()
    for state in RunState:
        button.set_state(state)
        widths.add(button.width())
        assert button.fontMetrics().horizontalAdvance(button.text()) < button.width() - 20
    assert widths == {118}


def test_a_double_click_on_run_is_one_act(qtbot: QtBot) -> None:
    button = RunButton()
    qtbot.addWidget(button)
    button.show()
    acts: list[RunState] = []
    button.actRequested.connect(acts.append)
    QTest.mouseClick(button, LEFT)
    button.set_state(RunState.PAUSE)
    QTest.mouseClick(button, LEFT)
    assert acts == [RunState.RUN]


def test_an_icon_button_says_its_name_and_is_large_enough(qtbot: QtBot) -> None:
    pressed: list[bool] = []
    button = IconButton("copy", "Copy table", clicked=lambda: pressed.append(True))
    qtbot.addWidget(button)
    button.show()
    assert button.accessibleName() == "Copy table"
    assert min(button.width(), button.height()) >= 26
    QTest.mouseClick(button, LEFT)
    assert pressed == [True]


def test_arrow_keys_move_in_a_segmented_control(qtbot: QtBot) -> None:
    control = SegmentedControl([("soft", "Soft"), ("hard", "Hard")], "Assignment")
    qtbot.addWidget(control)
    control.show()
    told: list[str] = []
    control.chosen.connect(told.append)
    QTest.keyClick(control.segment("soft"), Qt.Key.Key_Right)
    assert control.value == "hard"
    QTest.keyClick(control.segment("hard"), Qt.Key.Key_Right)
    assert told == ["hard", "soft"]


def test_only_the_chosen_segment_is_reached_by_tab(qtbot: QtBot) -> None:
    control = SegmentedControl([("soft", "Soft"), ("hard", "Hard")])
    qtbot.addWidget(control)
    QTest.mouseClick(control.segment("hard"), LEFT)
    assert control.segment("hard").focusPolicy() == Qt.FocusPolicy.TabFocus
    assert control.segment("soft").focusPolicy() == Qt.FocusPolicy.NoFocus


def test_choosing_a_segment_from_the_program_tells_nobody(qtbot: QtBot) -> None:
    control = SegmentedControl([("soft", "Soft"), ("hard", "Hard")])
    qtbot.addWidget(control)
    with qtbot.assertNotEmitted(control.chosen):
        control.set_value("hard")
    assert control.value == "hard"


def test_the_pill_is_read_as_one_sentence(qtbot: QtBot) -> None:
    pill = StatePill()
    qtbot.addWidget(pill)
    pill.set_state("accent", "Running", "iteration 24")
    assert (pill.word, pill.numbers) == ("Running", "iteration 24")
    assert pill.accessibleName() == "Running, iteration 24"


def test_a_stripe_shows_its_acts_as_links_and_goes_away(qtbot: QtBot) -> None:
    card = Card("Scatter")
    qtbot.addWidget(card)
    card.show()
    done: list[str] = []
    acts = [("Go to live", lambda: done.append("live"))]
    card.stripe.show_stripe(StripeKind.LOOKING_BACK, "Iteration 8 of 24", acts, key="End")
    link = card.stripe.findChild(LinkLabel)
    assert link is not None and link.isVisible()
    QTest.mouseClick(link, LEFT)
    assert done == ["live"]
    card.stripe.clear()
    assert not card.stripe.isVisible()
    assert card.stripe.text == ""


def test_the_same_stripe_again_keeps_its_links(qtbot: QtBot) -> None:
    card = Card("Scatter")
    qtbot.addWidget(card)
    for _ in range(3):
        card.stripe.show_stripe(StripeKind.STALE, "Made with 3", [("Run again", lambda: None)])
    assert len(card.stripe.findChildren(LinkLabel)) == 1


def test_the_menu_button_is_there_once_the_menu_has_something(qtbot: QtBot) -> None:
    card = Card("Density")
    qtbot.addWidget(card)
    card.show()
    assert not card.menu_button.isVisible()
    card.menu.addAction("Copy plot")
    assert card.menu_button.isVisible()
    assert card.menu_button.accessibleName() == "More for Density"


def test_the_busy_line_stops_with_its_card(qtbot: QtBot) -> None:
    card = Card("Density")
    qtbot.addWidget(card)
    card.show()
    card.set_busy(True)
    card.hide()
    card.show()
    assert not card._busy._timer.isActive()


def test_a_verdict_without_words_takes_no_place(qtbot: QtBot) -> None:
    line = VerdictLine()
    qtbot.addWidget(line)
    line.set_verdict(Verdict.CONVERGED, "Converged at 31")
    assert not line.isHidden() and line.accessibleName() == "Converged at 31"
    line.set_verdict(Verdict.RISING, "")
    assert line.isHidden()


def test_a_verdict_in_little_room_ends_in_dots_and_is_told_whole(qtbot: QtBot) -> None:
    line = VerdictLine()
    qtbot.addWidget(line)
    sentence = "Converged at 71: within 5.8e-6 of the limit"
    line.resize(120, 24)
    line.show()
    line.set_verdict(Verdict.CONVERGED, sentence)
    (words,) = line.findChildren(ElidedText)
    qtbot.waitUntil(lambda: words.text().endswith("…"))
    assert line.text == line.accessibleName() == words.toolTip() == sentence


def test_an_empty_panel_offers_the_one_thing_to_do(qtbot: QtBot) -> None:
    empty = EmptyState("chart-line", "Nothing fitted yet", "Groups appear.", "Run", "play")
    qtbot.addWidget(empty)
    empty.show()
    with qtbot.waitSignal(empty.acted):
        QTest.mouseClick(empty.button, LEFT)


def test_a_name_from_a_file_is_never_markup(qtbot: QtBot) -> None:
    label = Text("<b>x</b>")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert "&lt;b&gt;" in tooltip_text("<b>x</b>", "meaning")


def test_a_long_name_keeps_both_ends_and_is_whole_in_the_tooltip(qtbot: QtBot) -> None:
    name = "temperature_at_the_northern_station_2019"
    label = ElidedText(name)
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.show()
    assert label.text().startswith("temp") and label.text().endswith("19")
    assert "…" in label.text()
    assert label.toolTip() == name
    label.resize(600, 20)
    assert label.text() == name and label.toolTip() == ""


def test_words_that_would_be_cut_to_nothing_are_left_out(qtbot: QtBot) -> None:
    label = ElidedText("other predictors as nearby", least=0.6)
    qtbot.addWidget(label)
    label.resize(50, 20)
    label.show()
    assert label.text() == "" and label.toolTip() == label.full
    label.resize(400, 20)
    assert label.text() == label.full


def test_a_badge_is_hidden_at_nothing(qtbot: QtBot) -> None:
    badge = Badge(0)
    qtbot.addWidget(badge)
    assert badge.isHidden()
    badge.set_count(120)
    assert not badge.isHidden() and badge.accessibleName() == "99+"


def test_a_badge_on_a_tab_is_read_with_the_tab(qtbot: QtBot) -> None:
    tabs = TabStrip(["Parameters", "Messages"])
    qtbot.addWidget(tabs)
    tabs.set_badge(1, 2, "warn")
    assert tabs.accessibleTabName(1) == "Messages 2"
    tabs.set_badge(1, 0)
    assert tabs.accessibleTabName(1) == "Messages"


def test_a_badge_that_is_gone_leaves_no_gap(qtbot: QtBot) -> None:
    tabs = TabStrip(["Parameters", "Messages"])
    qtbot.addWidget(tabs)
    before = tabs.tabSizeHint(1).width()
    tabs.set_badge(1, 3)
    assert tabs.tabSizeHint(1).width() > before
    tabs.set_badge(1, 0)
    assert tabs.tabSizeHint(1).width() == before
    tabs.set_badge(1, 1)
    assert tabs.accessibleTabName(1) == "Messages 1" and tabs.tabSizeHint(1).width() > before


def test_a_heading_that_is_too_long_for_one_line_takes_two(qtbot: QtBot) -> None:
    header = SectionHeader("Missing cells, truncation, prior, start, stop")
    qtbot.addWidget(header)
    header.set_summary("none")
    assert header.heightForWidth(600) < header.heightForWidth(240)
    header.set_title("Prior")
    assert header.heightForWidth(240) == header.heightForWidth(600)


def test_a_choice_stands_beside_its_label_only_where_every_segment_can_be_read(
    qtbot: QtBot,
) -> None:
    made = SegmentedControl([("a", "Each"), ("b", "Common"), ("c", "Given")])
    qtbot.addWidget(made)
    widest = made.segment("b").sizeHint().width()
    assert 3 * widest <= made.room_needed < 4 * widest


def test_a_folded_section_says_what_is_inside(qtbot: QtBot) -> None:
    section = Section("Prior, floor", foldable=True)
    inside = Text("inside")
    section.body.addWidget(inside)
    qtbot.addWidget(section)
    section.show()
    assert section.header is not None
    section.header.set_summary("none")
    assert section.header.accessibleDescription() == "none"
    assert not inside.isVisible()
    QTest.mouseClick(section.header, LEFT)
    assert inside.isVisible() and section.is_open
    QTest.keyClick(section.header, Qt.Key.Key_Space)
    assert not inside.isVisible()


def test_values_of_a_summary_change_in_place(qtbot: QtBot) -> None:
    grid = SummaryGrid(2)
    qtbot.addWidget(grid)
    grid.set_values([("Mean", "3.488"), ("SD", "1.141"), ("Median", "4")])
    count = len(grid.findChildren(Text))
    grid.set_values([("Mean", "1"), ("SD", "2")])
    assert grid.value("Mean") == "1"
    assert len(grid.findChildren(Text)) == count


def test_a_histogram_with_nothing_in_it_is_drawn_without_a_word(qtbot: QtBot) -> None:
    thumb = HistogramThumb("waiting")
    qtbot.addWidget(thumb)
    for counts in ([], [0, 0], [1, float("nan"), float("inf")], [3, 0, 5]):
        thumb.set_counts(counts)
        assert thumb.grab().width() > 0
    assert thumb.accessibleName() == "Histogram of waiting, 3 bins"


def test_a_toast_goes_after_its_time_and_stays_at_the_foot(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(400, 300)
    window.show()
    toast = Toast(window)
    toast.show_text("Copied 3 rows")
    assert toast.isVisible()
    assert abs(toast.geometry().center().x() - 200) <= 1
    window.resize(600, 300)
    assert abs(toast.geometry().center().x() - 300) <= 1
    toast._timer.start(1)
    qtbot.waitUntil(lambda: not toast.isVisible())


def test_a_flow_breaks_the_line_where_the_width_ends(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder, gap=4)
    for _ in range(4):
        part = QWidget()
        part.setFixedSize(50, 20)
        flow.addWidget(part)
    assert flow.heightForWidth(220) == 20
    assert flow.heightForWidth(110) == 44
    assert flow.heightForWidth(55) == 92


def test_a_problem_is_told_by_place_remedy_and_what_was_kept(qtbot: QtBot) -> None:
    problem = FileProblem(
        "it is open in another program", where="labels.csv", remedy="Close it", kept="Nothing lost"
    )
    dialog = MessageDialog.about(problem, "The labels could not be exported", ["Save as…", "Retry"])
    qtbot.addWidget(dialog)
    shown = [label.text() for label in dialog.findChildren(Text)]
    assert "labels.csv: it is open in another program." in shown
    assert "Close it. Nothing lost." in shown
    dialog.show()
    with qtbot.waitSignal(dialog.chosen) as chosen:
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert chosen.args == [1]


def test_a_crash_can_be_copied_and_survived(qtbot: QtBot) -> None:
    dialog = CrashDialog("The scatter panel stopped.", "IndexError in panels.scatter")
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.mouseClick(dialog.copy_button, LEFT)
    assert QApplication.clipboard().text().startswith("IndexError")
    with qtbot.assertNotEmitted(dialog.closeRequested):
        QTest.mouseClick(dialog.go_on_button, LEFT)
    assert not dialog.isVisible()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_word_is_cut_at_a_large_text_scale(qtbot: QtBot, look: Theme, scale: float) -> None:
    look.text_scale = scale
    holder = QWidget()
    qtbot.addWidget(holder)
    layout = QVBoxLayout(holder)
    button = RunButton()
    search = SearchBox("Find a command", "Ctrl+K")
    link = LinkLabel("Use equal covariance")
    for part in (button, search, link):
        layout.addWidget(part)
    button.set_state(RunState.AGAIN)
    holder.show()
    for part in (button, link):
        assert part.fontMetrics().horizontalAdvance(part.text()) <= part.width()
        assert part.fontMetrics().height() <= part.height()
