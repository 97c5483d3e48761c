"""What can be read in a window of 1280 x 800 with names of a usual length."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from emdesk.app import commands
from emdesk.app.samples import sample, sample_dataset, sample_spec
from emdesk.app.state import STARTS_VIEW
from emdesk.gui.panels.starts.starts_view import StartsView
from emdesk.gui.widgets import SegmentedControl
from emdesk.texts import say
from tests.gui.driver import Driver


@pytest.fixture
def iris(driver: Driver) -> Driver:
    """A window with the iris in its form."""
    chosen = sample("iris")
    spec = sample_spec(chosen, driver.state.catalogue)
    driver.window.store.do(commands.open_dataset, sample_dataset(chosen), None, (), spec)
    driver.settle()
    driver.set("starts", "8")
    return driver


def right_of(widget: QWidget, other: QWidget) -> int:
    """How far the right end of a widget is from that of one around it."""
    return other.width() - widget.mapTo(other, widget.rect().topRight()).x()


def test_the_names_of_the_axes_and_of_the_groups_are_whole(iris: Driver) -> None:
    iris.window.store.do(commands.set_setting, "noise", "uniform")
    iris.run()
    card = iris.window.desk.picture
    iris.wait(lambda: len(card.legend.buttons) == 4)
    iris.settle()
    assert (card.y_axis.text(), card.x_axis.text()) == ("Sepal.Width", "Sepal.Length")
    assert [button.text() for button in card.legend.buttons] == ["1", "2", "3", "Noise"]
    assert all(button.isVisible() for button in card.legend.buttons)
    assert card.lasso.isVisible() and right_of(card.lasso, card) > 0


def test_the_legend_returns_beside_the_names_where_there_is_room(iris: Driver) -> None:
    iris.run()
    card = iris.window.desk.picture
    iris.wait(lambda: len(card.legend.buttons) == 3)
    below = card.legend.mapTo(card, card.legend.rect().center()).y()
    iris.window.resize(1920, 1080)
    iris.settle()
    middle = card.y_axis.mapTo(card, card.y_axis.rect().center()).y()
    iris.wait(lambda: abs(card.legend.mapTo(card, card.legend.rect().center()).y() - middle) < 4)
    assert below > middle + 10


def test_standard_errors_do_not_make_the_window_wider(iris: Driver) -> None:
    iris.run()
    docks = iris.window.data_dock.width(), iris.window.model_dock.width()
    iris.window.actions_table["standard_errors"].trigger()
    iris.wait(lambda: iris.state.result is not None and iris.state.result.uncertainty is not None)
    iris.settle()
    assert iris.window.width() == 1280
    assert (iris.window.data_dock.width(), iris.window.model_dock.width()) == docks


def test_every_segment_of_a_setting_can_be_read(iris: Driver) -> None:
    iris.choose_law("Student t")
    form = iris.window.model_panel.form
    segments = [
        row.editor
        for row in map(form.row, form.names())
        if isinstance(row.editor, SegmentedControl) and row.isVisible()
    ]
    assert len(segments) >= 3
    assert all(editor.width() >= editor.room_needed for editor in segments)


def test_the_law_that_is_chosen_can_be_read(iris: Driver) -> None:
    box = iris.window.model_panel.law_choice
    longest = max(box.fontMetrics().horizontalAdvance(box.itemText(i)) for i in range(box.count()))
    assert longest + 40 < box.width()


def test_the_verdict_of_a_start_has_the_room_of_columns_that_follow_from_others(
    iris: Driver,
) -> None:
    iris.set("starts", "20")
    iris.run()
    iris.window.store.do(commands.show_view, STARTS_VIEW)
    view = iris.window.view
    assert isinstance(view, StartsView)
    iris.wait(lambda: view.table.table.table.rowCount() > 1)
    iris.settle()
    table = view.table.table
    assert not table.horizontalScrollBar().isVisible()
    titles = [column.title for column in table.table.columns]
    assert table.isColumnHidden(titles.index(say("starts.column.from_best")))
    iris.window.resize(1920, 1080)
    iris.wait(lambda: not table.isColumnHidden(titles.index(say("starts.column.from_best"))))
