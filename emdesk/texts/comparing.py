"""Texts of the comparison of models: criteria, grid, tests, on the command line and in the window."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "criteria.aicc": "AICc",
    "criteria.aicc_is": "AIC + 2 p (p + 1) / (n − p − 1), for few rows; lower is better",
    "criteria.all": "All criteria",
    "criteria.name": "Criterion",
    "criteria.value": "Value",
    "criteria.definition": "Definition and sign",
    "criteria.caic": "CAIC",
    "criteria.caic_is": "−2 log L + p (log n + 1); lower is better",
    "criteria.cv": "Cross-validation",
    "criteria.cv_is": "The log-likelihood of the rows while they were left out; higher is better",
    "criteria.entropy_r2": "Entropy R²",
    "criteria.entropy_r2_is": (
        "1 − entropy / (n log K): 0 where every row is undecided between K groups, 1 where all are certain"
    ),
    "criteria.icl_hard": "ICL, hard",
    "criteria.icl_hard_is": (
        "BIC − 2 × the sum of log p of each row's likeliest group, as mclust has it; lower is better"
    ),
    "criteria.sabic": "SABIC",
    "criteria.sabic_is": "−2 log L + p log((n + 2) / 24); lower is better",
    # the command
    "cli.command.compare": "fit many models to a data file and say which one is best",
    "cli.option.components": "the counts of groups: 1..9 or 1,2,5 (default 1..9)",
    "cli.option.compare.set": (
        "set any setting by its name; one may be all or a list between commas: covariance=all"
    ),
    "cli.option.compare.law": "law of one observation (default {law}); all or a list between commas",
    "cli.option.compare.export": "write comparison.csv there",
    "cli.option.criterion": "what best means: bic (default), aic, aicc, sabic, caic, icl, icl_hard, cv",
    "cli.option.folds": "cross-validate with so many parts (default 10)",
    "cli.option.repeats": "cut the rows into parts so many times (default 1)",
    "cli.option.blrt": "test each count against the next by the bootstrap likelihood ratio",
    "cli.option.draws": "most draws of one such test (default 99)",
    # what was typed
    "compare.no_counts": "the counts of groups are “{text}”",
    "compare.give_counts": "Write them as 1..9 or 1,2,5, with numbers from 1 to {most}",
    "compare.no_count": "the family {family} has no count of groups to compare",
    "compare.other_family": "Choose a family whose models differ in their groups",
    "compare.no_laws": "the family {family} takes no law",
    "compare.leave_law": "Leave out --law",
    "compare.no_list": "the setting {name} has no closed list of values",
    "compare.lists_there_are": "One of these may vary: {names}",
    "compare.one_thing": "more than one setting is given several values",
    "compare.vary_one": "Let one setting or the law vary, and compare the others in a second call",
    "compare.no_value": "“{word}” is not one of its values",
    "compare.values": "Give one of {names}",
    "compare.count_is_varied": "{name} is what is compared",
    "compare.use_components": "Write --components {value}",
    "compare.no_criterion": "there is no criterion “{word}”",
    "compare.give_whole": "Give a whole number from {least}",
    "compare.draws_of_what": "draws belong to the bootstrap test, which is not asked for",
    "compare.add_blrt": "Add --blrt",
    # folds
    "compare.too_few_folds": "{count} parts leave nothing to fit or nothing to leave out",
    "compare.give_folds": "Give from 2 parts to as many as there are rows",
    "compare.too_few_repeats": "the rows are cut {count} times",
    "compare.give_repeats": "Give 1 or more",
    "compare.more_folds": "{count} parts are more than the {size} rows or sequences there are",
    "compare.rows_hang_together": (
        "the rows of {family} hang together, so none can be left out by itself"
    ),
    "compare.use_bic": "Compare by BIC, or give a column of sequences",
    "compare.fold_unsound": "no sound fit without part {fold}: {why}",
    "compare.no_cv": "{criterion}: {why}",
    # what was found
    "compare.name": "{variant}, {components}",
    "compare.components.one": "{count} component",
    "compare.components.many": "{count} components",
    "compare.best": "Best by {criterion}: {name} ({value})",
    "compare.close": "{name} is only {gap} behind: the data hardly choose between the two",
    "compare.close_counts": (
        "{name} is only {gap} behind: the data hardly choose between {first} and {second}"
    ),
    "compare.nothing_sound": "No model ended in a sound fit",
    "compare.below": "it stands below a simpler model that is a special case of it",
    "compare.cell_below": (
        "{name} stands below a simpler model that is a special case of it: more starts may help"
    ),
    "compare.two_scales": (
        "Laws of counts give probabilities and the others densities: their criteria agree only "
        "for columns of whole numbers"
    ),
    "compare.unfinished.one": "Stopped by hand: {count} model was not fitted",
    "compare.unfinished.many": "Stopped by hand: {count} models were not fitted",
    # the summary
    "compare.head": "{cells} models, {starts} starts each, seed {seed}, {seconds}",
    "compare.sign.smaller": "{criterion}, smaller is better; * the best",
    "compare.sign.larger": "{criterion}, larger is better; * the best",
    "compare.head_components": "components",
    "compare.head_free": "parameters",
    "compare.head_agree": "starts that agree",
    "compare.agree": "{agreeing} of {finished}",
    "compare.reason": "{names}: {reason}",
    "compare.test": (
        "Bootstrap test of {smaller} against {larger}: ratio {ratio}, p {p} from {drawn} draws"
    ),
    "compare.test_early": (
        "Bootstrap test of {smaller} against {larger}: ratio {ratio}, p {p}; the side of {level} "
        "was settled after {drawn} of {planned} draws"
    ),
    "compare.progress": "{done} of {total} models, {name}, iteration {iteration}",
    "compare.testing": (
        "testing {smaller} against {larger}: {drawn} of {planned} draws, p {p} so far"
    ),
    # the Explorer
    "action.view_explorer": "Explorer",
    "explorer.title": "Models",
    "explorer.grid": "Grid of models",
    "explorer.components": "Components",
    "explorer.from": "Fewest components",
    "explorer.to": "to",
    "explorer.last": "Most components",
    "explorer.across": "across",
    "explorer.nothing": "Nothing else",
    "explorer.all_models": "Model",
    "explorer.explore": "Explore",
    "explorer.again": "Explore again",
    "explorer.pause": "Pause",
    "explorer.resume": "Continue",
    "explorer.stop": "Stop",
    "explorer.criterion": "Criterion",
    "explorer.short.bic": "BIC",
    "explorer.short.icl": "ICL",
    "explorer.short.aic": "AIC",
    "explorer.short.log_likelihood": "log L",
    "explorer.larger": "Larger is better, as in mclust",
    "explorer.larger_help": "Shows every criterion with the other sign: 2 log L less its penalty",
    "explorer.export": "Save the table…",
    "explorer.sign.lower": "{criterion}, lower is better",
    "explorer.sign.larger": "{criterion}, larger is better",
    "explorer.key.agree": "share of finished starts that agree",
    "explorer.key.closer": "look closer: {count} or more starts collapsed, or not at its maximum",
    "explorer.shape.spherical": "Spherical",
    "explorer.shape.diagonal": "Diagonal",
    "explorer.shape.full": "Full",
    "explorer.none": "none",
    "explorer.curves": "Curves",
    "explorer.curves.says": "{count} curves of the criterion over the components; {name} reaches the best",
    "explorer.curves_later": "The criterion over the components appears with the first fits",
    "explorer.chosen": "Chosen model",
    "explorer.nothing_chosen": "Nothing is fitted yet",
    "explorer.not_done": "{name} is still to be fitted",
    "explorer.open": "Open fit",
    "explorer.open_help": "Puts this fit on the desk and sets the form to its model. Return",
    "explorer.mark": "Compare with it",
    "explorer.unmark": "No longer",
    "explorer.mark_help": "Shows what other models have more or less than this one. Space",
    "explorer.against": "More or less than {name}",
    "explorer.agree": "Starts that agree",
    "explorer.agree_is": "How many of the starts that were run to their end reached this optimum",
    "explorer.once": "Only one start reached it: more starts may find a better one",
    "explorer.collapsed.one": "{count} start collapsed",
    "explorer.collapsed.many": "{count} starts collapsed",
    "explorer.tip.value": "{name} {value}",
    "explorer.tip.agree": "{agree} finished starts agree",
    "explorer.tip.waiting": "{name}: still to be fitted. It comes next while the pointer is on it",
    "explorer.tip.not_fitted": "{name}: not fitted",
    "explorer.says": "{name}, {criterion} {value}, {agree} starts agree",
    "explorer.says.waiting": "{name}, not fitted yet",
    "explorer.empty": "Which model?",
    "explorer.empty_text": (
        "A full fit for every count of components and every structure, side by side by a criterion."
    ),
    "explorer.no_groups": "Choose columns and a family with components to compare",
    "explorer.stale": "Made with other data or another model than the form says now",
    "explorer.progress": "{done} of {total} fits",
    "explorer.progress.left": "{done} of {total} fits, about {left} left",
    "explorer.progress.paused": "Paused after {done} of {total} fits",
    "explorer.progress.stopped": "Stopped after {done} of {total} fits",
    "explorer.progress.nested": "Checking that no model ends below a simpler one",
    "explorer.progress.preparing": "Looking which models fit the columns",
}
