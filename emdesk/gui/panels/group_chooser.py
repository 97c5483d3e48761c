"""Which group's fit stands on the desk: a list in the bar, and while they are fitted how far that is."""

from __future__ import annotations

from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from emdesk.app import commands
from emdesk.app.group_fits import GroupFit, GroupFits
from emdesk.app.state import AppState
from emdesk.gui.actions import Actions
from emdesk.gui.icons import icon
from emdesk.gui.store import Store
from emdesk.gui.theme import theme
from emdesk.gui.widgets import ElidedText
from emdesk.gui.widgets.combo_box import ComboBox
from emdesk.texts import say
from emdesk.texts.numbers import whole

WIDTH = 168


class GroupChooser(QWidget):
    """Hidden where there are no fits by group, and where models of all rows are compared."""

    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._actions = store, actions
        self._listed: tuple[tuple[str, str, str], ...] = ()
        self.box = ComboBox("", self)
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.activated.connect(lambda place: store.do(commands.show_group_fit, place))
        self.progress = ElidedText("", "small", self)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 0, 8, 0)
        line.addWidget(self.box)
        line.addWidget(self.progress, 1)
        self.setFixedWidth(theme().px(WIDTH))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.hide()
        store.changed.connect(self.render_state)

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        if (
            old.fits_by_group is new.fits_by_group
            and old.phase is new.phase
            and old.result is new.result
            and old.run == new.run
            and old.view_name == new.view_name
        ):
            return
        groups = new.group_fits
        self.setVisible(groups is not None and not new.rules_exploration)
        if groups is None or groups.place is None:
            return
        self.box.setVisible(not new.is_busy)
        self.progress.setVisible(new.is_busy)
        if new.is_busy:
            self._show_progress(groups, groups.place)
        else:
            self._show_groups(groups, groups.place)

    def _show_progress(self, groups: GroupFits, place: int) -> None:
        number, count = whole(place + 1), whole(len(groups.parts))
        value = groups.parts[place].value
        self.progress.set_full(say("groups.under_way", number=number, count=count, value=value))

    def _show_groups(self, groups: GroupFits, place: int) -> None:
        entries = tuple(
            (part.value, *_mark(fit)) for part, fit in zip(groups.parts, groups.fits, strict=True)
        )
        if entries != self._listed:
            self._listed = entries
            self.box.clear()
            for value, mark, role in entries:
                self.box.addItem(icon(mark, role), value)
        items = self.box.model()
        assert isinstance(items, QStandardItemModel)
        for index, fit in enumerate(groups.fits):
            items.item(index).setEnabled(fit is not None)
            items.item(index).setToolTip(_words(fit))
        self.box.setCurrentIndex(place)
        self.box.setAccessibleName(say("groups.chooser", column=groups.column))
        keys = {n: self._actions.shortcut_text(f"{n}_group") for n in ("previous", "next")}
        self.box.setToolTip(say("groups.choose_is", column=groups.column, **keys))


def _mark(fit: GroupFit | None) -> tuple[str, str]:
    """The icon of what became of a group, and its role: the words are in the tooltip and in the table."""
    if fit is None:
        return "minus", "text3"
    if fit.result is None or not fit.is_sound:
        return "warning-octagon-fill", "bad"
    return ("check-circle", "ok") if fit.result.converged else ("warning-fill", "warn")


def _words(fit: GroupFit | None) -> str:
    if fit is None:
        return say("groups.waiting")
    if fit.result is None:
        return fit.problem.sentence if fit.problem is not None else say("groups.no_fit")
    return fit.result.stop_sentence
