"""The published results: trying them, one after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from emdesk.app.proofs.running import Proved
from emdesk.app.state import AppState


def proof_started(state: AppState, ids: tuple[str, ...]) -> AppState:
    """These results are tried again; what was known of them is gone."""
    results = {name: made for name, made in state.proofs.results.items() if name not in ids}
    board = replace(state.proofs, results=results, waiting=ids, asked=len(ids))
    return replace(state, proofs=board)


def proof_made(state: AppState, proved: Proved) -> AppState:
    """One result was tried."""
    name = proved.entry.id
    board = replace(
        state.proofs,
        results={**state.proofs.results, name: proved},
        waiting=tuple(waiting for waiting in state.proofs.waiting if waiting != name),
    )
    return replace(state, proofs=board)


def proof_ended(state: AppState) -> AppState:
    """The run is over, at its end or stopped."""
    return replace(state, proofs=replace(state.proofs, waiting=()))


def choose_proof(state: AppState, name: str) -> AppState:
    """Look at one result."""
    if name == state.proofs.chosen:
        return state
    return replace(state, proofs=replace(state.proofs, chosen=name))


def set_proof_folder(state: AppState, folder: Path | None) -> AppState:
    """Where data are that are not bundled."""
    return replace(state, proofs=replace(state.proofs, folder=folder))
