"""Which component of one group's fit is which of another's, so that numbers, colours and names agree across groups.

Every group is fitted to rows of its own, so nothing but the parameters in the analyst's units can be compared. Two
components are as far apart as the normal laws with their means and variances, by Bhattacharyya's distance (1943, Bull.
Calcutta Math. Soc. 35, 99-109), one column at a time: it has no unit, and it tells apart components that share a mean.
Regressions are compared by what they expect of rows of both groups, so that lines that cross are told apart.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec
from emdesk.app.session import FitResult, FitSession
from emdesk.em.attempts import Progress
from emdesk.em.control import RunControl
from emdesk.em.splitting import group_count
from emdesk.model.dataset import Dataset
from emdesk.model.design import coded
from emdesk.model.needs import Role
from emdesk.model.regression_law import RegressionLaw

F64 = NDArray[np.float64]
Moments = tuple[F64, F64]
ROWS_COMPARED = 200
"""So many rows of each group tell how its regressions lie."""
GIVEN_ORDER = frozenset({"labels", "means", "result"})
"""Starts whose components are in an order that the analyst chose."""
_TINY = 1e-300
_FAR = 1e12


def like(reference: FitResult | None, result: FitResult) -> FitResult:
    """The fit with its components in the order of those of another group's fit that they are most like, under the same
    names and colours; as it is where there is nothing to compare, or where the analyst chose the order."""
    if reference is None or not is_comparable(reference, result):
        return result
    if result.spec.fit.start not in GIVEN_ORDER and not result.spec.held:
        result.best.renumber(result.family.group_axis, matched_components(reference, result))
    return replace(result, names=reference.names, slots=reference.slots)


def is_comparable(first: FitResult, second: FitResult) -> bool:
    """Whether two fits have components of the same kind, as many of them, which nobody else has named."""
    family = second.family
    return (
        first.family.id == family.id
        and first.spec.law == second.spec.law
        and first.spec.columns == second.spec.columns
        and family.labels_rows
        and family.law is not None
        and not family.group_names(second.data)
        and _components(first) == _components(second) > 0
    )


def matched_components(first: FitResult, second: FitResult) -> NDArray[np.intp]:
    """The order of the components of the second fit in which they are most like those of the first."""
    from scipy.optimize import linear_sum_assignment

    _, order = linear_sum_assignment(distances(first, second))
    return np.asarray(order, dtype=np.intp)


def distances(first: FitResult, second: FitResult) -> F64:
    """(K, K) how unlike each component of the first fit is each of the second."""
    (means, variances), (others, other_variances) = _seen(first, second)
    both = 0.5 * (variances[:, None] + other_variances[None])
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        apart = (means[:, None] - others[None]) ** 2 / both / 8
        shape = np.log(both) - 0.5 * (np.log(variances)[:, None] + np.log(other_variances)[None])
    found = np.nan_to_num(apart + shape / 2, nan=_FAR, posinf=_FAR)
    return np.asarray(np.minimum(found, _FAR).sum(axis=2))


def _seen(first: FitResult, second: FitResult) -> tuple[Moments, Moments]:
    """Means and variances (K, d) of the components of both fits in the same places: the columns; or for regressions
    rows of both groups, as far as both have coefficients for them."""
    names = second.spec.roles.get(Role.PREDICTORS, ())
    law: Any = second.family.law
    if isinstance(law, RegressionLaw) and names:
        parts = [_predictors(f.dataset, names) for f in (first, second)]
        columns = np.concatenate(parts, axis=1)
        categories = tuple(second.dataset.column(name).categories for name in names)
        raw, _ = coded(columns, names, categories)
        responses = [_responses(f, raw) for f in (first, second)]
        if columns.size and responses[0] is not None and responses[1] is not None:
            return responses[0], responses[1]
    return _moments(first), _moments(second)


def _predictors(dataset: Dataset, names: tuple[str, ...]) -> F64:
    """(q, m) the predictors of some rows."""
    columns = np.stack([dataset.column(name).values for name in names])
    return columns[:, ~np.isnan(columns).any(axis=0)][:, :ROWS_COMPARED]


def _responses(result: FitResult, raw: F64) -> Moments | None:
    """Means and variances (K, m) of the response at raw terms (q, m); None where there are coefficients of others."""
    law: Any = result.family.law
    params = _law_params(result)
    coefficients, terms = law.coefficients_of(params), law.carried_by(params)
    with_intercept = np.concatenate([np.ones((1, raw.shape[1])), raw])
    own = next((r for r in (raw, with_intercept) if len(r) == coefficients.shape[1]), None)
    if own is None:
        return None
    trials = np.full((1, raw.shape[1]), terms.trials)
    means, variances = law.means_and_variances(coefficients @ own + terms.level, trials, params)
    return means, np.maximum(np.broadcast_to(variances, means.shape), _TINY)


def _moments(result: FitResult) -> Moments:
    """Means and variances (K, d) of the components, in the analyst's units."""
    law = result.family.law
    assert law is not None
    means, covariances = law.moments(_law_params(result))
    return means, np.maximum(np.diagonal(covariances, axis1=1, axis2=2), _TINY)


def _law_params(result: FitResult) -> Any:
    return result.family.in_units(result.data, result.params).law


def _components(result: FitResult) -> int:
    return group_count(result.params, result.family.group_axis) or 0


class PartSession(FitSession):
    """The fit of one group, whose components are put into the order of those of `reference` when it is done."""

    def __init__(
        self,
        dataset: Dataset,
        spec: ModelSpec,
        catalogue: Catalogue,
        control: RunControl | None = None,
        reference: FitResult | None = None,
    ) -> None:
        super().__init__(dataset, spec, catalogue, control)
        self.reference = reference

    def run(self) -> Generator[Progress, None, FitResult]:
        made = yield from super().run()
        self.result = like(self.reference, made)
        return self.result
