"""Which law each column has, while a model has several: a row a column, under the law of the form."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.several_laws import laws_for
from emdesk.app.state import AppState
from emdesk.gui.editors import FIELD_WIDTH
from emdesk.gui.forms import LABEL_WIDTH
from emdesk.gui.store import Store
from emdesk.gui.widgets import ElidedText
from emdesk.texts import say, translated


class _ColumnLaw(QWidget):
    """The name of a column and the laws it can have."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        label = ElidedText(name, "secondary", self)
        label.set_full(name)
        label.setMinimumWidth(LABEL_WIDTH - 36)
        self.box = QComboBox(self)
        self.box.setMinimumWidth(FIELD_WIDTH)
        self.box.setAccessibleName(say("model.law_of", name=name))
        line = QHBoxLayout(self)
        line.setContentsMargins(18, 2, 0, 2)
        line.setSpacing(4)
        line.addWidget(label, 2)
        line.addWidget(self.box, 4)

    def show_laws(self, laws: tuple[tuple[str, str], ...], chosen: str) -> None:
        """Show (id, label) of the laws with one chosen, without telling."""
        if [self.box.itemData(i) for i in range(self.box.count())] != [i for i, _ in laws]:
            self.box.clear()
            for key, label in laws:
                self.box.addItem(label, key)
        self.box.setCurrentIndex(self.box.findData(chosen))


class LawsEditor(QWidget):
    """Shown while the model has several laws. Columns of one law are modelled together."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._rows: dict[str, _ColumnLaw] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.hide()

    def box(self, name: str) -> QComboBox:
        """The laws of a column."""
        return self._rows[name].box

    def render_laws(self, state: AppState) -> None:
        """Follow the state."""
        spec, dataset = state.spec, state.dataset
        laws = () if spec is None or dataset is None else spec.laws
        self.setVisible(bool(laws))
        if not laws or dataset is None:
            return
        law_of = {name: part.law for part in laws for name in part.columns}
        names = [name for name in dataset.names if name in law_of]
        if names != list(self._rows):
            self._remake(names)
        for name, row in self._rows.items():
            offered = laws_for(dataset.column(name), state.catalogue)
            row.show_laws(tuple((x.id, translated(x.label)) for x in offered), law_of[name])

    def _remake(self, names: list[str]) -> None:
        for row in self._rows.values():
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {}
        for name in names:
            row = _ColumnLaw(name, self)
            row.box.activated.connect(partial(self._choose, name))
            self._layout.addWidget(row)
            self._rows[name] = row

    def _choose(self, name: str, index: int) -> None:
        self._store.do(commands.set_column_law, name, self._rows[name].box.itemData(index))
