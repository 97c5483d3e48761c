"""Texts about the starts of a fit: what became of them, and whether the best can be trusted."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "starts.replicated": "Replicated: {count} of {starts} starts reach {objective}, the best sound optimum.",
    "starts.found_once": "Found once: start {start} of {starts} alone reaches {objective}, the best sound optimum.",
    "starts.same_start": (
        "Found once: {count} of {starts} starts reach {objective}, but all of them began at the same place."
    ),
    "starts.at_limit": (
        "Iteration limit: the best of {starts} starts stands at {objective} and is at no optimum yet."
    ),
    "starts.nothing_sound": "Nothing sound: every start that ended was set aside.",
    "starts.single": "One start reaches {objective}: there is nothing yet to compare it with.",
    "starts.none_ended": "No start has come to its end.",
    "starts.distinct.one": "{count} distinct optimum.",
    "starts.distinct.many": "{count} distinct optima, {once} found once.",
    "starts.last_better": "None better since start {start}.",
    "starts.unseen": "Next start: {chance} of a new one.",
    "starts.unseen_of_ended": "Another start run to its end: {chance} of a new one.",
    "starts.chance.about": "about {percent} % chance",
    "starts.chance.below": "below {percent} % chance",
    "starts.given_up.one": "{count} start was given up early, below the best.",
    "starts.given_up.many": "{count} starts were given up early, below the best.",
    "starts.set_aside.one": "{count} start set aside.",
    "starts.set_aside.many": "{count} starts set aside.",
    "starts.rivals.one": "{count} other optimum is as high: the data do not decide between them.",
    "starts.rivals.many": "{count} other optima are as high: the data do not decide between them.",
    "starts.sameness": (
        "Two starts end at the same optimum if their objectives differ by at most {objective} and, with their "
        "components matched, no parameter by more than {parameter} in its own scale."
    ),
    "starts.verdict.best": "Best sound, replicated",
    "starts.verdict.best_once": "Best sound, found once",
    "starts.verdict.replicated": "Replicated",
    "starts.verdict.once": "Found once",
    "starts.verdict.limit": "{verdict}, at the iteration limit",
    "starts.verdict.set_aside": "Set aside: {sentence}",
    "starts.diversity": "Diversity of the starts",
    "starts.diversity.alike": (
        "{distance} mean distance between {compared} starting partitions, where 1 means unrelated. All alike: "
        "more starts of this method say little more than one."
    ),
    "starts.diversity.some": (
        "{distance} mean distance between {compared} starting partitions, where 1 means unrelated. Rather alike."
    ),
    "starts.diversity.spread": (
        "{distance} mean distance between {compared} starting partitions, where 1 means unrelated. Well spread."
    ),
    "starts.diversity.none": "Shown once several starts of a model with labelled rows have run.",
    "starts.panel": "Starts",
    "starts.rule": "Same optimum",
    "starts.all_to_end": "Run all {starts} to the end",
    "starts.short_runs": (
        "Every start has a short run first. The {finish} best of them go on to their end, the others are given up."
    ),
    "starts.all_run_on": "Every start goes on to its end.",
    "starts.not_random": "This start has no chance in it: there is one.",
    "starts.more": "Add {count} starts",
    "starts.more_help": "Runs again with {starts} starts. The first ones are the same as now.",
    "starts.open_best": "Open best",
    "starts.open_best_help": "Shows the best sound optimum on the desk",
    "starts.card.one": "{count} start",
    "starts.card.many": "{count} starts",
    "starts.card.drawn": "{drawn} of them drawn, the highest first",
    "starts.table": "Distinct optima",
    "starts.table.later": "Each optimum stands here once the starts have ended, the highest sound one first.",
    "starts.table.hint": "Click one to open it on the desk",
    "starts.column.log_likelihood": "Log-likelihood",
    "starts.column.objective": "Objective",
    "starts.column.from_best": "From best",
    "starts.column.from_best_is": "How far below the best sound optimum",
    "starts.column.bic": "BIC",
    "starts.column.count": "Starts that end here",
    "starts.column.iterations": "Iterations",
    "starts.column.iterations_is": "Iterations of the highest start that ended here",
    "starts.column.smallest": "Smallest, rows",
    "starts.column.smallest_is": "Effective rows of the smallest component",
    "starts.column.verdict": "Verdict",
    "starts.aside_mark": "×",
    "starts.starts_of.one": "Start {numbers}",
    "starts.starts_of.many": "Starts {numbers}",
    "starts.more_starts.one": " and {count} more",
    "starts.more_starts.many": " and {count} more",
    "starts.empty": "No starts yet",
    "starts.empty_text": (
        "EM finds the nearest optimum, so several starts are tried. Here you see where each of them ends, how often "
        "the best was reached, and whether another start is likely to find a better one."
    ),
    "starts.empty_run": "Run",
    "starts.running": "The starts are running.",
    "starts.running_text": "What the starts agree on is said when all have ended.",
    "starts.judging": "Comparing where the starts ended.",
    "starts.plot": "Objective of every start",
    "starts.plot.says": (
        "{starts} starts; the best sound one ends at {objective}, {aside} set aside. "
        "The same is in the table of distinct optima below."
    ),
    "starts.plot.best": "best sound optimum {objective}",
    "starts.plot.aside": "set aside: climbs to {objective}",
    "starts.plot.tip": "Start {start}, {method}: {objective} at iteration {iteration}. {verdict}",
    "starts.plot.given_up": "Given up below the best",
    "starts.plot.not_ended": "Not ended",
    "starts.histogram": "Where the starts ended",
    "starts.histogram.axis": "Starts",
    "starts.histogram.tip.one": "{count} start ends between {low} and {high}",
    "starts.histogram.tip.many": "{count} starts end between {low} and {high}",
}
