"""What a run does: the same words for a fit and for a grid of them."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """What the run is doing."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way, paused ones included."""
        return self in (Phase.RUNNING, Phase.PAUSED, Phase.STOPPING)

    @property
    def can_stop(self) -> bool:
        """Whether a run is under way that nobody has stopped yet."""
        return self in (Phase.RUNNING, Phase.PAUSED)
