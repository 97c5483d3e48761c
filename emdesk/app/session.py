"""One fit from request to result: what the window's worker and the command line both walk."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from emdesk.app.agreement import Agreement, agreement
from emdesk.app.catalogue import Catalogue
from emdesk.app.completion import completed, draws
from emdesk.app.discriminant import Discriminant, discriminant
from emdesk.app.model_spec import ModelSpec
from emdesk.app.weak_groups import rows_told
from emdesk.em.attempts import Attempt, Outcome, Progress, best_of, set_aside_sentence
from emdesk.em.audit import Audit, audit
from emdesk.em.control import RunControl
from emdesk.em.diversity import Diversity, diversity_of
from emdesk.em.merging import MergeStep
from emdesk.em.optima import Optima, distinct_optima, matched_order
from emdesk.em.reduce import Sweeper
from emdesk.em.restarts import Search, starts_of
from emdesk.em.row_outputs import row_output_of
from emdesk.em.selection import Criteria, criteria, entropy_of
from emdesk.em.stopping import Stop
from emdesk.em.table_fit import TableFit
from emdesk.em.trace import Trace
from emdesk.em.uncertainty import Uncertainty
from emdesk.errors import DataProblem, SettingProblem, UsageProblem
from emdesk.model.dataset import Dataset
from emdesk.model.estimates import Completed
from emdesk.model.family import ByLabels, ByMeans, ByParams, Family, RowOutput, Start
from emdesk.model.law import Ascent
from emdesk.model.needs import Role
from emdesk.texts import say, say_count, translated
from emdesk.texts.numbers import criterion, whole


@dataclass(frozen=True, eq=False)
class FitResult:
    """A fit and everything needed to show, scrub and export it. `chosen` is the iteration that is the result:
    the last sound one of the best start, unless another iteration was kept or another start opened by hand."""

    spec: ModelSpec
    dataset: Dataset
    family: Family
    data: Any
    outcome: Outcome
    chosen: int
    is_kept_by_hand: bool = False
    uncertainty: Uncertainty | None = None
    """Standard errors of the chosen iteration, once they were asked for."""
    table: TableFit | None = None
    """The fit of its table with bootstrap p-values, once they were asked for."""
    merged: MergeStep | None = None
    """The clusters that its components are merged into, once they were asked for."""
    names: tuple[str, ...] = ()
    """The names that a person gave to its components, empty where there is none; () without any."""
    slots: tuple[int, ...] = ()
    """The place of each component among the colours; () in their order."""

    @property
    def best(self) -> Attempt:
        return self.outcome.best

    @property
    def trace(self) -> Trace:
        return self.best.trace

    @property
    def group_names(self) -> tuple[str, ...]:
        """What the components are called, () where they are numbered."""
        given = self.family.group_names(self.data)
        if not self.names:
            return given
        numbers = given or tuple(str(k + 1) for k in range(len(self.names)))
        return tuple(own or number for own, number in zip(self.names, numbers, strict=True))

    @property
    def colour_slots(self) -> tuple[int, ...]:
        """The place of each component among the colours: that of its cluster where they are merged, else its own."""
        if self.merged is None:
            return self.slots
        cluster = {k: i for i, own in enumerate(self.merged.groups) for k in own}
        return tuple(cluster[k] for k in range(len(cluster)))

    @property
    def stop(self) -> Stop:
        return self.best.stop or Stop.STOPPED

    @property
    def converged(self) -> bool:
        """Whether the result is where the rule was met (an iteration kept by hand is not)."""
        return self.stop is Stop.CONVERGED and self.is_sound and self.chosen == self.trace.last

    @property
    def is_sound(self) -> bool:
        return self.best.is_sound

    @property
    def stop_sentence(self) -> str:
        if self.is_kept_by_hand:
            return say("stop.kept", iteration=self.chosen)
        if self.is_start_by_hand:
            return say("stop.start", start=self.best.index + 1, sentence=self._sentence)
        return self._sentence

    @property
    def _sentence(self) -> str:
        if self.stop is Stop.CONVERGED and self.best.weaknesses:
            return say("stop.unsound", what=self.best.weaknesses[0].sentence)
        if self.keeps_best and self.stop in (Stop.CONVERGED, Stop.LIMIT):
            kept, last = whole(self.best.kept), whole(self.trace.last)
            return say("stop.no_promise", kept=kept, last=last)
        return self.best.sentence

    @property
    def keeps_best(self) -> bool:
        """Whether its iterations promise no climb, so that the best of them stands for the fit, not the last."""
        promises = self.family.ascent(self.data) is not Ascent.NONE
        return not promises and len(self.family.schedule(self.data)) == 1

    @property
    def params(self) -> Any:
        """Internal params of the chosen iteration."""
        return self.params_at(self.chosen)

    def params_at(self, index: int) -> Any:
        """Internal params of any iteration of the best start, replayed if they were thinned away."""
        kept = self.trace.params_if_kept(index)
        if kept is not None:
            return kept
        with Sweeper() as sweeper:
            return self.trace.params_at(index, self.family, self.data, sweeper)

    @property
    def log_likelihood(self) -> float:
        return self.trace.log_likelihoods[self.chosen]

    @property
    def objective(self) -> float:
        return self.trace.objectives[self.chosen]

    @property
    def free_parameters(self) -> int:
        return self.family.free_parameters(self.data, self.params)

    def keep(self, index: int) -> FitResult:
        """The same fit with another iteration as its result."""
        self.trace.pin(index)
        natural = index == self.best.kept
        return replace(
            self,
            chosen=index,
            is_kept_by_hand=not natural,
            uncertainty=None,
            table=None,
            merged=None,
        )

    @cached_property
    def is_start_by_hand(self) -> bool:
        """Whether another start than the best one was made the result."""
        return self.best is not best_of(self.outcome.attempts)

    def of_start(self, index: int) -> FitResult:
        """The same fit with another start as its result, its groups numbered like those they are most like here."""
        attempt = next(a for a in self.outcome.attempts if a.index == index)
        if attempt is self.best:
            return self
        if self.family.labels_rows:
            order = matched_order(self.params, attempt.trace.last_params, self.family.group_axis)
            attempt.renumber(self.family.group_axis, order)
        outcome = replace(self.outcome, best=attempt)
        return replace(
            self,
            outcome=outcome,
            chosen=attempt.kept,
            is_kept_by_hand=False,
            uncertainty=None,
            table=None,
            merged=None,
        )

    def optima(self) -> Optima:
        """The distinct optima of all starts, gathered once."""
        return self._optima

    @cached_property
    def _optima(self) -> Optima:
        return distinct_optima(
            self.outcome.attempts, self.family, self.data, self.spec.fit.tolerance
        )

    def diversity(self) -> Diversity | None:
        """How different the starts were, measured once; a pass over some of the rows for some of the starts."""
        return self._diversity

    @cached_property
    def _diversity(self) -> Diversity | None:
        return diversity_of(self.outcome.attempts, self.family, self.data)

    def audit(self) -> Audit:
        """How far the chosen iteration is from the limit and what its groups rest on, found once; a pass over the
        rows."""
        return self._audit

    @cached_property
    def _audit(self) -> Audit:
        with Sweeper() as sweeper:
            return audit(
                self.family,
                self.data,
                getattr(self.data, "dataset", self.dataset),  # intervals with a value inside each
                self.trace,
                self.chosen,
                self.spec.fit.tolerance,
                self.best.weaknesses,
                sweeper,
                RunControl(),
            )

    def criteria(self, control: RunControl | None = None) -> Criteria:
        """The criteria and entropies of the chosen iteration; a pass over the rows."""
        with Sweeper() as sweeper:
            entropies = entropy_of(
                self.family,
                self.data,
                self.params,
                self.family.blocks(self.data),
                sweeper,
                control or RunControl(),
            )
        return criteria(self.log_likelihood, self.free_parameters, self.data.size, entropies)

    def row_output(self, index: int | None = None) -> RowOutput | None:
        """Labels and probabilities of every used row for one iteration (the chosen one); None without labels."""
        if not self.family.labels_rows:
            return None
        params = self.params if index is None else self.params_at(index)
        with Sweeper() as sweeper:
            return row_output_of(self.family, self.data, params, sweeper, RunControl())

    def completed(self) -> Completed:
        """The missing cells of the rows used, estimated by the chosen iteration; a pass over the rows."""
        with Sweeper() as sweeper:
            return completed(
                self.family, self.dataset, self.data, self.params, sweeper, RunControl()
            )

    def draws(self, count: int) -> Iterator[Completed]:
        """So many random completions of the missing cells, the same for the same seed."""
        seed = self.spec.fit.seed
        return draws(self.family, self.dataset, self.data, self.params, count, seed)

    def agreement(self) -> Agreement | None:
        """How far the groups agree with the column that has the role truth, None without one."""
        if Role.TRUTH not in self.spec.roles:
            return None
        return agreement(self.spec, self.dataset, self.family, self.data, self.row_output())

    def discriminant(self) -> Discriminant | None:
        """The errors of discriminant analysis where all labels are known, computed once; None elsewhere."""
        return self._discriminant

    @cached_property
    def _discriminant(self) -> Discriminant | None:
        return discriminant(self.spec, self.dataset, self.family, self.data, self.params)

    def warnings(self) -> tuple[str, ...]:
        """What an analyst must know before trusting this result."""
        found = []
        left_out = self.dataset.rows - int(self.data.used.sum())
        if left_out:
            found.append(say_count("fit.rows_set_aside", left_out))
        set_aside = set_aside_sentence(self.outcome)
        if set_aside and len(self.outcome.attempts) > 1:
            found.append(set_aside)
        found += [w.sentence for w in self.best.weaknesses]
        found += rows_told(self.family, self.data, self.trace.last_params, self.best.weaknesses)
        if self.is_start_by_hand:
            best = best_of(self.outcome.attempts)
            found.append(
                say(
                    "fit.start_by_hand",
                    start=self.best.index + 1,
                    best=best.index + 1,
                    objective=criterion(best.objective),
                )
            )
        elif not self.is_sound and len(self.outcome.attempts) > 1:
            found.append(say("fit.nothing_sound"))
        if self.uncertainty is not None:
            found += self.uncertainty.notes
        return tuple(found)


class FitSession:
    """Prepare and run one fit. Walk `run()`; `result` is there afterwards."""

    def __init__(
        self,
        dataset: Dataset,
        spec: ModelSpec,
        catalogue: Catalogue,
        control: RunControl | None = None,
        threads: int | None = None,
    ) -> None:
        self.dataset = dataset
        self.spec = spec
        self.control = control or RunControl()
        self.threads = threads
        spec.check()
        self.family = spec.family_in(catalogue)
        self.data: Any = None
        self.search: Search | None = None
        self.result: FitResult | None = None

    def prepare(self) -> None:
        """Check the data against the model and standardise them; a Problem names what does not fit."""
        if not self.spec.columns:
            raise DataProblem(
                say("data.no_columns"), where=self.dataset.name, remedy=say("data.choose_columns")
            )
        self.data = self.family.prepare(self.dataset, self.spec.request())

    def run(self) -> Generator[Progress, None, FitResult]:
        """Yield every iteration of every start, return the result. Cancelled only before the first iteration."""
        if self.data is None:
            self.prepare()
        with Sweeper(self.threads) as sweeper:
            self.search = Search(
                self.family, self.data, self.starts(), self.spec.fit, self.control, sweeper
            )
            outcome = yield from self.search.run()
        self.result = FitResult(
            self.spec, self.dataset, self.family, self.data, outcome, outcome.best.kept
        )
        return self.result

    def starts(self) -> list[Start]:
        """What the settings say about the start, as the family understands it."""
        how = self.spec.fit.start
        if how == "labels":
            return [self._labels()]
        if how == "means":
            if self.spec.start_means is None:
                raise UsageProblem(say("start.no_means"), remedy=say("start.type_means"))
            return [ByMeans(np.array(self.spec.start_means, dtype=np.float64))]
        if how == "result":
            if self.spec.start_params is None:
                raise UsageProblem(say("start.no_result"), remedy=say("start.choose_result"))
            return [ByParams(dict(self.spec.start_params))]
        methods = self.family.start_methods()
        if how not in (*methods, "mixed"):
            raise SettingProblem(
                say("start.not_offered", family=translated(self.family.label), method=how),
                setting="start",
                remedy=say("start.methods_there_are", names=", ".join(methods)),
            )
        return list(starts_of(self.spec.fit, methods))

    def _labels(self) -> ByLabels:
        if self.spec.start_labels is None:
            raise UsageProblem(say("start.no_labels"), remedy=say("start.choose_labels"))
        column = self.dataset.column(self.spec.start_labels)
        seen = np.unique(column.values[~column.missing])
        codes = np.full(self.dataset.rows, -1, dtype=np.intp)
        codes[~column.missing] = np.searchsorted(seen, column.values[~column.missing])
        names = tuple(column.categories[int(v)] if column.categories else f"{v:g}" for v in seen)
        return ByLabels(codes, names)


def fit(
    dataset: Dataset, spec: ModelSpec, catalogue: Catalogue, threads: int | None = None
) -> FitResult:
    """The whole fit at once, for scripts and tests."""
    session = FitSession(dataset, spec, catalogue, threads=threads)
    for _ in session.run():
        pass
    assert session.result is not None
    return session.result
