"""Texts about what is known, held or estimated: known labels, held values, missing cells."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    # missing cells
    "doctor.missing_kept.one": "{count} row has no {name}. Its other cells count, and the missing one is estimated.",
    "doctor.missing_kept.many": (
        "{count} rows have no {name}. Their other cells count, and the missing ones are estimated."
    ),
    "rows.estimated": "Estimated",
    "rows.estimated_is": "Estimated {value} \u00b1 {spread} from the observed cells of the row",
    "rows.word_is": "Estimated {word}, with a chance of {doubt} % that it is another",
    "rows.estimated_names": "The columns whose cell is missing in the file and was estimated by the fit",
    "copy.estimated.one": "Copied {count} row; the last column names its estimated cells",
    "copy.estimated.many": "Copied {count} rows; the last column names their estimated cells",
    "picture.rows_without.one": "{count} row has no {names}",
    "picture.rows_without.many": "{count} rows have no {names}",
    "picture.or": " or ",
    "files.spread": "{name} (spread)",
    "files.imputed": "imputed",
    "files.draw": "draw",
    "files.row": "row",
    "export_dialog.holds.completed.csv": "the rows of the file with missing cells estimated and marked",
    "export_dialog.holds.draws.csv": "random completions of the rows with missing cells",
    "export_dialog.holds.confusion.csv": "components against the labels of the comparison column",
    "cli.fit.cells_missing.one": "{count} missing cell was kept and estimated",
    "cli.fit.cells_missing.many": "{count} missing cells were kept and estimated",
    # known labels
    "tab.comparison": "Comparison",
    "known.label": "label",
    "known.taken": "taken for",
    "known.taken_is": "The component with which most of its rows agree, each component for one label",
    "known.judging": "Each row is judged by a fit that has not seen it; this takes a fit for each fold.",
    "known.later": "The comparison with the known labels stands here once the model is fitted.",
    "known.given": "given {label}",
    "known.percent": "{number} %",
    "known.agreement.one": "Of {count} row with a known {column}, {share} agrees; adjusted Rand index {index}.",
    "known.agreement.many": (
        "Of {count} rows with a known {column}, {share} agree; adjusted Rand index {index}."
    ),
    "known.discriminant": "All labels are known: discriminant analysis.",
    "known.left_out": (
        "Error {crossed} when each row is judged by a fit without it; {resubstitution} on the fitted rows themselves."
    ),
    "known.folds": (
        "Error {crossed} by cross-validation in {folds} folds; {resubstitution} on the fitted rows themselves."
    ),
    "known.no_cross": (
        "Error {resubstitution} on the fitted rows themselves; it could not be cross-validated: {reason}."
    ),
    "export.matched": "component",
    # stochastic assignment
    "stop.no_promise": "Iteration {kept} is kept, the best of {last}: stochastic EM promises no climb",
    "verdict.no_promise": "Drawing: stochastic EM promises no climb",
    # held values
    "held.is": "{place} = {value}",
    "cli.fit.held": "Held: {values}",
    "cli.no_draws": "draws is \u201c{text}\u201d",
    "cli.give_draws": "Give a whole number from 1 to {most}",
    "cli.draws_nowhere": "draws are written to a file, and no folder is named",
    "cli.add_export": "Add --export DIR",
    "cli.fit.tied": "Tied: {names}",
    "tied.place": "{name}[{place}]",
    "tied.line": "{label} {place}",
    "tied.no_form": "\u201c{text}\u201d does not say what is to be tied",
    "tied.write": "Write means, means[COLUMN], means[1=2] or means[1=2,COLUMN]",
    "tied.places_there_are": "Components go from 1 to {groups}, as in 1=2; behind them there are {names}",
    "tied.groups_there_are": "Components go from 1 to {groups}, as in 1=2",
    "tied.all": "all",
    "tied.count.one": "{count} tied",
    "tied.count.many": "{count} tied",
    "tied.and": "{held}, {tied}",
    "tied.menu": "Same value as",
    "tied.in_all": "In all components",
    "tied.release_one": "Untie {name}",
    "tied.linked": "Equal in components {groups} in the next run",
    "tied.linked_all": "Equal in all components in the next run",
    "held.section": "Fixed and tied values",
    "stripe.other_held": "Made with other fixed or tied values",
    "held.count.one": "{count} held",
    "held.count.many": "{count} held",
    "held.how": (
        "Right-click a number among the parameters of a fit to hold it in the next run, or to keep it the same in "
        "several components."
    ),
    "held.line": "{label} {place}",
    "held.whole": "whole matrix",
    "held.release_one": "Release {name}",
    "held.hold": "Hold this value",
    "held.release": "Release this value",
    "held.pinned": "Held at this value in the next run",
    "held.place": "{name} [{place}]",
    "held.no_form": "\u201c{text}\u201d does not say what is to be held",
    "held.write": "Write means, means[2], means[2,COLUMN] or means[2,COLUMN]=VALUE",
    "held.no_value": "no value is given to hold {name} at",
    "held.not_given": "the given parameters have no {name}",
    "held.give_value": "Write --hold {name}=VALUE, or give a file of parameters with --start",
    "held.no_number": "\u201c{text}\u201d is no number to hold {name} at",
    "held.say_which": "it is not said which {axis} of {name} is held",
    "held.write_place": "Write its place as [{axes}], each by its number from 1",
    "held.twice": "{place} is held at {first} and at {second}",
    "held.places_there_are": "Components go from 1 to {groups}; the columns are {columns}",
}
