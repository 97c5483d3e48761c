"""The panel at the right of the Starts view: how many starts of which kind, the rule of sameness, their diversity."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from emdesk.app import commands
from emdesk.app.model_spec import start_choices
from emdesk.app.restart_verdict import diversity_sentence, sameness
from emdesk.app.session import FitResult
from emdesk.app.state import AppState
from emdesk.em.fit_settings import FitSettings
from emdesk.gui.forms import SettingsForm
from emdesk.gui.panels.starts.verdict_banner import can_try_several
from emdesk.gui.store import Store
from emdesk.gui.widgets import LinkLabel, ScrollColumn, Section, Text
from emdesk.texts import say
from emdesk.texts.numbers import whole

SHOWN = ("starts", "start", "seed", "finish")


class StartsPanel(QWidget):
    """The same settings as in the model dock; what it changes, the next run follows."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(say("starts.panel"))
        self._store = store
        self._is_rendering = False
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(14, 10, 14, 12)
        layout.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(Text(say("starts.panel"), "dock", body))
        head.addStretch(1)
        layout.addLayout(head)
        self.form = SettingsForm(body)
        self.form.set_fields((FitSettings,), only=SHOWN)
        layout.addWidget(self.form)
        self._short_runs = Text("", "hint", body, wrap=True)
        self.all_to_end = LinkLabel("", body)
        self.all_to_end.clicked.connect(self._run_all_to_end)
        layout.addWidget(self._short_runs)
        layout.addWidget(self.all_to_end)
        layout.addSpacing(6)
        self._rule = self._told(say("starts.rule"), body, layout)
        self._diversity = self._told(say("starts.diversity"), body, layout)
        layout.addStretch(1)
        scroll = ScrollColumn(body, self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.form.valueChanged.connect(lambda name, v: store.do(commands.set_setting, name, v))
        self.form.problemsChanged.connect(self._tell_problems)

    @staticmethod
    def _told(title: str, parent: QWidget, layout: QVBoxLayout) -> Text:
        section = Section(title, parent)
        text = Text("", "small", section, wrap=True)
        section.body.addWidget(text)
        section.body.addSpacing(8)
        layout.addWidget(section)
        return text

    @property
    def rule(self) -> str:
        """What is said about sameness."""
        return self._rule.text()

    @property
    def diversity(self) -> str:
        """What is said about how different the starts were."""
        return self._diversity.text()

    def render_form(self, state: AppState) -> None:
        """Show the settings of the form."""
        spec = state.spec
        if spec is None:
            return
        self._is_rendering = True
        try:
            family = spec.family_in(state.catalogue)
            self.form.offer("start", start_choices(family))
            self.form.render_values(spec.values(), {"columns": len(spec.columns)})
        finally:
            self._is_rendering = False
        self._tell_problems()
        fit = spec.fit
        if not can_try_several(state):
            told = say("starts.not_random")
        elif fit.finish >= fit.starts:
            told = say("starts.all_run_on")
        else:
            told = say("starts.short_runs", finish=whole(fit.finish))
        self._short_runs.setText(told)
        self.all_to_end.setText(say("starts.all_to_end", starts=whole(fit.starts)))
        self.all_to_end.setVisible(can_try_several(state) and fit.finish < fit.starts)

    def render_result(self, result: FitResult | None) -> None:
        """Show the rule and the diversity of a result that was judged."""
        diversity = result.diversity() if result is not None else None
        self._rule.setText(sameness(result.optima() if result is not None else None))
        none = say("starts.diversity.none")
        self._diversity.setText(diversity_sentence(diversity) if diversity is not None else none)

    def _run_all_to_end(self) -> None:
        spec = self._store.state.spec
        if spec is not None:
            self._store.do(commands.set_setting, "finish", spec.fit.starts)

    def _tell_problems(self) -> None:
        """Put the problems found here into the state beside those of the other settings."""
        if self._is_rendering:
            return
        others = {n: s for n, s in self._store.state.form_problems if n not in self.form.names()}
        problems = {**others, **self.form.problems}
        if tuple(problems.items()) != self._store.state.form_problems:
            self._store.do(commands.form_problems, problems)
