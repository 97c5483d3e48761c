"""Remedies, going on, and what the audit says in words."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from emdesk.app import commands
from emdesk.app.catalogue import catalogue
from emdesk.app.remedies import remedies
from emdesk.app.session import FitResult, fit
from emdesk.app.shown import Audited
from emdesk.app.state import AppState, Phase
from emdesk.app.trust import (
    audit_lines,
    certificate_sentence,
    course_entries,
    health_sentence,
    measured,
    method_sentence,
    uncertainty_object,
)
from emdesk.em.audit import Audit, Certificate, GroupAudit, Health
from emdesk.em.stopping import Stop
from emdesk.errors import UsageProblem
from emdesk.model.dataset import Column, Dataset, Kind


def dataset(rows: int = 90) -> Dataset:
    rng = np.random.default_rng(3)
    far = np.arange(rows) % 3 == 0
    columns = [Column(n, Kind.CONTINUOUS, rng.normal(size=rows) + 2.5 * far) for n in "ab"]
    return Dataset(tuple(columns), "rows")


def done(**settings: object) -> AppState:
    """The state after a fit with these settings."""
    state = commands.open_dataset(AppState(catalogue()), dataset(), None)
    for name, value in ({"starts": 1} | settings).items():
        state = commands.set_setting(state, name, value)
    assert state.dataset is not None and state.spec is not None
    result = fit(state.dataset, state.spec, catalogue(), threads=1)
    return commands.run_finished(commands.run_started(state), result, None)


def result_of(state: AppState) -> FitResult:
    assert state.result is not None
    return state.result


def audit_with(health: Health = Health.SOUND, **more: object) -> Audit:
    group = GroupAudit(1, 12.0, 6, 2.5e-5, 3.0, None, health)
    proof = Certificate(True, 12, 0.0, 0, 0)
    made = Audit(-10.0, 1e-8, -9.33, 0.67, 0.25, 14.0, 13.0, proof, (group,))
    return replace(made, **more)  # type: ignore[arg-type]


def test_every_remedy_changes_the_form_and_can_be_undone() -> None:
    state = done(components=3)
    found = {remedy.id: remedy for remedy in remedies(state)}
    assert set(found) >= {"floor", "tied", "heavy", "fewer"}
    for remedy in found.values():
        after = remedy.change(state)
        assert after.spec != state.spec
        assert commands.undo(after).spec == state.spec
    fewer = found["fewer"].change(state)
    assert fewer.spec is not None and fewer.spec.values()["components"] == 2
    tied = found["tied"].change(state)
    assert tied.spec is not None and tied.spec.values()["covariance"] == "EEE"


def test_only_remedies_that_apply_are_offered() -> None:
    state = done(components=1, covariance="EEE", floor=0.1)
    offered = {remedy.id for remedy in remedies(state)}
    assert not offered & {"floor", "tied", "fewer"}
    counts = commands.set_law(state, "poisson")
    assert not {remedy.id for remedy in remedies(counts)} & {"prior", "heavy", "tied", "floor"}


def test_a_fit_stopped_before_its_end_goes_on_with_its_tolerance() -> None:
    state = done(components=2, max_iterations=4, tolerance=1e-9)
    assert result_of(state).stop is Stop.LIMIT and state.can_go_on
    spec = commands.going_on(state)
    assert spec is not None and spec.fit.tolerance == 1e-9 and spec.fit.start == "result"


def test_a_loosely_converged_fit_goes_on_to_a_tenth_of_its_tolerance() -> None:
    state = done(components=2, stop_rule="absolute", tolerance=0.9)
    result = result_of(state)
    assert result.stop is Stop.CONVERGED and np.diff(result.trace.objectives)[-1] > 0.01
    spec = commands.going_on(state)
    assert spec is not None and spec.fit.tolerance == pytest.approx(0.09)


def test_a_fit_at_its_limit_does_not_go_on() -> None:
    state = done(components=2, tolerance=1e-12)
    assert not state.can_go_on and commands.going_on(state) is None


def test_standard_errors_join_the_result_and_leave_it_saved() -> None:
    state = done(components=2)
    before = result_of(state)
    after = measured(before, "observed")
    assert before.uncertainty is None and after.uncertainty is not None
    assert after.keep(0).uncertainty is None
    state = commands.measured(commands.measuring(state, 0.5), before, after)
    assert state.result is after and state.measuring is None
    assert commands.measured(state, before, before).result is after


def test_an_unsound_fit_has_no_standard_errors() -> None:
    rows = np.r_[np.zeros(20), np.linspace(3, 5, 20)]
    made = Dataset((Column("a", Kind.CONTINUOUS, rows),), "rows")
    state = commands.open_dataset(AppState(catalogue()), made, None)
    assert state.spec is not None
    result = fit(made, state.spec.with_setting("starts", 1), catalogue(), threads=1)
    assert not result.is_sound
    with pytest.raises(UsageProblem, match="degenerate"):
        measured(result, "observed")


def test_the_audit_of_another_run_is_not_shown() -> None:
    state = replace(AppState(catalogue()), run=3, phase=Phase.DONE)
    found = Audited(2, 0, 5, True, audit_with())
    assert commands.audited(state, found) is state
    assert commands.audited(state, replace(found, run=3)).audited is not None


def test_entries_name_value_and_definition() -> None:
    entries = {name: value for name, value, _ in course_entries(audit_with())}
    assert entries["Below the limit"] == "0.67"
    assert entries["Missing information"] == "0.500"
    assert entries["Iterations left"] == "14"
    void = course_entries(
        audit_with(limit=None, remaining=None, rate=None, iterations_left=math.inf)
    )
    assert [name for name, _, _ in void] == ["Sweeps"]


def test_what_is_missing_by_oakes_formula_stands_beside_the_rate() -> None:
    after = measured(result_of(done(components=2)), "observed")
    found = after.uncertainty
    assert found is not None and found.derivatives == "oakes"
    entries = {name: value for name, value, _ in course_entries(after.audit(), found)}
    assert entries["Missing by Oakes"] == f"{found.missing_information:.3f}"
    assert "Missing by Oakes" in audit_lines(after.audit(), found)[0]
    assert "Missing by Oakes" not in audit_lines(after.audit())[0]
    assert method_sentence(found).endswith("(Oakes' formula)")
    told = uncertainty_object(found)["uncertainty"]
    assert told["derivatives"] == "oakes" and 0 < told["missing_information"] < 1
    unknown = replace(found, derivatives="differences", missing_information=math.nan)
    assert "differences" in method_sentence(unknown)
    assert uncertainty_object(unknown)["uncertainty"]["missing_information"] is None


def test_the_certificate_claims_no_more_than_was_seen() -> None:
    fell = Certificate(False, 12, 0.5, 7, None)
    assert "fell by 0.50 at iteration 7" in certificate_sentence(audit_with(certificate=fell))
    silent = Certificate(None, 12, 0.5, 7, None)
    assert "does not promise" in certificate_sentence(audit_with(certificate=silent))
    halved = Certificate(True, 12, 1e-13, 7, 2)
    told = certificate_sentence(audit_with(certificate=halved))
    assert "never fell in 12" in told and "rounding" in told and "2 steps" in told


def test_a_group_that_is_not_sound_says_why() -> None:
    assert health_sentence(audit_with().groups[0]) == ""
    narrow = health_sentence(audit_with(Health.NEAR_FLOOR).groups[0])
    assert narrow.startswith("Component 2") and "0.50 %" in narrow
    assert "6 distinct rows" in health_sentence(audit_with(Health.THIN).groups[0])
    assert audit_lines(audit_with(Health.COLLAPSED))[-1] == "Component 2 has collapsed"
    assert audit_with(Health.THIN).worst is Health.THIN
