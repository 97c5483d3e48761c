"""Visits in three shops, each fitted alone, for the tests of fits by group."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emdesk.app.catalogue import catalogue
from emdesk.app.group_fits import GroupFit, GroupFits
from emdesk.app.group_matching import PartSession
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.parts import Part, parts_of, without_group
from emdesk.app.session import FitResult
from emdesk.model.dataset import Column, Dataset, Kind
from emdesk.model.needs import Role

BOOK = catalogue()
SHOPS = ("east", "north", "west")


def shops(seed: int = 4) -> Dataset:
    """Two kinds of visits in three shops, the rows mixed; the last row is of no shop."""
    rng = np.random.default_rng(seed)
    shop = np.append(rng.permutation(np.repeat([0.0, 1.0, 2.0], [50, 70, 60])), np.nan)
    large = rng.random(len(shop)) < np.where(shop == 1, 0.3, 0.6)
    spend = rng.normal(np.where(large, 60, 20), 4) + np.where(np.isnan(shop), 0, shop)
    stay = rng.normal(np.where(large, 5, 9), 0.8)
    spend[3] = np.nan
    return Dataset(
        (
            Column("spend", Kind.CONTINUOUS, spend, as_read={3: "?"}),
            Column("stay", Kind.CONTINUOUS, stay),
            Column("shop", Kind.NOMINAL, shop, SHOPS),
        ),
        "shops",
    )


def spec_of(starts: int = 3) -> ModelSpec:
    made = replace(new_spec(BOOK), columns=("spend", "stay"), roles={Role.GROUP: ("shop",)})
    return made.with_setting("components", 2).with_setting("starts", starts)


def fits_of(data: Dataset, spec: ModelSpec) -> tuple[GroupFit, ...]:
    made: list[GroupFit] = []
    for part in parts_of(data, "shop"):
        reference = made[0].result if made else None
        made.append(GroupFit(part, walked(part, spec, reference)))
    return tuple(made)


def walked(part: Part, spec: ModelSpec, reference: FitResult | None = None) -> FitResult:
    session = PartSession(part.dataset, without_group(spec), BOOK, reference=reference)
    for _ in session.run():
        pass
    assert session.result is not None
    return session.result


def groups_of(data: Dataset, spec: ModelSpec) -> GroupFits:
    fits = fits_of(data, spec)
    return GroupFits(0, "shop", data, spec, tuple(f.part for f in fits), fits, 0)


def moved_means(result: FitResult) -> np.ndarray:
    return np.asarray(result.family.in_units(result.data, result.params).law.means)
