"""How a fit is started and stopped: declared once, like every setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from emdesk.model.fields import Choice, Field

RANDOM_METHODS = frozenset({"kmeans++", "random-rows", "random-partition"})
"""The start methods with chance in them, of which several are worth trying."""


def _by_method(values: Mapping[str, Any]) -> bool:
    return values.get("start") in RANDOM_METHODS | {"mixed"}


def _climbs(values: Mapping[str, Any]) -> bool:
    return values.get("assignment") != "stochastic"


@dataclass(frozen=True)
class FitSettings:
    """Start and stop of a fit."""

    start: Annotated[
        str,
        Field(
            "Method",
            "Where EM begins. It finds the nearest optimum, so the start decides which one.",
            section="Start",
            choices=(
                Choice(
                    "kmeans++", "k-means++", "Centres spread far apart, with a random first one."
                ),
                Choice("random-rows", "Random rows", "Random rows are the first centres."),
                Choice("random-partition", "Random partition", "Every row gets a random group."),
                Choice("mixed", "Mixed", "The three methods in turn: the most varied starts."),
                Choice(
                    "uniform", "Uniform", "The same value everywhere, for models without groups."
                ),
                Choice("labels", "Label column", "An M-step from the groups of a column."),
                Choice(
                    "means", "Typed means", "Means typed in the table or clicked in the scatter."
                ),
                Choice("result", "Earlier result", "The parameters of an earlier fit."),
            ),
        ),
    ] = "kmeans++"
    starts: Annotated[
        int,
        Field(
            "Starts",
            "How many different starts are tried. Short runs come first; the best sound ones go on.",
            low=1,
            high=10_000,
            section="Start",
            applies=_by_method,
        ),
    ] = 10
    seed: Annotated[
        int,
        Field(
            "Seed",
            "The number that all random choices come from: same seed, same fit.",
            low=0,
            high=2**31 - 1,
            section="Start",
        ),
    ] = 0
    finish: Annotated[
        int,
        Field(
            "Run to the end",
            "How many of the starts, the best after their short runs, are run until they stop.",
            low=1,
            high=10_000,
            section="Start",
            more=True,
            applies=_by_method,
        ),
    ] = 5
    stop_rule: Annotated[
        str,
        Field(
            "Stop when",
            "What counts as converged.",
            section="Stop",
            more=True,
            choices=(
                Choice(
                    "relative",
                    "Relative gain is small",
                    "The gain relative to the objective is below the tolerance, and so is ten times less "
                    "than what Aitken's estimate says is left.",
                ),
                Choice(
                    "parameters",
                    "Parameters settle",
                    "No parameter moves by more, in its own scale.",
                ),
                Choice(
                    "absolute", "Absolute gain is small", "The gain itself is below the tolerance."
                ),
            ),
        ),
    ] = "relative"
    tolerance: Annotated[
        float,
        Field(
            "Tolerance",
            "How small the change must be. 0 runs exactly as many iterations as allowed.",
            low=0.0,
            high=1.0,
            section="Stop",
            logarithmic=True,
        ),
    ] = 1e-8
    max_iterations: Annotated[
        int,
        Field(
            "Iterations",
            "The most iterations of one start. Reaching this limit is not convergence, and is said.",
            low=0,
            high=10_000_000,
            section="Stop",
        ),
    ] = 1000
    accelerate: Annotated[
        str,
        Field(
            "Acceleration",
            "Longer steps where EM creeps. Each iteration costs two or three sweeps and still never lowers the "
            "objective. Worth it where plain EM takes more than some fifty iterations; the end is an end of EM.",
            section="Stop",
            more=True,
            choices=(
                Choice("none", "None", "Plain EM: one sweep over the data in each iteration."),
                Choice(
                    "squarem",
                    "SQUAREM",
                    "Two EM steps, then a leap to where they lead: sturdy, three sweeps an iteration.",
                ),
                Choice(
                    "anderson",
                    "Anderson",
                    "Leaps from the last several steps (DAAREM): quickest near the end and with few parameters, "
                    "two sweeps an iteration.",
                ),
            ),
            applies=_climbs,
        ),
    ] = "none"
    finish_with: Annotated[
        str,
        Field(
            "Finish",
            "How the best start is taken from where EM stops to where no parameter moves any more: one last "
            "iteration, which never lowers the objective.",
            section="Stop",
            more=True,
            choices=(
                Choice("none", "By EM alone", "EM ends where the stop rule says."),
                Choice(
                    "newton",
                    "Newton",
                    "A few long steps, each with one sweep for every parameter: the most exact end.",
                ),
                Choice(
                    "quasi-newton",
                    "Quasi-Newton",
                    "More and shorter steps of two sweeps each, for models with many parameters.",
                ),
            ),
            applies=_climbs,
        ),
    ] = "none"
