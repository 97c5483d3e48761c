"""Texts on and about plots."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "plots.share": "Share",
    "plots.objective": "Log-likelihood",
    "plots.iteration": "Iteration",
    "plots.gain": "Gain",
    "plots.limit": "limit {value}",
    "plots.estimated_limit": "estimated limit {value}",
    "plots.convergence": "Convergence",
    "plots.convergence.nothing": "No iteration yet",
    "plots.convergence.open": "{name} {last} after iteration {iteration}",
    "plots.convergence.known": "{name} {last} after iteration {iteration}, limit {limit}",
    "plots.convergence.tip": "Iteration {iteration}\n{name} {value}\nGain {gain}",
    "plots.convergence.tip_start": "Iteration {iteration}\n{name} {value}",
    "plots.timeline": "Timeline",
    "plots.timeline.nothing": "No iteration yet",
    "plots.timeline.at": "Iteration {iteration} of {last}",
    "plots.timeline.type": "Iteration to go to, 0 to {last}",
    "plots.timeline.stopped": "Stopped or pinned at iteration {iteration}",
    "plots.timeline.moved": "Moved by hand at iteration {iteration}",
    "plots.timeline.sentinel": "Warning at iteration {iteration}",
}
