"""The two cards whose content comes from the family: its picture, and its law."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPointF, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.shown import Shown
from emdesk.app.state import AppState, Phase
from emdesk.gui.panels.axis_chooser import AxisChooser
from emdesk.gui.panels.legend import Legend
from emdesk.gui.panels.plot_card import Deeds, PlotCard
from emdesk.gui.plots.picture_view import PictureView
from emdesk.gui.plots.view_box import Tool
from emdesk.gui.store import Store
from emdesk.gui.widgets import Chip, EmptyState, IconButton, Text
from emdesk.model.marks import NO_GROUP, Bars, Picture, Place, Points, Raster
from emdesk.model.pictures.quantiles import PROBABILITIES, QUANTILES
from emdesk.texts import say, translated
from emdesk.texts.numbers import probability, whole

LEVELS = ((0.5,), (0.95,), (0.5, 0.95), (0.5, 0.75, 0.95), ())
BINS = (None, 10, 20, 30, 50, 100)
RESIZE_MS = 120
ROOMY = 560
LATER_MS = 12
HEADER_GAP, SIDES = 8, 24
SHOWN_LAWS = ("", QUANTILES, PROBABILITIES)


class FamilyCard(PlotCard):
    """A card that shows one of the family's pictures and tells the state how large it is and what is zoomed."""

    def __init__(
        self, store: Store, deeds: Deeds, place: Place, title: str, parent: QWidget | None = None
    ) -> None:
        self.picture_view = PictureView()
        super().__init__(store, deeds, self.picture_view, title, parent)
        self._place = place
        self._shown: Shown | None = None
        self._size = QTimer(self, singleShot=True, interval=RESIZE_MS)
        self._size.timeout.connect(self._tell_size)
        # each picture is drawn in a turn of its own, so that a beat of the window waits for one at most
        self._draw = QTimer(
            self, singleShot=True, interval=0 if place is Place.PICTURE else LATER_MS
        )
        self._draw.timeout.connect(self._draw_shown)
        # the part inside the axes takes its size later than the frame: its own signal is the last word
        self.picture_view.main.sigResized.connect(self._resized)
        self.picture_view.viewChanged.connect(self._tell_extent)
        store.changed.connect(self.render_state)

    def picture_of(self, shown: Shown) -> Picture:
        return shown.picture if self._place is Place.PICTURE else shown.law

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        if new.shown is not None and new.shown is not self._shown:
            self._shown = new.shown
            self._draw.start()
        elif new.shown is None and self._shown is not None:
            self._shown = None
            self.picture_view.present(Picture("", ()))
        if old.chosen_group != new.chosen_group:
            self.picture_view.set_emphasis(new.chosen_group)
        if old.selected_rows is not new.selected_rows:
            self.picture_view.set_selected(new.selected_rows)
        if old.is_stale != new.is_stale:
            self.picture_view.set_stale(new.is_stale)

    def _draw_shown(self) -> None:
        state = self._store.state
        if self._shown is not None:
            picture = self.picture_of(self._shown)
            self.picture_view.set_slots(self._shown.slots)
            self.picture_view.present(picture, live=state.phase is Phase.RUNNING)
            self.render_header(state, picture)
            self._size.start()

    def render_header(self, state: AppState, picture: Picture) -> None:
        """Title and subtitle of the card."""
        self.set_title(picture.title or self.title, picture.subtitle)

    @Slot(object)
    def _resized(self, _: object) -> None:
        self._size.start()

    def _tell_size(self) -> None:
        """Only ink needs to know its pixels. Anything else would be made again for nothing, and since numbers beside
        an axis take room by what they are, a new picture might change the size that asked for it, without end."""
        if self._shown is None or not _has_ink(self.picture_of(self._shown)):
            return
        view = self._store.state.view(self._place)
        size = self.picture_view.main.boundingRect().size()
        width, height = max(80, round(size.width())), max(60, round(size.height()))
        if abs(view.width - width) > 8 or abs(view.height - height) > 8:
            self._store.do(commands.set_view, replace(view, width=width, height=height))

    def _tell_extent(self, extent: tuple[float, float, float, float]) -> None:
        view = self._store.state.view(self._place)
        seen = extent if self.picture_view.is_moved else None
        if seen != view.extent:
            self._store.do(commands.set_view, replace(view, extent=seen))


class PictureCard(FamilyCard):
    """The main picture: axes to choose, the legend, the lasso."""

    def __init__(self, store: Store, deeds: Deeds, parent: QWidget | None = None) -> None:
        super().__init__(store, deeds, Place.PICTURE, say("panel.picture"), parent)
        self.frame.setObjectName("picture")
        self.y_axis = AxisChooser("y", store, self)
        self._by = Text(say("panel.by"), "small", self)
        self.x_axis = AxisChooser("x", store, self)
        self.title_slot.addWidget(self.y_axis)
        self.title_slot.addWidget(self._by)
        self.title_slot.addWidget(self.x_axis)
        self._paused = Chip(say("pill.paused"), "warn", parent=self)
        self.legend = Legend(store, self)
        self.lasso = IconButton("scribble-loop", say("panel.lasso"), self)
        self.lasso.setCheckable(True)
        self.lasso.toggled.connect(self._set_tool)
        self.slot.addWidget(self._paused)
        self.slot.addWidget(self.legend)
        self.slot.addWidget(self.lasso)
        self._paused.hide()
        self._second_line = QWidget(self)
        second = self._second = QHBoxLayout(self._second_line)
        second.setContentsMargins(0, 0, 0, 2)
        second.addStretch(1)
        self._second_line.hide()
        card_layout = self.layout()
        assert isinstance(card_layout, QVBoxLayout)
        card_layout.insertWidget(1, self._second_line)
        for key, lasso in (("L", True), ("V", False), ("H", False)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self.lasso.setChecked, lasso))
        self._empty = EmptyState(
            "chart-line", say("panel.nothing"), "", say("panel.run"), "play", self
        )
        self._empty.acted.connect(deeds.run)
        self._empty.hide()
        self._make_menu()
        self.picture_view.row_text = self._row_text
        self.picture_view.rowClicked.connect(self._click_row)
        self.picture_view.rowsSelected.connect(
            lambda rows: store.do(commands.select_rows, tuple(int(r) for r in rows))
        )
        self.picture_view.main.clickedAt.connect(self._click_place)

    def _make_menu(self) -> None:
        self.menu.addSeparator()
        levels = self.menu.addMenu(say("panel.levels"))
        self._levels = QActionGroup(self)
        for choice in LEVELS:
            words = ", ".join(f"{100 * level:.0f} %" for level in choice)
            act = levels.addAction(words or say("panel.no_levels"))
            act.setCheckable(True)
            act.setData(choice)
            self._levels.addAction(act)
            act.triggered.connect(lambda _checked=False, c=choice: self._set_levels(c))
        self._bins_menu = bins_menu(self.menu, self._store)

    def render_state(self, old: AppState, new: AppState) -> None:
        super().render_state(old, new)
        self.render_stripe(new, with_failure=True)
        # the bar says it too: on a narrow card the names of the axes need the room more
        is_shown = new.phase is Phase.PAUSED and not new.is_looking_back
        self._paused.setVisible(is_shown and self.width() >= ROOMY)
        for act in self._levels.actions():
            act.setChecked(act.data() == new.picture_view.levels)
        problem = new.setup_problem if new.shown is None else None
        if problem is not None and new.ran is None:
            what = problem.what[:1].upper() + problem.what[1:]
            self._empty.set_text(say("panel.nothing"), f"{what}. {problem.remedy}".strip())
        self.frame.set_empty(self._empty if problem is not None and new.ran is None else None)
        if old.chosen_group != new.chosen_group:
            self.legend.render_legend(new)

    def render_header(self, state: AppState, picture: Picture) -> None:
        choosable = bool(picture.x_options or picture.y_options)
        self.y_axis.show_axis(picture, commands.axis_key(state, "y"))
        self.x_axis.show_axis(picture, commands.axis_key(state, "x"))
        self.set_title("" if choosable else picture.title, picture.subtitle)
        self.legend.render_legend(state)
        self.lasso.setVisible(any(isinstance(m, Points) for m in picture.marks))
        self._place_legend()
        self._bins_menu.menuAction().setVisible(_has_bars(picture))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_legend()

    def _place_legend(self) -> None:
        """Beside the names of the axes; on a line of its own before a name would have to be shortened."""
        room = self.contentsRect().width() - SIDES
        names = (self.y_axis, self._by, self.x_axis, self.menu_button)
        words = sum(_wide(part) for part in names if not part.isHidden() or part is self._by)
        beside = words + _wide(self.legend) + (0 if self.lasso.isHidden() else _wide(self.lasso))
        has_axes = not self.y_axis.isHidden()
        is_below = has_axes and beside > room
        self._by.setVisible(has_axes and not self.x_axis.isHidden() and words <= room)
        if is_below != self._second_line.isVisibleTo(self):
            line, place = (self._second, 0) if is_below else (self.slot, 1)
            line.insertWidget(place, self.legend)
            line.addWidget(self.lasso)
            self._second_line.setVisible(is_below)

    def _set_levels(self, levels: tuple[float, ...]) -> None:
        view = replace(self._store.state.picture_view, levels=levels)
        self._store.do(commands.set_view, view)

    def _set_tool(self, lasso: bool) -> None:
        self.picture_view.set_tool(Tool.LASSO if lasso else Tool.HAND)

    def _click_row(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        state = self._store.state
        if state.spec is not None and state.spec.fit.start == "means":
            return
        chosen = state.selected_rows
        if row < 0:
            rows: tuple[int, ...] = ()
        elif modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier):
            rows = tuple(r for r in chosen if r != row) if row in chosen else (*chosen, row)
        else:
            rows = (row,)
        self._store.do(commands.select_rows, rows)

    def _click_place(self, scene: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """While the start is at typed means, a click says where the next one is."""
        state = self._store.state
        if state.spec is not None and state.spec.fit.start == "means" and not state.is_busy:
            at = self.picture_view.main.mapSceneToView(scene)
            self._store.do(commands.click_mean, at.x(), at.y())

    def _row_text(self, row: int) -> str:
        """What the pointer says of a row: its number, the used columns, the two likeliest groups."""
        state = self._store.state
        if state.dataset is None or self._shown is None or row >= state.dataset.rows:
            return ""
        lines = [say("panel.row", row=whole(row + 1))]
        for name in self._shown.columns[:8]:
            if state.dataset.has(name):
                lines.append(f"{name} {state.dataset.column(name).text(row)}")
        points = next((m for m in self._shown.picture.marks if isinstance(m, Points)), None)
        if points is not None and points.top_probability is not None:
            found = (points.rows == row).nonzero()[0]
            if found.size:
                group = int(points.group[found[0]])
                chance = probability(float(points.top_probability[found[0]]))
                names = self._shown.picture.groups
                label = names[group] if 0 <= group < len(names) else str(group + 1)
                if group == NO_GROUP:
                    label = say("group.noise")
                lines.append(say("panel.likeliest", group=label, probability=chance))
        return "\n".join(lines)


class LawCard(FamilyCard):
    """The fitted law: density, profiles, or what else the family shows there."""

    def __init__(self, store: Store, deeds: Deeds, parent: QWidget | None = None) -> None:
        super().__init__(store, deeds, Place.LAW, say("panel.law"), parent)
        self.frame.setObjectName("density")
        self._nothing = EmptyState(
            "chart-line-up", say("panel.nothing"), say("panel.law_later"), parent=self
        )
        self._nothing.hide()
        self.menu.addSeparator()
        self.shows = self.menu.addMenu(say("panel.law_shows"))
        choices = QActionGroup(self)
        for shows in SHOWN_LAWS:
            act = self.shows.addAction(say(f"panel.law_shows_{shows}"))
            act.setCheckable(True)
            act.setData(shows)
            choices.addAction(act)
            act.triggered.connect(lambda _checked=False, s=shows: store.do(commands.show_law, s))
        self.columns = self.menu.addMenu(say("panel.law_column"))
        self._bins_menu = bins_menu(self.menu, store)

    def render_state(self, old: AppState, new: AppState) -> None:
        super().render_state(old, new)
        self.render_stripe(new, is_second=True)
        law = None if new.shown is None else new.shown.law
        if law is not None and not law.marks and law.hint and new.law_view.shows:
            self._nothing.set_text(law.title, law.hint)
        else:
            self._nothing.set_text(say("panel.nothing"), say("panel.law_later"))
        self.frame.set_empty(self._nothing if law is None or not law.marks else None)
        for act in self.shows.actions():
            act.setChecked(act.data() == new.law_view.shows)

    def render_header(self, state: AppState, picture: Picture) -> None:
        super().render_header(state, picture)
        self._bins_menu.menuAction().setVisible(_has_bars(picture))
        self.columns.clear()
        for option in picture.x_options:
            act = self.columns.addAction(translated(option.label))
            act.setCheckable(True)
            act.setChecked(option.label == picture.subtitle)
            act.triggered.connect(
                lambda _checked=False, k=option.key: self._store.do(commands.choose_law_column, k)
            )
        self.columns.menuAction().setVisible(len(picture.x_options) > 1)


def _wide(part: QWidget) -> int:
    return part.sizeHint().width() + HEADER_GAP


def _has_ink(picture: Picture) -> bool:
    return any(isinstance(mark, Raster) for mark in picture.marks)


def _has_bars(picture: Picture) -> bool:
    return any(isinstance(mark, Bars) for mark in picture.marks)


def bins_menu(menu: QMenu, store: Store) -> QMenu:
    """A menu that says how many bins histograms have."""
    made = menu.addMenu(say("panel.bins"))
    group = QActionGroup(made)
    for count in BINS:
        act = QAction(say("panel.bins_auto") if count is None else str(count), made)
        act.setCheckable(True)
        act.setChecked(count is None)
        group.addAction(act)
        made.addAction(act)
        act.triggered.connect(lambda _checked=False, n=count: store.do(commands.set_bins, n))
    return made
