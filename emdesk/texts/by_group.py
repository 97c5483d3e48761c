"""Fits by group: the groups of a column, each fitted alone, and what is said of them together."""

TEMPLATES = {
    "groups.none": "column {name} has no value that could be a group",
    "groups.too_many": "column {name} has {count} values, and at most {most} groups are fitted",
    "groups.fewer": "Choose a column with fewer values",
    "groups.gone": "no row has {value} in column {column}",
    "groups.part": "{name}, {column} = {value}",
    "groups.one": "{column} = {value}",
    "groups.compared_on_all": (
        "All rows are compared together: the groups of {column} are taken apart by Run on the desk, not here"
    ),
    "groups.not_compared": "models are compared on all rows together, not in each group of {column}",
    "groups.leave_role_out": "Leave the role out, or give fit one model for each group",
    "groups.stopped": "Stopped by hand; groups of {column} that were not fitted: {names}",
    # the table over the groups
    "groups.rows_used": "rows",
    "groups.log_likelihood": "log-likelihood",
    "groups.free_parameters": "parameters",
    "groups.bic": "BIC",
    "groups.end": "end",
    "groups.sums": "Together: log-likelihood {log_likelihood}, BIC {bic} (the sum over the groups)",
    "groups.left_out": "Rows without a value of {name} are left out: {count}",
    "tab.groups": "By group",
    "groups.head.rows": "Rows used",
    "groups.head.rows_is": "Rows of the group that the model uses",
    "groups.head.components": "Components",
    "groups.head.log_likelihood": "Log-likelihood",
    "groups.head.log_likelihood_is": (
        "Natural logarithm, all constants included. Groups have different rows, so theirs are added, not compared"
    ),
    "groups.head.free": "Parameters",
    "groups.head.bic": "BIC",
    "groups.head.bic_is": "Of the group alone: −2 log L + p log n with its own n",
    "groups.head.iterations": "Iterations",
    "groups.head.end": "How it ended",
    "groups.head.component": "Component",
    "groups.fits": "Fits",
    "groups.parameters": "Parameters",
    "groups.errors": "Find all standard errors",
    "groups.view": "What the table shows",
    "groups.waiting": "Not fitted",
    "groups.no_fit": "No fit",
    "groups.of_all.one": "{count} group of {column}",
    "groups.of_all.many": "{count} groups of {column}",
    "groups.unfitted.one": "{count} without a fit",
    "groups.unfitted.many": "{count} without a fit",
    "groups.unsound.one": "{count} collapsed",
    "groups.unsound.many": "{count} collapsed",
    "groups.rows_left_out.one": "{count} row without a value of {column} is left out",
    "groups.rows_left_out.many": "{count} rows without a value of {column} are left out",
    # the chooser in the bar
    "groups.chooser": "Group of {column} on the desk",
    "groups.under_way": "Group {number} of {count}: {value}",
    "groups.choose_is": "{column}: the fit of each group. Previous and next: {previous}, {next}",
    "action.previous_group": "Previous group",
    "action.next_group": "Next group",
    "needs.fits_by_group": "Give a column the role Group and run: each group gets a fit of its own",
    # the model dock
    "model.parameters_each.one": (
        "{count} free parameter for each of {groups} groups; rows in the smallest: {least}"
    ),
    "model.parameters_each.many": (
        "{count} free parameters for each of {groups} groups; rows in the smallest: {least}"
    ),
    "groups.each_is": (
        "Every group gets its own fit of this model from its own rows: its own parameters, labels, and errors of "
        "discriminant analysis where its labels are known. Held values and typed starts are the same for all"
    ),
    # files
    "groups.export.stopped": "The export was stopped",
    "groups.export.kept": "The folders of these groups are whole, and no others: {names}",
    "groups.export.subject": "The fits of {count} groups of {column} in {name}",
    "export_dialog.holds.groups.json": "All fits by group, and their sums",
    "export_dialog.holds.groups.csv": "A row for each group: its rows, criteria and end",
    "export_dialog.holds.group_parameters.csv": "Every parameter of every group, a row each",
    "export_dialog.holds.group_labels.csv": "Every row of the file with its component in its own group",
    "groups.export.folders.one": "{count} folder",
    "groups.export.folders.many": "{count} folders",
    "groups.export.holds": "The files of each group's fit: {names}",
}
