"""Merging components into clusters: the tree, the entropy, and the number of clusters to colour by."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app.merging import groups_in_words
from emdesk.app.merging_pictures import entropy_picture, tree_picture
from emdesk.em.merging import Merging
from emdesk.gui.plots.picture_view import PictureView
from emdesk.gui.theme import theme
from emdesk.gui.widgets import Button, DataTable, Hairline, TableColumn, Text
from emdesk.texts import say
from emdesk.texts.numbers import fixed, whole

WIDTH, HEIGHT = 760, 600
TABLE_HEIGHT = 190


class MergeDialog(QDialog):
    """Choose a number of clusters; `chosen` carries its step, or None for a colour for each component."""

    chosen = Signal(object)

    def __init__(
        self,
        merging: Merging,
        names: tuple[str, ...],
        clusters: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._merging, self._names = merging, names
        self._is_coloured = clusters is not None
        self._clusters = clusters or merging.suggested or merging.components
        self.setWindowTitle(say("merging.dialog"))
        self.setModal(True)
        self.resize(theme().px(WIDTH), theme().px(HEIGHT))
        self.tree, self.entropy = PictureView(self), PictureView(self)
        self.table = DataTable(say("merging.steps"), self, sortable=False, compact=True)
        self.table.rowsChosen.connect(self._choose_rows)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 18)
        layout.setSpacing(10)
        layout.addWidget(Text(say("merging.dialog"), "dialog", self))
        layout.addWidget(Text(self._says(), "body", self, wrap=True))
        layout.addLayout(self._plots(), 1)
        layout.addWidget(self.table)
        layout.addWidget(Hairline(self))
        layout.addLayout(self._foot())
        self._fill()
        self._show()

    def _says(self) -> str:
        suggested = self._merging.suggested
        if suggested is None:
            return say("merging.dialog_plain")
        return say("merging.dialog_suggests", clusters=suggested)

    def _plots(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        for title, view in (("merging.tree", self.tree), ("merging.entropy", self.entropy)):
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(Text(say(title), "section", self))
            view.setMinimumSize(theme().px(280), theme().px(190))
            column.addWidget(view, 1)
            row.addLayout(column, 1)
        return row

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        self.own_button = Button(say("merging.own_colours"), "quiet", "", self)
        self.own_button.setEnabled(self._is_coloured)
        self.own_button.clicked.connect(lambda _checked=False: self._end(False))
        cancel = Button(say("unsaved.cancel"), "outline", "", self)
        cancel.clicked.connect(lambda _checked=False: self.reject())
        self.colour_button = Button(say("merging.colour"), "primary", "", self)
        self.colour_button.setDefault(True)
        self.colour_button.clicked.connect(lambda _checked=False: self._end(True))
        foot.addWidget(self.own_button)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.colour_button)
        return foot

    def _fill(self) -> None:
        steps = self._merging.steps

        def merged(row: int) -> str:
            pair = steps[row].merged
            return (
                ""
                if pair is None
                else say("merging.pair", first=self._name(pair[0]), second=self._name(pair[1]))
            )

        columns = [
            TableColumn(say("merging.clusters"), lambda r: steps[r].clusters, text=whole),
            TableColumn(
                say("merging.entropy"), lambda r: steps[r].entropy, text=lambda v: fixed(v, 2)
            ),
            TableColumn(say("merging.merged"), merged, numeric=False),
            TableColumn(
                say("merging.groups"),
                lambda r: groups_in_words(steps[r], self._names),
                numeric=False,
            ),
        ]
        self.table.setMaximumHeight(theme().px(TABLE_HEIGHT))
        self.table.set_table(columns, len(steps))

    def _name(self, component: int) -> str:
        return self._names[component] if self._names else str(component + 1)

    def _choose_rows(self, rows: list[int]) -> None:
        if rows:
            self._clusters = self._merging.steps[rows[0]].clusters
            self._show()

    def _show(self) -> None:
        self.tree.present(tree_picture(self._merging, self._names, self._clusters))
        self.entropy.present(entropy_picture(self._merging, self._clusters))
        self.table.choose_rows([self._merging.components - self._clusters])

    def _end(self, coloured: bool) -> None:
        self.accept()
        self.chosen.emit(self._merging.step(self._clusters) if coloured else None)
