"""Which law each column has: kept while columns come and go, and suggested for new ones from their kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emdesk.app.catalogue import Catalogue
from emdesk.app.model_spec import ModelSpec, with_laws
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.law import Law

SUGGESTED = {
    Kind.CONTINUOUS: "gaussian",
    Kind.TIME: "gaussian",
    Kind.COUNT: "poisson",
    Kind.NOMINAL: "categorical",
    Kind.ORDINAL: "categorical",
}


def law_for(column: Column) -> str:
    """The law that the kind of a column suggests."""
    return SUGGESTED[column.kind] if column.is_numeric else SUGGESTED[Kind.NOMINAL]


def laws_for(column: Column, catalogue: Catalogue) -> tuple[Law, ...]:
    """The laws that a column can have beside others: those that ask for nothing but it."""
    return tuple(law for law in catalogue.laws if _takes(law, column) and not law.roles)


def _takes(law: Law, column: Column) -> bool:
    needs = law.needs
    return (column.is_numeric or needs.text) and needs.least <= 1


def law_of_columns(spec: ModelSpec, catalogue: Catalogue, dataset: Dataset) -> dict[str, str]:
    """The law of each modelled column; where one law stands for all, the one a column's kind suggests if that law
    cannot take it."""
    made = {name: part.law for part in spec.laws for name in part.columns}
    if not spec.laws and spec.law is not None:
        one = catalogue.law(spec.law)
        for name in spec.columns:
            column = dataset.column(name)
            made[name] = one.id if _takes(one, column) else law_for(column)
    return made


def over_columns(
    spec: ModelSpec,
    catalogue: Catalogue,
    dataset: Dataset,
    columns: Sequence[str],
    changed: Mapping[str, str] | None = None,
) -> ModelSpec:
    """The same model over these columns, each with the law it has, the one that `changed` gives it, or the suggested
    one; columns of one law are modelled together."""
    known = law_of_columns(spec, catalogue, dataset) | dict(changed or {})
    laws: dict[str, list[str]] = {}
    for name in columns:
        law = known.get(name) or law_for(dataset.column(name))
        laws.setdefault(law, []).append(name)
    if not laws:
        return spec
    return with_laws(spec, catalogue, [(law, tuple(names)) for law, names in laws.items()])


def suggested(spec: ModelSpec, catalogue: Catalogue, dataset: Dataset) -> ModelSpec:
    """The same model with the law that the kind of each column suggests."""
    laws = {name: law_for(dataset.column(name)) for name in spec.columns}
    return over_columns(spec, catalogue, dataset, spec.columns, laws)
