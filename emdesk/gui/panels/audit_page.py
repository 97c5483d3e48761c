"""The audit: limit, rate and iterations left, the certificate, what each component rests on, and what helps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app.remedies import Remedy, remedies
from emdesk.app.state import AppState
from emdesk.app.table_fit import table_fit_entries
from emdesk.app.trust import certificate_sentence, course_entries, health_sentence
from emdesk.em.audit import Audit, GroupAudit, Health
from emdesk.em.uncertainty import Uncertainty
from emdesk.gui.actions import Actions
from emdesk.gui.store import Store
from emdesk.gui.widgets import (
    DataTable,
    FlowLayout,
    LinkLabel,
    SummaryGrid,
    TableColumn,
    Text,
    Verdict,
    VerdictLine,
)
from emdesk.texts import say
from emdesk.texts.numbers import fixed, short, whole

TINTS = {
    Health.SOUND: "ok",
    Health.THIN: "warn",
    Health.NEAR_FLOOR: "warn",
    Health.COLLAPSED: "bad",
}
SIDE_WIDTH = 208


class AuditPage(QWidget):
    """How far the fit is from its limit, and how sound its components are."""

    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._go_on = store, actions["go_on"]
        self._shown: Audit | None = None
        self._look: tuple[tuple[str, ...], tuple[int, ...]] = ((), ())
        self._measured: Uncertainty | None = None
        self._offered: tuple[Remedy, ...] = ()
        self._hint = Text(say("audit.later"), "hint", self)
        self.grid = SummaryGrid(1, self)
        self.go_on = LinkLabel(say("audit.continue"), self, tint="warn")
        self.go_on.clicked.connect(lambda _checked=False: self._go_on.trigger())
        self.certificate = VerdictLine(self)
        self.table = DataTable(say("audit.title"), self, sortable=False, fixed_first=True)
        self._remedies = QWidget(self)
        self._links = FlowLayout(self._remedies)
        self._side = QWidget(self)
        self._side.setMinimumWidth(SIDE_WIDTH)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(6)
        side.addWidget(self.grid)
        side.addWidget(self.go_on, 0, Qt.AlignmentFlag.AlignRight)
        side.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.certificate)
        words.addWidget(self.table, 1)
        upper = QHBoxLayout()
        upper.setSpacing(14)
        upper.addWidget(self._hint, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(words, 1)
        upper.addWidget(self._side)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(upper, 1)
        layout.addWidget(self._remedies)
        self._show(None)

    def render_state(self, old: AppState, new: AppState) -> None:
        """Follow the state."""
        found = None if new.audited is None else new.audited.audit
        shown = new.shown
        look = ((), ()) if shown is None else (shown.picture.groups, shown.slots)
        measured = _measured(new)
        is_new = measured is not self._measured or look != self._look
        if found is not self._shown or (found is not None and is_new):
            self._look, self._measured = look, measured
            self._show(found, new)
        self.go_on.setVisible(found is not None and new.can_go_on)
        if old.spec is not new.spec or old.audited is not new.audited:
            self._offer(remedies(new) if found is not None and _is_ill(found) else ())

    def _show(self, found: Audit | None, state: AppState | None = None) -> None:
        self._shown = found
        self._hint.setVisible(found is None)
        for part in (self._side, self.table, self.certificate):
            part.setVisible(found is not None)
        if found is None:
            self._offer(())
            self.go_on.hide()
            return
        entries = course_entries(found, self._measured)
        audited = None if state is None else state.audited
        if audited is not None and audited.table is not None and state is not None:
            used = () if state.shown is None else state.shown.columns
            entries = [*entries, *table_fit_entries(audited.table, used)]
        self.grid.set_values([(n, v) for n, v, _ in entries], [tip for _, _, tip in entries])
        self.certificate.set_verdict(*_verdict(found))
        self.table.setVisible(bool(found.groups))
        names = self._names(len(found.groups))
        order = list(Health)
        worst_first = sorted(found.groups, key=lambda g: -order.index(g.health))
        columns = sentinel_columns(worst_first, names, self._look[1])
        self.table.set_table(columns, len(worst_first))

    def _names(self, count: int) -> tuple[str, ...]:
        shown = self._store.state.shown
        names = () if shown is None else shown.picture.groups or shown.law.groups
        return names if len(names) == count else tuple(str(k + 1) for k in range(count))

    def _offer(self, offered: tuple[Remedy, ...]) -> None:
        """Show the remedies as links."""
        self._remedies.setVisible(bool(offered))
        if [r.label for r in offered] == [r.label for r in self._offered]:
            self._offered = offered
            return
        self._offered = offered
        while (item := self._links.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if offered:
            self._links.addWidget(Text(say("audit.remedies"), "small", self._remedies))
        for remedy in offered:
            link = LinkLabel(remedy.label, self._remedies)
            link.clicked.connect(partial(self._take, remedy))
            self._links.addWidget(link)
            link.show()

    def _take(self, remedy: Remedy, _checked: bool = False) -> None:
        self._store.do(remedy.change)

    def links(self) -> tuple[LinkLabel, ...]:
        """The remedies that are offered now."""
        return tuple(w for w in self._remedies.findChildren(LinkLabel) if not w.isHidden())


def _measured(state: AppState) -> Uncertainty | None:
    """The standard errors of the iteration that was audited."""
    result, audited = state.result, state.audited
    if result is None or audited is None or state.is_busy:
        return None
    of_result = (state.run, result.best.index, result.chosen)
    is_of_it = (audited.run, audited.attempt, audited.iteration) == of_result
    return result.uncertainty if is_of_it else None


def _is_ill(found: Audit) -> bool:
    return found.worst is not Health.SOUND


def _verdict(found: Audit) -> tuple[Verdict, str]:
    """The certificate, or what is wrong with the worst component."""
    if found.certificate.holds is False:
        return Verdict.FELL, certificate_sentence(found)
    ill = [g for g in found.groups if g.health is found.worst is not Health.SOUND]
    if ill:
        bad = found.worst is Health.COLLAPSED
        return Verdict.COLLAPSED if bad else Verdict.WARNING, health_sentence(ill[0])
    if found.certificate.holds is None:
        return Verdict.NOTE, certificate_sentence(found)
    return Verdict.CONVERGED, certificate_sentence(found)


def sentinel_columns(
    groups: Sequence[GroupAudit], names: Sequence[str], slots: Sequence[int] = ()
) -> list[TableColumn]:
    """What each component rests on, in the order given; columns that no component has a number for are left out.
    `slots` are the places of the components among the colours."""

    def slot(row: int) -> int:
        group = groups[row].group
        return slots[group] if group < len(slots) else group

    columns = [
        TableColumn(
            "",
            lambda r: names[groups[r].group],
            numeric=False,
            width=56,
            group=slot,
        ),
        _column("rows", lambda r: groups[r].rows, lambda v: fixed(v, 1)),
        _column("distinct", lambda r: groups[r].distinct, whole),
    ]
    if any(g.smallest is not None for g in groups):
        columns += [
            _column("smallest", lambda r: groups[r].smallest, _share),
            _column("condition", lambda r: groups[r].condition, _large),
        ]
    if any(g.shrinking is not None for g in groups):
        columns.append(_column("shrinking", lambda r: groups[r].shrinking, lambda v: fixed(v, 2)))
    columns.append(
        TableColumn(
            say("audit.health"),
            lambda r: say(f"audit.word.{groups[r].health.name.lower()}"),
            numeric=False,
            tooltip=say("audit.health_is"),
            tint=lambda r: TINTS[groups[r].health],
            hint=lambda r: health_sentence(groups[r]),
        )
    )
    return columns


def _column(
    name: str, cell: Callable[[int], float | int | None], text: Callable[[float], str]
) -> TableColumn:
    return TableColumn(say(f"audit.{name}"), cell, text=text, tooltip=say(f"audit.{name}_is"))


def _share(value: float) -> str:
    return fixed(value, 4) if value >= 0.001 else short(value)


def _large(value: float) -> str:
    return short(value) if value >= 1e4 or not math.isfinite(value) else fixed(value, 1)
