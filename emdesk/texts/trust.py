"""Texts about how far a fit can be trusted: standard errors, bootstrap, the audit of convergence and of components."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    # standard errors
    "uncertainty.not_likelihood": (
        "Standard errors come from the likelihood, and hard assignment climbs another objective"
    ),
    "uncertainty.soft": "Choose soft assignment, or the bootstrap",
    "uncertainty.untied": (
        "The model can move in {directions} directions and has {free} free parameters, so its information "
        "is not that of the model"
    ),
    "uncertainty.draw": "Use the bootstrap",
    "uncertainty.unsound": "A fit with a degenerate component has no standard errors",
    "uncertainty.make_sound": "Find a sound fit first: more starts, fewer components, a higher floor",
    "uncertainty.no_maximum": (
        "The estimate is no maximum: the objective still rises in some direction, as at a saddle "
        "or before the end, so there are no standard errors"
    ),
    "uncertainty.unidentified": (
        "The data do not tell all parameters apart: {rank} of {free} directions are determined, "
        "and {names} can change together without a change of the likelihood"
    ),
    "uncertainty.at_edge": (
        "At the edge of its domain, where a standard error has no meaning: {names}"
    ),
    "uncertainty.below": (
        "The estimate lies {below} below the top of the parabola through it; standard errors are "
        "those at the estimate"
    ),
    "uncertainty.failed.one": "{count} replicate ended in no sound fit and is left out",
    "uncertainty.failed.many": "{count} replicates ended in no sound fit and are left out",
    "uncertainty.more": "{names} and {count} more",
    "uncertainty.method.observed": "Standard errors from the observed information",
    "uncertainty.method.oakes": "Standard errors from the observed information (Oakes' formula)",
    "uncertainty.method.differences": (
        "Standard errors from the observed information (differences of the log-likelihood)"
    ),
    "uncertainty.method.bootstrap": "Standard errors from {count} bootstrap samples of the rows",
    "uncertainty.method.parametric": "Standard errors from {count} samples of the fitted model",
    "uncertainty.plus_minus": "± {error}",
    "uncertainty.tip": "{value} ± {error}",
    "bootstrap.known_labels": "Rows with known labels cannot be drawn from the model",
    "bootstrap.draw_rows": "Draw the rows of the file instead",
    "bootstrap.rows_hang_together": "These rows hang together, so they cannot be drawn one by one",
    "bootstrap.draw_from_model": "Draw from the fitted model instead",
    "bootstrap.none_sound": "Hardly any of {count} bootstrap samples ended in a sound fit",
    "bootstrap.fewer_groups": "Choose fewer components or a simpler structure",
    # the audit
    "audit.limit": "Limit",
    "audit.limit_is": "Aitken's estimate of where the objective is going, from its last three values",
    "audit.below": "Below the limit",
    "audit.below_is": "How much of the objective is still to come by that estimate",
    "audit.rate": "Rate",
    "audit.rate_is": "The ratio of the last two gains: near 1 EM is slow",
    "audit.missing": "Missing information",
    "audit.missing_is": (
        "The square root of the rate: the largest fraction of the information about a parameter that is "
        "lost because the groups are not seen"
    ),
    "audit.missing_there": "Missing by Oakes",
    "audit.missing_there_is": (
        "The same fraction from the information at the estimate; EM that is not accelerated comes to rest at this rate"
    ),
    "audit.left": "Iterations left",
    "audit.left_is": "Until the rest is below the tolerance, at this rate",
    "audit.evaluations": "Sweeps",
    "audit.evaluations_is": "Passes over the data that this start took",
    "audit.named": "{name} {value}",
    "audit.and": "{first}; {second}",
    "audit.no_promise": (
        "This kind of iteration does not promise to climb, so nothing is certified about falls"
    ),
    "audit.fell": "The objective fell by {fall} at iteration {iteration}",
    "audit.never_fell.one": "The objective never fell in {count} iteration",
    "audit.never_fell.many": "The objective never fell in {count} iterations",
    "audit.rounding": "largest fall {fall}, which is rounding",
    "audit.halved.one": "{count} step was halved",
    "audit.halved.many": "{count} steps were halved",
    "audit.health.thin": (
        "Component {number} rests on only {distinct} distinct rows, hardly more than it has parameters"
    ),
    "audit.health.near_floor": (
        "Component {number} is narrow: {percent} % of the standard deviation of the data in some direction"
    ),
    "audit.health.collapsed": "Component {number} has collapsed",
    "audit.word.sound": "sound",
    "audit.word.thin": "thin",
    "audit.word.near_floor": "near the floor",
    "audit.word.collapsed": "collapsed",
    "audit.rows": "Rows",
    "audit.rows_is": "The responsibilities of all rows added up",
    "audit.distinct": "Distinct\nrows",
    "audit.distinct_is": (
        "How many different rows it rests on: those whose responsibility is at least 5 % of its largest. "
        "Fewer than twice the parameters of a component is thin"
    ),
    "audit.smallest": "Least\nvariance",
    "audit.smallest_is": (
        "The least variance in any direction, as a share of the data's variance in that direction. "
        "Below 0.0001 is near the floor"
    ),
    "audit.condition": "Condition",
    "audit.condition_is": (
        "The largest over the smallest eigenvalue of the covariance, columns in units of their "
        "standard deviations"
    ),
    "audit.shrinking": "Gain by\nshrinking",
    "audit.shrinking_is": (
        "How much of the objective came from a smaller covariance in the last 10 iterations or so: "
        "half the rows times the fall of log |covariance|. A collapse grows here without end"
    ),
    "audit.health": "Verdict",
    "audit.health_is": "Sound, thin, near the floor or collapsed",
    "audit.later": "How far a fit is from its limit, and what each component rests on, will be here",
    "audit.continue": "Continue",
    "audit.remedies": "What helps",
    "audit.title": "Audit",
    "remedy.floor": "Raise floor to {value}",
    "remedy.prior": "Add a prior",
    "remedy.tied": "Tie covariances ({word})",
    "remedy.heavy": "Use Student t",
    "remedy.noise": "Add noise",
    "remedy.fewer.one": "Use {count} component",
    "remedy.fewer.many": "Use {count} components",
    "cli.fit.audit": "Audit",
    "cli.fit.uncertainty": "{sentence}; {level} % intervals are in the export and in --json",
    "cli.no_method": "there is no way to standard errors called “{word}”",
    "cli.methods_there_are": "Choose one of {names}",
    "cli.uncertainty_progress": "standard errors, {percent} %",
    "cli.option.standard-errors": (
        "standard errors and intervals: observed (information), bootstrap (rows drawn) or parametric"
    ),
    "cli.option.replicates": "how many bootstrap samples (default 200)",
    "cli.no_replicates": "--replicates {text} is no whole number of 2 or more",
    "cli.give_replicates": "Give a whole number such as 200",
    "export_dialog.holds.audit.csv": "distance to the limit, rate, and what each component rests on",
    "export.standard_error": "standard_error",
    "export.low": "low",
    "export.high": "high",
}
