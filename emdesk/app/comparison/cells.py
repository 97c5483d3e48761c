"""One fit of a comparison: what it reached, and how far it can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from emdesk.app.comparison.places import Place
from emdesk.app.model_spec import ModelSpec
from emdesk.app.result_object import result_object
from emdesk.app.session import FitResult
from emdesk.em.cross_validation import CrossValidation
from emdesk.em.selection import PENALISED, Criteria
from emdesk.em.stopping import Stop
from emdesk.errors import EMDeskError
from emdesk.texts import say

LOG_LIKELIHOOD, CV = "log_likelihood", "cv"
COMPARED_BY = (*PENALISED, LOG_LIKELIHOOD, CV)
"""What models can be compared by."""
LARGER_IS_BETTER = frozenset({LOG_LIKELIHOOD, CV})


class Badge(StrEnum):
    """What must be known before a cell is trusted: a fixed word each."""

    REFUSED = "refused"
    COLLAPSED = "collapsed"
    FELL = "fell"
    LIMIT = "limit"
    ONCE = "found once"
    BELOW = "below a simpler model"


@dataclass(frozen=True)
class Agreement:
    """How the starts of a fit ended: `agreeing` of the `finished` ones at the best, `collapsed` in no sound fit."""

    agreeing: int
    finished: int
    collapsed: int

    @classmethod
    def of(cls, result: FitResult) -> Agreement:
        """Counted over the starts that were run to their end."""
        found = result.optima()
        agreeing = found.best.count if found.best is not None else 0
        return cls(agreeing, found.ended, len(result.outcome.set_aside))


@dataclass(frozen=True, eq=False)
class Cell:
    """A fit in its place. `result` is None where the model was refused, and where a result was let go to save memory:
    `spec` gives it again. `nested_in` is the place whose solution it was started from, if its own starts fell short.
    """

    place: Place
    spec: ModelSpec
    result: FitResult | None
    made: dict[str, object]
    """The fit object without its params."""
    criteria: Criteria | None = None
    agreement: Agreement = Agreement(0, 0, 0)
    is_sound: bool = False
    stop: Stop | None = None
    objective: float = math.nan
    log_likelihood: float = math.nan
    free_parameters: int | None = None
    refusal: str = ""
    stop_sentence: str = ""
    is_below: bool = False
    started_from: Place | None = None
    cross_validation: CrossValidation | None = None

    @property
    def is_replicated(self) -> bool:
        """Whether at least two starts reached the best."""
        return self.is_sound and self.agreement.agreeing >= 2

    @property
    def badges(self) -> tuple[Badge, ...]:
        """Worst first."""
        if self.refusal:
            return (Badge.REFUSED,)
        if not self.is_sound:
            return (Badge.FELL if self.stop is Stop.FELL else Badge.COLLAPSED,)
        found = []
        if self.is_below:
            found.append(Badge.BELOW)
        if self.stop is Stop.LIMIT:
            found.append(Badge.LIMIT)
        if not self.is_replicated:
            found.append(Badge.ONCE)
        return tuple(found)

    @property
    def reason(self) -> str:
        """Why the cell is not to be trusted as it stands; empty for a sound, converged fit."""
        if self.refusal:
            return self.refusal
        if not self.is_sound:
            return self.stop_sentence
        parts = []
        if self.is_below:
            parts.append(say("compare.below"))
        if self.stop is Stop.LIMIT:
            parts.append(self.stop_sentence)
        return "; ".join(parts)

    def value(self, criterion: str) -> float:
        """The criterion of this fit, NaN where there is none or the fit is not sound."""
        if not self.is_sound or self.criteria is None:
            return math.nan
        if criterion == LOG_LIKELIHOOD:
            return self.log_likelihood
        if criterion == CV:
            found = self.cross_validation
            return math.nan if found is None else found.log_likelihood
        return float(getattr(self.criteria, criterion))


def cell_of(place: Place, result: FitResult, started_from: Place | None = None) -> Cell:
    """The cell of a finished fit; a pass over the rows for the entropies."""
    made = result_object(result)
    criteria = Criteria(**{name: _number(made[name]) for name in Criteria.__dataclass_fields__})
    return Cell(
        place=place,
        spec=result.spec,
        result=result,
        made={key: value for key, value in made.items() if key not in ("params", "axes")},
        criteria=criteria,
        agreement=Agreement.of(result),
        is_sound=result.is_sound,
        stop=result.stop,
        objective=result.objective,
        log_likelihood=result.log_likelihood,
        free_parameters=result.free_parameters,
        stop_sentence=result.stop_sentence,
        started_from=started_from,
    )


def refused_cell(place: Place, spec: ModelSpec, problem: EMDeskError) -> Cell:
    """The cell of a model that does not fit the data or its own settings."""
    made = {
        "family": spec.family,
        "law": spec.law,
        "columns": list(spec.columns),
        "settings": spec.values(),
        "seed": spec.fit.seed,
        "objective": None,
        "log_likelihood": None,
        "free_parameters": None,
        **dict.fromkeys(Criteria.__dataclass_fields__),
        "converged": False,
        "stop": Badge.REFUSED.value,
        "stop_sentence": problem.sentence,
        "warnings": [],
    }
    return Cell(place, spec, None, made, refusal=problem.sentence)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
