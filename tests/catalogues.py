"""Every law and family there is, and data for each: what the contract tests are run over.

A new law is tested without a change here: its data follow from what it needs and its variants from the closed lists
of its settings. A new family that takes no law adds an example to `EXAMPLES`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from emdesk.app.catalogue import Catalogue, catalogue
from emdesk.app.model_spec import ModelSpec, new_spec, with_laws
from emdesk.app.session import FitResult, fit
from emdesk.errors import SettingProblem
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.family import Family
from emdesk.model.fields import BoundField, fields_of
from emdesk.model.law import Ascent, Law
from emdesk.model.needs import Role
from tests.example_rows import GROUPS, NAMES, ROWS, dataset_for
from tests.families import emission, emission_data, hidden_markov

DIMENSIONS = (1, 2, 4)


@lru_cache(maxsize=1)
def everything() -> Catalogue:
    """All laws and families, with the two families that live among the tests."""
    return catalogue().plus(families=[hidden_markov.FAMILY, emission.FAMILY])


def group_setting(family: Family) -> str | None:
    """The name of the setting that says how many groups there are."""
    names = {bound.name for bound in fields_of(family.Settings)}
    wanted = f"{family.group_axis}s"
    return wanted if wanted in names else None


ROLE_COLUMNS = {Role.WEIGHT: "weight", Role.SEQUENCE: "series", Role.TIME: "time"}
GIVEN_COLUMNS = {Role.PREDICTORS: "x"}
"""The columns that a law takes as given."""


def needed_roles(law: Law) -> tuple[Role, ...]:
    """The roles without which a law says nothing."""
    return tuple(role for role in law.roles if role in GIVEN_COLUMNS)


WITH_EVERY_FAMILY_SETTING = frozenset(
    {"gaussian", "poisson", "exponential", "categorical", "gaussian-regression"}
)
"""Laws of each sort, over which every setting of a family is walked."""


@dataclass(frozen=True, eq=False)
class Case:
    """One model over data it fits. `labels` is the column of a partition that it can start from."""

    name: str
    dataset: Dataset
    spec: ModelSpec
    labels: str | None = None

    @property
    def family(self) -> Family:
        return self.spec.family_in(everything())

    @property
    def law(self) -> Law:
        found = self.family.law
        assert found is not None
        return found

    def prepared(self, dataset: Dataset | None = None) -> Any:
        return self.family.prepare(dataset or self.dataset, self.spec.request())

    @property
    def ascent(self) -> Ascent:
        return self.family.ascent(self.prepared())

    def set(self, **values: Any) -> Case:
        """The same case with settings changed."""
        spec = self.spec
        for name, value in values.items():
            spec = spec.with_setting(name, value)
        return replace(self, spec=spec)

    def from_labels(self) -> Case:
        """Started from the true partition where the family has groups, else from its own start."""
        if self.labels is None:
            return self
        return replace(self, spec=replace(self.set(start="labels").spec, start_labels=self.labels))

    def from_params(self, values: Mapping[str, Any]) -> Case:
        """Started at params in the analyst's units."""
        return replace(self, spec=replace(self.set(start="result").spec, start_params=dict(values)))

    def over(self, dataset: Dataset) -> Case:
        return replace(self, dataset=dataset)

    def fit(self, threads: int | None = 1) -> FitResult:
        return fit(self.dataset, self.spec, everything(), threads)

    def __repr__(self) -> str:
        return self.name


TIES_COLUMNS = "dispersion"
"""The setting by which columns share a parameter."""

Variant = dict[str, Any]


def variants(settings: type, walked: Collection[BoundField] = ()) -> Iterator[Variant]:
    """The defaults, then every other value of every closed list, one at a time. A list that was `walked` for another
    law under the same name, such as the covariance structures, stands for the same code and is not walked again."""
    yield {}
    done = {(bound.name, len(bound.field.choices)) for bound in walked}
    for bound in fields_of(settings):
        if (bound.name, len(bound.field.choices)) in done:
            continue
        for choice in bound.field.choices:
            if choice.value != bound.default:
                yield {bound.name: choice.value}


def _case(
    family: Family, law: Law, d: int, settings: Variant, roles: tuple[Role, ...] = ()
) -> Case | None:
    """A case, or None where the law wants more columns or says that a setting is not for so many."""
    most = law.needs.most or d
    if not law.needs.least <= d <= most or not set(needed_roles(law)) <= set(family.roles):
        return None
    spec = new_spec(everything(), family.id, law.id)
    groups = group_setting(family)
    changes = dict(settings) | ({groups: GROUPS} if groups else {})
    for name, value in changes.items():
        spec = spec.with_setting(name, value)
    spec = replace(
        spec,
        columns=NAMES[:d],
        roles={r: ((ROLE_COLUMNS | GIVEN_COLUMNS)[r],) for r in (*needed_roles(law), *roles)},
    )
    words = [*map(str, settings.values()), *(role.value for role in roles)]
    name = "-".join([family.id, law.id, f"{d}d", *words])
    case = Case(name, dataset_for(law, d), spec, "group" if family.labels_rows else None)
    case = case.set(starts=2, max_iterations=60)
    try:
        case.prepared()
    except SettingProblem:
        return None
    return case


def _law_cases(family: Family, law: Law, walked: Collection[BoundField]) -> Iterator[Case | None]:
    """The dimensions and settings that may differ in what they run: columns of a law that are independent given the
    group do not differ by their number beyond two, and a setting means the same over every law and in every family.
    What ties columns to each other is looked at over enough of them to tell the groups apart."""
    is_first = family.id == everything().families[0].id
    is_plain = law.id == everything().laws[0].id
    dimensions = DIMENSIONS if is_plain or (is_first and law.is_elliptical()) else (1, 2)
    for d in dimensions if is_first or is_plain else (2,):
        yield _case(family, law, d, {})
    if is_first:
        for settings in list(variants(law.Settings, walked))[1:]:
            wide = (4,) if TIES_COLUMNS in settings else [d for d in dimensions if d > 1]
            made = [_case(family, law, d, settings) for d in wide]
            yield from made if any(made) else [_case(family, law, 1, settings)]
    if law.id in WITH_EVERY_FAMILY_SETTING:
        for settings in list(variants(family.Settings))[1:]:
            yield _case(family, law, min(2, law.needs.most or 2), settings)
    roles = tuple(role for role in family.roles if role in ROLE_COLUMNS)
    if roles:
        yield _case(family, law, 1, {}, roles)
        if is_plain:
            yield _case(family, law, 2, {}, roles)


def _emission() -> Iterator[Case]:
    settings = emission_data.EmissionSettings(size=8, views=10)
    scan = emission_data.scan_of(emission_data.phantom(8), settings, 20_000, seed=3)
    for method in ("MLEM", "OSEM"):
        spec = replace(
            new_spec(everything(), "emission", None),
            columns=("view", "position", "count"),
            settings=replace(settings, method=method),
        )
        yield Case(f"emission-{method}", scan, spec).set(max_iterations=60)


EXAMPLES: dict[str, Callable[[], Iterator[Case]]] = {"emission": _emission}
"""Data for the families that take no law."""


def mixed_rows(rows: int = ROWS) -> Dataset:
    """Two continuous columns and one of counts over the same groups."""
    continuous = dataset_for(catalogue().law("gaussian"), 2, rows)
    counts = dataset_for(catalogue().law("poisson"), 1, rows).columns[0]
    a, b, *others = continuous.columns
    return replace(continuous, columns=(a, b, replace(counts, name="c"), *others))


def _mixed(family: Family) -> Case:
    """Several laws on different columns."""
    groups = group_setting(family)
    spec = new_spec(everything(), family.id, "gaussian")
    spec = with_laws(spec, everything(), [("gaussian", ("a", "b")), ("poisson", ("c",))])
    if groups:
        spec = spec.with_setting(groups, GROUPS)
    name = f"{family.id}-joint-3d"
    return Case(name, mixed_rows(), spec, "group").set(starts=2, max_iterations=60)


def _gated(law: str, d: int, noise: str = "none") -> Case:
    """A mixture whose shares depend on covariates, with noise or without."""
    plain = dataset_for(catalogue().law(law), d)
    rng = np.random.default_rng(3)
    codes = plain.column("group").values
    u = Column("u", Kind.CONTINUOUS, codes + 1.5 * rng.standard_normal(plain.rows))
    word = np.where(rng.random(plain.rows) < 0.3, codes == 2, rng.random(plain.rows) < 0.5) * 1.0
    words = Column("word", Kind.NOMINAL, word, ("no", "yes"))
    dataset = replace(plain, columns=(*plain.columns, u, words))
    spec = new_spec(everything(), "mixture", law).with_setting("components", GROUPS)
    spec = replace(spec, columns=NAMES[:d], roles={Role.COVARIATES: ("u", "word")})
    spec = spec.with_setting("noise", noise)
    name = f"mixture-{law}-{d}d-covariates" + (f"-{noise}" if noise != "none" else "")
    return Case(name, dataset, spec, "group").set(starts=2, max_iterations=60)


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    """Every family, over every law it takes, in every variant of the settings."""
    found: list[Case] = []
    for family in everything().families:
        if family.takes_law:
            walked: list[BoundField] = []
            for law in everything().laws:
                taken = family.with_law(law)
                found += [case for case in _law_cases(taken, law, walked) if case is not None]
                walked += [bound for bound in fields_of(law.Settings) if bound.field.choices]
            found.append(_mixed(family))
        elif family.id in EXAMPLES:
            found += EXAMPLES[family.id]()
        else:
            raise LookupError(f"add an example for the family {family.id} to EXAMPLES")
    found += [_gated("gaussian", 2), _gated("poisson", 1), _gated("gaussian", 2, "uniform")]
    return tuple(found)


def case(name: str) -> Case:
    """The case of that name."""
    return next(c for c in cases() if c.name == name)


@cache
def fitted(name: str) -> FitResult:
    """The fit of a case as it stands, made once and shared by the tests that only look at it."""
    return case(name).fit()


@dataclass(frozen=True)
class Exempt:
    """A contract that does not hold somewhere, and why. `cases` is a part of the names of those cases."""

    contract: str
    cases: str
    reason: str


EXEMPTIONS: tuple[Exempt, ...] = (
    Exempt("fixed point", "emission-OSEM", "ordered subsets circle around the maximum"),
    Exempt(
        "fixed point",
        "emission-MLEM",
        "the likelihood of an image is flat: it creeps for thousands of iterations",
    ),
    Exempt(
        "recovers",
        "-hard",
        "classification EM is inconsistent: it sharpens the borders between groups",
    ),
    Exempt(
        "fixed point",
        "exponential-2d-hard",
        "densities that all peak at zero overlap: classification EM leaves a group without rows",
    ),
    Exempt("scaled statistics", "-conjugate", "a prior is worth rows of its own"),
    Exempt(
        "scaled statistics", "d-gamma", "a prior of degrees of freedom is worth rows of its own"
    ),
    Exempt(
        "marginal",
        "multinomial",
        "a picture has no place for the total of each row: it shows the average one",
    ),
    Exempt(
        "climbs expected",
        "skew-normal",
        "its steps are longer than those of EM: they climb the log-likelihood itself",
    ),
    Exempt("recovers", "-uniform", "the box of the noise is that of each data set"),
    Exempt("recovers", "-stochastic", "stochastic EM moves on as long as it runs"),
    Exempt("fixed point", "-stochastic", "stochastic EM moves on as long as it runs"),
    Exempt("recovers", "emission-OSEM", "ordered subsets circle around the maximum"),
    Exempt("scale_each may fail", "-1d", "scaling each of one column is scaling all"),
)
"""Every exception to the contract, in one place."""


def exempt(contract: str, name: str) -> str | None:
    """The reason why a case is excepted from a contract, or None."""
    return next((e.reason for e in EXEMPTIONS if e.contract == contract and e.cases in name), None)
