"""Texts about how a fit goes and ends."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "stop.converged": "Converged at {iterations}",
    "stop.converged_within": "Converged at {iterations}: within {remaining} of the limit",
    "stop.converged_rounding": "Converged at {iterations}: at the limit, to rounding",
    "stop.limit": "Stopped at the limit of {iterations} iterations, not converged",
    "stop.limit_about": (
        "Stopped at the limit of {iterations} iterations, about {remaining} from the maximum ahead"
    ),
    "stop.converged_leaping": "Converged at {iterations}: its last EM step gained {gain}",
    "stop.converged_leaping_rounding": "Converged at {iterations}: EM steps gain only rounding",
    "stop.plain_alone": "{sentence}; by plain EM alone, as these steps need not climb",
    "stop.finished": "Converged at {iterations} by {method}: EM moves nothing by over {move}",
    "stop.not_at_rest": "{sentence}; after {method}, an EM step still moves a parameter by {move}",
    "stop.finish_weak": "{sentence}; {method} led into a degenerate component and was not followed",
    "finish.newton": "Newton",
    "finish.quasi-newton": "quasi-Newton",
    "stop.saddle": (
        "At rest after {iterations} iterations on a saddle, not a maximum: a small push climbs to {objective} or more"
    ),
    "stop.lost": "Ended at iteration {iteration}, where a drawn group was lost: {what}",
    "stop.stopped": "Stopped by hand at iteration {iterations}",
    "stop.collapsed": "Collapsed at iteration {iteration}: {what}",
    "stop.fell": "The objective fell after {iterations} iterations",
    "fit.fell": (
        "the objective fell from {before:.10g} to {after:.10g} at iteration {iteration}, "
        "which this M-step promises never to do"
    ),
    "fit.nothing_yet": "The run was stopped before its first iteration was done",
    "fit.set_aside.one": "{count} start set aside: a component collapsed",
    "fit.set_aside.many": "{count} starts set aside: a component collapsed",
    "stop.start": "Start {start}, opened by hand. {sentence}",
    "stop.kept": "Iteration {iteration}, kept by hand",
    "stop.unsound": "Ended in a degenerate component: {what}",
    "fit.start_by_hand": "Start {start} was opened by hand; start {best} is the best sound one, at {objective}",
    "fit.nothing_sound": "No start ended in a sound fit",
    "fit.rests_on": "component {group} holds rows {rows} of the file",
    "fit.rests_on_more.one": "component {group} holds rows {rows} and {count} more of the file",
    "fit.rests_on_more.many": "component {group} holds rows {rows} and {count} more of the file",
    "fit.rows_set_aside.one": "{count} row with missing values was set aside",
    "fit.rows_set_aside.many": "{count} rows with missing values were set aside",
    "start.not_offered": "{family} has no start called {method}",
    "start.methods_there_are": "Choose one of {names}",
    "start.no_means": "No means are given to start from",
    "start.type_means": "Type one row of means for each component",
    "start.no_result": "No earlier result is given to start from",
    "start.choose_result": "Choose a result, or another start method",
    "start.no_labels": "No label column is given to start from",
    "start.choose_labels": "Choose the column that holds the groups",
    "start.label_count": "The label column has {found} groups and the model {groups} components",
    "start.set_components": "Set components to {found}, or choose another column",
    "start.empty_label": "no used row has the label {label}",
    "start.means_shape": "The typed means must be {groups} rows of {columns} numbers",
    "start.param_missing": "The given parameters have no {name}",
    "start.param_shape": "The given {name} are {found} numbers and the model needs {expected}",
    "start.match_model": "Give parameters of {groups} components and {columns} columns",
    "start.weights_sum": "The given weights add to {total}, and must be 0 or more and add to 1",
}
