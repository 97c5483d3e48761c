"""The components of a result merged into clusters: asked for, told and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from emdesk.app.agreement import weights_in_file
from emdesk.app.session import FitResult
from emdesk.em.merging import MergeStep, Merging, merged_output, merging_of
from emdesk.errors import UsageProblem
from emdesk.io.writers.labels_csv import write_labels
from emdesk.model.family import RowOutput
from emdesk.texts import say
from emdesk.texts.numbers import fixed


def merging(result: FitResult) -> Merging:
    """How the components of a result merge; a UsageProblem where rows carry no label or there is one component."""
    output = result.row_output()
    if output is None or output.groups < 2:
        raise UsageProblem(say("merging.nothing"), remedy=say("merging.more_components"))
    return merging_of(output, weights_in_file(result.family, result.data))


def with_clusters(result: FitResult, clusters: int | None) -> FitResult:
    """The result with labels for so many clusters, None for as many as are suggested; a UsageProblem for a number that
    there is not."""
    found = merging(result)
    chosen = clusters if clusters is not None else (found.suggested or found.components)
    if not 1 <= chosen <= found.components:
        raise UsageProblem(
            say("merging.no_such_number", clusters=chosen),
            remedy=say("merging.give_number", most=found.components),
        )
    return replace(result, merged=found.step(chosen))


def merging_object(result: FitResult) -> dict[str, Any]:
    """The steps by fixed names: components counted from 1, each cluster by its first component; `clusters` and `groups`
    are those that were chosen."""
    found = merging(result)
    assert result.merged is not None
    return {
        "steps": [_step_object(step) for step in found.steps],
        "suggested": found.suggested,
        "clusters": result.merged.clusters,
        "groups": _numbers(result.merged),
    }


def _step_object(step: MergeStep) -> dict[str, Any]:
    merged = None if step.merged is None else [k + 1 for k in step.merged]
    return {
        "clusters": step.clusters,
        "entropy": step.entropy,
        "merged": merged,
        "groups": _numbers(step),
    }


def _numbers(step: MergeStep) -> list[list[int]]:
    return [[k + 1 for k in own] for own in step.groups]


def merged_rows(result: FitResult) -> RowOutput:
    """Labels and probabilities of the chosen clusters, in file order."""
    output = result.row_output()
    assert output is not None and result.merged is not None
    return merged_output(output, result.merged.groups)


def write_merged(stream: BinaryIO, result: FitResult) -> None:
    """The rows of the file with the cluster of each, as `labels.csv` has the components."""
    write_labels(stream, result.dataset, result.data.used, merged_rows(result))


def merging_lines(result: FitResult) -> list[str]:
    """The steps as a few lines to print."""
    found = merging(result)
    assert result.merged is not None
    lines = [say("merging.title")]
    for step in found.steps:
        key = "merging.line" if step.merged is None else "merging.line_merged"
        first, second = step.merged or (0, 0)
        told = {"clusters": step.clusters, "entropy": fixed(step.entropy, 2)}
        lines.append(say(key, **told, first=first + 1, second=second + 1))
    if found.suggested is not None:
        lines.append(say("merging.suggested", clusters=found.suggested))
    lines.append(say("merging.chosen", groups=groups_in_words(result.merged)))
    return lines


def groups_in_words(step: MergeStep, names: Sequence[str] = ()) -> str:
    """`1 + 3, 2`: which components make each cluster, by their names where they have some."""
    return ", ".join(
        " + ".join(names[k] if names else str(k + 1) for k in own) for own in step.groups
    )
