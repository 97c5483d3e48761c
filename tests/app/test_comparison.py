"""Many models of the same rows side by side."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from emdesk.app.catalogue import catalogue
from emdesk.app.comparison.cells import Badge, Cell
from emdesk.app.comparison.comparison_object import comparison_object, comparison_rows
from emdesk.app.comparison.grid import Grid, compare
from emdesk.app.comparison.nesting import is_special_case, simpler_structures
from emdesk.app.comparison.outcome import Comparison, doubt, verdict
from emdesk.app.comparison.places import ALL, LAW, GridSpec, Place, grid_spec
from emdesk.app.comparison.testing import count_tests
from emdesk.app.model_spec import ModelSpec, new_spec
from emdesk.app.session import fit
from emdesk.em.bootstrap_test import Draws
from emdesk.em.cross_validation import Folds
from emdesk.errors import SettingProblem, UsageProblem
from emdesk.io import readers
from emdesk.io.dialect import ImportOptions
from emdesk.model.dataset import Column, Dataset, Kind, from_arrays
from emdesk.resources import resource
from tests.catalogues import everything

STRUCTURES = ("EII", "VII", "EEI", "EEE", "VVV")


def sample(name: str) -> Dataset:
    return readers.read(resource(f"samples/{name}.csv"), ImportOptions()).dataset


def model(dataset: Dataset, **values: object) -> ModelSpec:
    spec = replace(new_spec(catalogue()), columns=dataset.numeric_names())
    for name, value in ({"starts": 3} | values).items():
        spec = spec.with_setting(name, value)
    return spec


def grid_of(
    dataset: Dataset, counts: range, wanted: tuple[str, ...] = (), **values: object
) -> GridSpec:
    varied = "covariance" if wanted else ""
    return grid_spec(model(dataset, **values), dataset, catalogue(), counts, varied, wanted)


@pytest.fixture(scope="module")
def faithful() -> Comparison:
    dataset = sample("faithful")
    return compare(dataset, grid_of(dataset, range(1, 5), STRUCTURES), catalogue(), threads=1)


def test_every_place_holds_a_full_fit(faithful: Comparison) -> None:
    assert set(faithful.cells) == set(faithful.grid.places)
    assert len(faithful.cells) == 20
    for place, cell in faithful.cells.items():
        assert cell.is_sound and cell.spec.values()["components"] == place.components
        assert cell.spec.values()["covariance"] == place.variant
        assert cell.criteria is not None and cell.criteria.bic == cell.value("bic")


def test_the_published_winner_of_old_faithful_wins(faithful: Comparison) -> None:
    best = faithful.best("bic")
    assert best is not None and best.place == Place(3, "EEE")
    assert best.log_likelihood == pytest.approx(-1126.3159, abs=1e-3)
    assert verdict(faithful, "bic").startswith("Best by BIC: EEE, 3 components")


def test_no_model_ends_below_a_special_case_of_it(faithful: Comparison) -> None:
    checked = 0
    for first, second in permutations(faithful.cells.values(), 2):
        same_count = first.place.components == second.place.components
        same_variant = first.place.variant == second.place.variant
        structure = same_count and is_special_case(first.place.variant, second.place.variant)
        count = same_variant and first.place.components < second.place.components
        if structure or count:
            checked += 1
            assert second.objective >= first.objective - 1e-5 * abs(first.objective)
    assert checked > 40


def test_a_cell_that_fell_short_starts_again_from_a_simpler_solution() -> None:
    dataset = sample("iris")
    poor = grid_of(dataset, range(1, 4), ("EEE", "VVV"), start="random-partition", starts=1)
    made = compare(dataset, poor, catalogue(), threads=1)
    improved = [cell for cell in made.cells.values() if cell.started_from is not None]
    assert improved
    for cell in improved:
        alone = fit(dataset, poor.at(cell.place, catalogue()), catalogue(), threads=1)
        assert cell.objective > alone.objective or not alone.is_sound
        # the model of such a cell says where it started from
        assert cell.result is not None and cell.result.spec.fit.start == "result"
        again = fit(dataset, cell.result.spec, catalogue(), threads=1)
        assert again.objective == pytest.approx(cell.objective, rel=1e-7)


def test_structures_are_nested_letter_by_letter() -> None:
    assert is_special_case("EII", "VVV") and is_special_case("EVI", "EVE")
    assert is_special_case("E", "V")
    assert not is_special_case("VII", "EEE")
    assert not is_special_case("VVV", "VVV") and not is_special_case("V", "VVV")


def test_ties_of_probabilities_are_compared_and_none_ends_above_a_richer_one() -> None:
    chances = np.random.default_rng(4).dirichlet([1.0, 1.0, 1.0], (2, 3))
    rng = np.random.default_rng(5)
    cells = [
        np.concatenate([rng.choice(3, 60, p=chances[k, j]) for k in range(2)]).astype(np.float64)
        for j in range(3)
    ]
    dataset = Dataset(
        tuple(Column(n, Kind.COUNT, c) for n, c in zip("abc", cells, strict=True)), "answers"
    )
    base = replace(new_spec(catalogue(), "mixture", "categorical"), columns=("a", "b", "c"))
    base = base.with_setting("starts", 2)
    grid = grid_spec(base, dataset, catalogue(), (1, 2), "dispersion", ("all",))
    assert grid.variants == ("E", "Ek", "Ej", "Ekj", "Ekjh")
    made = compare(dataset, grid, catalogue(), threads=1)
    places = list(made.cells)
    for place, cell in made.cells.items():
        assert cell.is_sound
        for simple in simpler_structures(place, "dispersion", places):
            assert cell.objective >= made.cells[simple].objective - 1e-6


def test_all_takes_the_structures_that_are_for_these_columns() -> None:
    plane, line = sample("faithful"), sample("galaxies")
    assert len(grid_of(plane, range(1, 3), (ALL,)).variants) == 14
    assert grid_of(line, range(1, 3), (ALL,)).variants == ("E", "V")


def test_all_laws_are_those_whose_needs_the_columns_meet() -> None:
    whole = from_arrays("counts", [("a", np.arange(40.0) % 7)])
    broken = from_arrays("numbers", [("a", np.linspace(-1, 1, 40) ** 3)])
    laws = [
        grid_spec(model(d), d, catalogue(), [1, 2], LAW, (ALL,)).variants for d in (whole, broken)
    ]
    assert "poisson" in laws[0] and "poisson" not in laws[1]
    assert "gaussian" in laws[0] and "gaussian" in laws[1]


def test_a_model_that_does_not_fit_the_rows_is_a_cell_that_says_why() -> None:
    dataset = from_arrays("few", [("a", np.array([1.0, 2.0, 4.0, 7.0]))])
    made = compare(dataset, grid_of(dataset, range(1, 7)), catalogue(), threads=1)
    cell = made.cells[Place(6)]
    assert cell.badges == (Badge.REFUSED,) and "4" in cell.reason
    assert math.isnan(cell.value("bic"))
    written = comparison_object(made)["cells"][-1]
    assert written["sound"] is False and written["reason"] == cell.reason
    assert written["bic"] is None and written["components"] == 6


def test_a_wished_value_that_is_refused_leaves_the_others() -> None:
    dataset = sample("faithful")
    made = compare(dataset, grid_of(dataset, range(1, 2), ("E", "EEE")), catalogue(), threads=1)
    assert "one column" in made.cells[Place(1, "E")].reason
    assert made.cells[Place(1, "EEE")].is_sound


def test_only_what_has_a_closed_list_can_vary() -> None:
    dataset = sample("faithful")
    with pytest.raises(UsageProblem, match="no closed list"):
        grid_spec(model(dataset), dataset, catalogue(), [1], "floor", (ALL,))
    with pytest.raises(SettingProblem):
        grid_spec(model(dataset), dataset, catalogue(), [0])


def test_cells_fill_from_the_cheap_corner_and_a_preferred_one_comes_next() -> None:
    dataset = sample("faithful")
    grid = Grid(dataset, grid_of(dataset, range(1, 4), ("EII", "VVV")), catalogue(), threads=1)
    order: list[Place] = []
    for step in grid.run():
        if step.cell is not None and step.place not in order:
            order.append(step.place)
            if len(order) == 1:
                grid.prefer(Place(3, "VVV"))
    assert order[:3] == [Place(1, "EII"), Place(3, "VVV"), Place(1, "VVV")]


def test_a_stop_keeps_the_cells_that_are_done() -> None:
    dataset = sample("faithful")
    grid = Grid(dataset, grid_of(dataset, range(1, 4), ("EII", "VVV")), catalogue(), threads=1)
    for step in grid.run():
        if len(grid.cells) == 2 and step.progress is not None:
            grid.control.stop()
    made = grid.comparison()
    assert len(made.cells) == 2
    assert all(cell.is_sound and cell.stop == "converged" for cell in made.cells.values())


def test_the_runner_up_within_two_is_said() -> None:
    dataset = sample("iris")
    made = compare(
        dataset, grid_of(dataset, range(2, 4), ("VEV",), starts=5), catalogue(), threads=1
    )
    said = doubt(made, "bic")
    assert said == "VEV, 3 is only 0.82 behind: the data hardly choose between 2 and 3"
    assert doubt(made, "log_likelihood") == ""


def test_the_larger_log_likelihood_and_the_smaller_criterion_are_better(
    faithful: Comparison,
) -> None:
    def values(criterion: str) -> list[float]:
        return [cell.value(criterion) for cell in faithful.ranked(criterion)]

    assert values("bic") == sorted(values("bic"))
    assert values("log_likelihood") == sorted(values("log_likelihood"), reverse=True)


def test_the_object_says_of_each_criterion_which_way_it_goes(faithful: Comparison) -> None:
    made = comparison_object(faithful)
    assert made["best"]["bic"]["components"] == 3 and made["best"]["bic"]["covariance"] == "EEE"
    assert made["best"]["bic"]["better"] == "smaller"
    assert made["best"]["log_likelihood"]["better"] == "larger"
    assert made["best"]["bic"]["ahead_by"] > 0
    for cell in made["cells"]:
        assert "params" not in cell and {"sound", "replicated", "reason"} <= cell.keys()


def test_the_table_has_a_row_for_every_cell(faithful: Comparison) -> None:
    header, rows = comparison_rows(faithful)
    made = [dict(zip(header, row, strict=True)) for row in rows]
    assert [row["components"] for row in made[:4]] == [1, 2, 3, 4]
    assert {row["covariance"] for row in made} == set(STRUCTURES)
    assert all(row["sound"] is True for row in made)


def test_cells_can_be_compared_by_rows_they_have_not_seen() -> None:
    dataset = sample("faithful")
    spec = grid_of(dataset, range(1, 3), ("EEE", "VVV"), starts=2)
    made = compare(dataset, spec, catalogue(), threads=1, folds=Folds(4))
    best = made.best("cv")
    assert best is not None and best.place.components == 2
    assert all(cell.value("cv") < cell.log_likelihood for cell in made.cells.values())


def test_counts_are_tested_upwards_until_one_is_not_refused() -> None:
    rng = np.random.default_rng(8)
    x = np.concatenate([rng.normal(0, 1, 60), rng.normal(5, 1, 40)])
    dataset = from_arrays("two", [("a", x)])
    made = compare(dataset, grid_of(dataset, range(1, 5), starts=2), catalogue(), threads=1)
    walk = count_tests(made, dataset, "", Draws(19), threads=1)
    tested = made
    while True:
        try:
            next(walk)
        except StopIteration as end:
            tested = end.value
            break
    assert [t.outcome.prefers_larger for t in tested.tests] == [True, False]
    assert [t.smaller.components for t in tested.tests] == [1, 2]


def test_states_of_a_chain_are_compared_like_components() -> None:
    dataset = from_arrays(
        "chain", [("a", np.concatenate([np.zeros(30), np.ones(30) * 9]) + np.sin(np.arange(60)))]
    )
    spec = replace(
        new_spec(everything(), "hidden-markov", "gaussian"), columns=("a",)
    ).with_setting("starts", 2)
    made = compare(dataset, grid_spec(spec, dataset, everything(), [1, 2]), everything(), 1)
    best = made.best("bic")
    assert best is not None and best.place.components == 2


def test_what_is_not_sound_is_never_best() -> None:
    x = np.concatenate([np.random.default_rng(0).normal(0, 1, 40), [9.0] * 6])
    dataset = from_arrays("spike", [("a", x)])
    made = compare(dataset, grid_of(dataset, range(1, 4)), catalogue(), threads=1)
    collapsed = [cell for cell in made.cells.values() if not cell.is_sound]
    best = made.best("bic")
    assert best is not None and best.is_sound
    assert all(_is_reasoned(cell) for cell in collapsed)


def _is_reasoned(cell: Cell) -> bool:
    return cell.badges == (Badge.COLLAPSED,) and bool(cell.reason)
