"""Texts about what is done after a fit: merging components, judging a law, simulating, fits by group, names."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    # merging components
    "merging.nothing": "there are no two components to merge",
    "merging.more_components": "Fit a mixture with more components",
    "merging.no_such_number": "there are no {clusters} clusters",
    "merging.give_number": "Give a number from 1 to {most}",
    "merging.whole_number": "Give a whole number from 1 up",
    "merging.title": "Components merged into clusters, by the entropy of the probabilities:",
    "merging.line": "Clusters {clusters}: entropy {entropy}",
    "merging.line_merged": "Clusters {clusters}: entropy {entropy}, after {first} and {second} were merged",
    "merging.suggested": "The elbow of the entropy suggests {clusters}",
    "merging.chosen": "Clusters of components: {groups}",
    "cli.option.merge": "merge components into clusters, as many as the entropy suggests; merged.csv holds them",
    "cli.option.clusters": "merge components into so many clusters",
}
