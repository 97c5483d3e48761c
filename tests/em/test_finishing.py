"""Newton and quasi-Newton take EM's end to where no parameter moves, and the objective is flat."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emdesk.app.session import FitResult
from emdesk.em.control import RunControl
from emdesk.em.engine import EmMap
from emdesk.em.finishing import finish
from emdesk.em.reduce import Sweeper
from emdesk.em.stopping import Stop
from emdesk.model.law import Ascent
from emdesk.model.params import from_vector, to_vector
from tests.catalogues import case
from tests.em.fakes import Hill, at, search
from tests.em.test_acceleration import HIGHEST, death_notices

METHODS = ("newton", "quasi-newton")
METHOD_WORDS = {"newton": "Newton", "quasi-newton": "quasi-Newton"}


def slopes(result: FitResult) -> NDArray[np.float64]:
    """The gradient of the objective in the unconstrained vector, by central differences."""
    x = to_vector(result.params)
    found = np.empty(len(x))
    with Sweeper(1) as sweeper:
        em = EmMap(result.family, result.data, RunControl(), sweeper)
        for i in range(len(x)):
            step = np.zeros(len(x))
            step[i] = 1e-4
            up, down = (em.at(from_vector(x + s, result.params)).objective for s in (step, -step))
            found[i] = (up - down) / 2e-4
    return found


@pytest.mark.parametrize("method", METHODS)
def test_the_end_is_the_maximum_where_the_objective_is_flat(method: str) -> None:
    plain, finished = death_notices("none").fit(), death_notices("none", finish_with=method).fit()
    assert np.abs(slopes(plain)).max() > 1e-4
    assert finished.objective == pytest.approx(HIGHEST, abs=1e-9)
    assert np.abs(slopes(finished)).max() < 1e-5
    assert finished.converged and f"by {METHOD_WORDS[method]}: " in finished.stop_sentence
    assert plain.trace.is_plain and not finished.trace.is_plain, "Aitken's estimate is void there"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "name",
    ["mixture-gaussian-2d", "mixture-gaussian-2d-EEE", "mixture-student-t-2d", "mixture-gamma-1d"],
)
def test_models_of_many_kinds_end_where_patient_em_ends(name: str, method: str) -> None:
    chosen = case(name).from_labels()
    patient = chosen.set(tolerance=1e-14, max_iterations=5000).fit()
    finished = chosen.set(tolerance=1e-6, max_iterations=5000, finish_with=method).fit()
    assert finished.objective == pytest.approx(patient.objective, abs=1e-8)
    covariances = getattr(finished.params.law, "covariances", None)
    if name.endswith("EEE"):
        assert covariances is not None and np.array_equal(covariances[0], covariances[1])


@pytest.mark.parametrize("method", METHODS)
def test_the_finish_is_one_last_iteration_with_its_sweeps_counted(method: str) -> None:
    plain = death_notices("none", max_iterations=30).fit()
    finished = death_notices("none", max_iterations=30, finish_with=method).fit()
    assert finished.trace.last == 31 and finished.chosen == 31
    assert finished.trace.objectives[:31] == plain.trace.objectives
    assert finished.outcome.evaluations > plain.outcome.evaluations + 5
    assert finished.stop is Stop.CONVERGED, (
        "at rest, although EM had come to its limit of iterations"
    )
    early = finished.params_at(12)
    assert np.array_equal(to_vector(early), to_vector(plain.params_at(12)))


@pytest.mark.parametrize("method", METHODS)
def test_a_long_step_that_falls_is_shortened(method: str) -> None:
    """The height bends away from what EM sees of it: the whole step leads over the top."""
    hill = Hill(height=lambda x: -(abs(x) ** 1.1), move=lambda x: x - 0.2 * np.tanh(x))
    with Sweeper(1) as sweeper:
        em = EmMap(hill, None, RunControl(), sweeper)  # type: ignore[arg-type]
        found = finish(em, at(5.0), method)
    assert found.point.objective >= -(5.0**1.1)
    assert em.evaluations == len(hill.swept)
    assert found.is_at_rest and abs(found.point.params.value) < 1e-6


def test_an_end_that_is_not_at_rest_is_not_called_converged() -> None:
    hill = Hill(height=lambda x: x, move=lambda x: x + 0.5)
    outcome = search(hill, tolerance=0.0, max_iterations=5, finish_with="newton")
    assert outcome.best.stop is Stop.LIMIT
    assert "not converged" in outcome.best.sentence and "still moves" in outcome.best.sentence


def test_a_finish_in_a_degenerate_group_is_not_followed() -> None:
    hill = Hill(height=lambda x: -(x**2), move=lambda x: 0.9 * x, is_weak=lambda x: abs(x) < 1e-3)
    outcome = search(hill, tolerance=0.0, max_iterations=5, finish_with="quasi-newton")
    assert outcome.best.is_sound
    assert not outcome.best.trace.last_params.value < 1e-3


def test_what_need_not_climb_is_not_finished_and_that_is_said() -> None:
    hill = Hill(move=lambda x: 0.5 * x, promise=Ascent.NONE)
    outcome = search(hill, max_iterations=6, tolerance=0.0, finish_with="newton")
    assert outcome.best.trace.last == 6
    assert "plain EM alone" in outcome.best.sentence


def test_a_finish_that_is_stopped_leaves_the_end_of_em() -> None:
    control = RunControl()
    hill = Hill(height=lambda x: -((x - 1) ** 2), move=lambda x: 1 + 0.9 * (x - 1))
    hill.on_expect = lambda: control.stop() if len(hill.swept) == 9 else None
    outcome: Any = search(hill, control, tolerance=0.0, max_iterations=6, finish_with="newton")
    assert outcome.best.trace.last == 6
    assert outcome.best.stop is Stop.LIMIT
