"""Texts about data, settings and what a model asks for."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "data.no_such_column": "there is no column called \u201c{name}\u201d",
    "data.columns_there_are": "The columns are {names}",
    "setting.one_of": "one of {values}",
    "setting.yes_or_no": "yes or no",
    "setting.text": "a text",
    "setting.number_or_nothing": "a number, or leave it empty",
    "setting.whole_number": "a whole number",
    "setting.number": "a number",
    "setting.from_to": "{noun} from {low} to {high}",
    "setting.from": "{noun} from {low} up",
    "setting.up_to": "{noun} up to {high}",
    "setting.is": "{label} is {value}",
    "setting.give": "Give {limits}",
    "data.no_columns": "no column is chosen",
    "data.choose_columns": "Choose at least one column",
    "catalogue.no_law": "there is no law called \u201c{name}\u201d",
    "catalogue.laws_there_are": "The laws are {names}",
    "catalogue.no_family": "there is no family called \u201c{name}\u201d",
    "catalogue.families_there_are": "The families are {names}",
    "model.no_setting": "{model} has no setting called \u201c{name}\u201d",
    "model.settings_there_are": "The settings are {names}",
    "data.more_labels": "column {name} has {found} labels, and there are {groups} components",
    "held.weights": "the weights that are held sum to {total}",
    "held.all_weights": "Hold positive weights that sum to 1, or leave one of them free",
    "held.some_weights": "Hold positive weights that leave something for the others",
    "law.joint": "Several laws",
    "law.over_columns": "{law}: {columns}",
    "held.no_place": "{name} has no place [{place}] that could be held",
    "held.not_holdable": "{name} cannot be held at a value",
    "held.holdable": "What can be held: {names}",
    "held.nothing_holdable": "No parameter of this model can be held",
    "tied.no_place": "{name} has no place [{place}] that could be tied",
    "tied.one_group": "{name} is tied in one component only",
    "tied.two_groups": "Name two components or more, or none for all of them",
    "tied.two_values": "{name} is held at {first} and at {second} in components that are tied",
    "tied.one_value": "Hold one of them, or both at one value",
    "tied.too_narrow": "{name} cannot be tied where a column has next to no spread beside its mean",
    "tied.other": "Tie another parameter, or take an offset off the column",
    "tied.not_tieable": "{name} cannot be the same in several components",
    "tied.tieable": "What can be: {names}",
    "tied.nothing_tieable": "No parameter of this model can be",
    "elliptical.covariance": "Covariance",
    "elliptical.covariance_help": (
        "How the size, shape and direction of the groups may differ. Fewer letters V: fewer "
        "parameters, simpler borders between groups."
    ),
    "elliptical.EII": "Round groups of one size.",
    "elliptical.VII": "Round groups, each of its own size.",
    "elliptical.EEI": "All components share one ellipse along the axes.",
    "elliptical.VEI": "Ellipses along the axes: one shape, each its own size.",
    "elliptical.EVI": "Ellipses along the axes: one size, each its own shape.",
    "elliptical.VVI": "Every component has its own ellipse along the axes.",
    "elliptical.EEE": "All components share one full matrix.",
    "elliptical.VEE": "One shape and direction, each its own size.",
    "elliptical.EVE": "One size and direction, each its own shape.",
    "elliptical.VVE": "One direction, each its own size and shape.",
    "elliptical.EEV": "One size and shape, each its own direction.",
    "elliptical.VEV": "One shape, each its own size and direction.",
    "elliptical.EVV": "One size, each its own shape and direction.",
    "elliptical.VVV": "Every component has its own full matrix.",
    "elliptical.FA": "A few factors and a variance for each column, every component its own. For many columns.",
    "elliptical.factors": "Factors",
    "elliptical.factors_help": (
        "How many hidden factors describe the correlations of the columns within a component. Each needs about one "
        "number a column, where a full matrix needs one for every pair of columns."
    ),
    "elliptical.too_many_factors": (
        "Factors is {factors}, and covariance FA of {count} columns has fewer parameters than a full matrix only up "
        "to {most}"
    ),
    "elliptical.fewer_factors": "Ask for fewer factors, or choose VVV",
    "elliptical.more_columns": "Choose VVV, or three columns or more",
    "elliptical.prior": "Prior",
    "elliptical.prior_help": (
        "What is believed of means and matrices before the data. A prior keeps components from collapsing; "
        "the objective is then the log posterior."
    ),
    "elliptical.no_prior": "None",
    "elliptical.no_prior_help": "Maximum likelihood.",
    "elliptical.conjugate": "Conjugate",
    "elliptical.conjugate_help": (
        "Means near the data's mean, matrices near the data's covariance shared out among the components "
        "(Fraley and Raftery 2007)."
    ),
    "elliptical.prior_shrinkage": "Mean shrinkage",
    "elliptical.prior_shrinkage_help": "How many rows the belief about each mean is worth.",
    "elliptical.prior_degrees": "Extra degrees of freedom",
    "elliptical.prior_degrees_help": (
        "How firm the belief about the matrices is: degrees of freedom beyond the number of columns."
    ),
    "elliptical.prior_scale": "Prior spread",
    "elliptical.prior_scale_help": (
        "The believed matrix as a multiple of the data's variance shared out among the components."
    ),
    "elliptical.flat_prior": (
        "the columns {names} go together exactly, and the prior has no density for matrices as flat as the data"
    ),
    "elliptical.prior_apart": (
        "the prior believes in one variance for all columns, and {wide} spreads too far beside {narrow} for that"
    ),
    "elliptical.like_units": "Write the columns in like units, or choose VVV or no prior",
    "elliptical.leave_flat_out": "Leave one of them out, or choose no prior",
    "elliptical.E": "One column: all components share one variance.",
    "elliptical.V": "One column: every component has its own variance.",
    "columnwise.prior_rows": "Prior rows",
    "columnwise.prior_rows_help": (
        "Adds so many rows, spread like all rows of the column, to every component, which keeps components away from "
        "the edge. 0: maximum likelihood."
    ),
    "dispersion.label": "Dispersion",
    "dispersion.help": (
        "How the probabilities differ: free, or each component has a likeliest category in every column and the others "
        "share the rest, the dispersion, evenly (Binary_pk_E and so on in Rmixmod). Fewer letters: fewer parameters."
    ),
    "dispersion.E": "One dispersion for all: components differ only by their likeliest categories.",
    "dispersion.Ek": "Every component has its own dispersion, the same in all columns.",
    "dispersion.Ej": "Every column has its own dispersion, the same in all components.",
    "dispersion.Ekj": "Every component has its own dispersion in every column.",
    "dispersion.free": "Every probability is free.",
    "dispersion.held": "dispersion {word} ties the probabilities together, and some of them are held or made equal",
    "dispersion.hold_or_tie": "Choose dispersion {free}, or hold no probability and make none equal",
    "elliptical.out_of_range": "the spread of column {name} is {deviation}, and its square cannot be held",
    "elliptical.change_unit": "Write the column in another unit, or leave it out",
    "elliptical.one_column_only": "Covariance {word} is for one column; {count} are used",
    "elliptical.use_instead": "Choose {word} instead",
    "elliptical.constant_column": "every used row has the same value of {name}, so it has no variance",
    "elliptical.not_positive": "the matrix of component {component} is not symmetric and positive definite",
    "elliptical.give_positive": "Give matrices of positive variance in every direction",
    "elliptical.weak_floor": (
        "component {group} has shrunk to the variance floor in some direction: its rows repeat or lie "
        "on a line"
    ),
    "elliptical.weak_stretched": (
        "component {group} is flat: to keep the common volume it stretches far beyond the data"
    ),
    "elliptical.weak_common": (
        "the common matrix has shrunk to the variance floor in some direction: rows repeat or lie "
        "on a line"
    ),
    "elliptical.hold_tied": (
        "{matrices} and {widths} can be held for single components under VII, VVI, VVV and V only; {word} ties them"
    ),
    "elliptical.hold_all": "Hold those of every component, or choose such a structure",
    "elliptical.tie_tied": "under {word} the components share what their {widths} have in common already",
    "elliptical.tie_untied": "Tie those of some components under VII, VVI, VVV or V only",
    "elliptical.tie_along": "{widths} can be tied where components lie along the axes (VII, VVI, V)",
    "elliptical.tie_instead": "Tie the {matrices} instead",
    "elliptical.tie_part": "a part of the {matrices} is tied",
    "elliptical.tie_matrix": "Tie whole matrices",
    "elliptical.tie_held": "{matrices} are held in components where they are tied too",
    "elliptical.tie_or_hold": "Hold them or tie them",
    "elliptical.hold_part": "the matrix of component {component} is held in part",
    "elliptical.hold_matrix": "Hold the whole matrix of a component",
    "elliptical.hold_positive": "{widths} held for component {component} are {value}; they are positive",
    "elliptical.hold_along": "{widths} can be held where components lie along the axes (EII to VVI, E, V)",
    "elliptical.hold_instead": "Hold the {matrices} instead",
    "gating.weights": "the weights are equal, and covariates make them differ from row to row",
    "gating.weight_prior": "the weight prior is for weights that are the same in every row",
    "gating.held": "a weight is held or tied, and covariates make the weights differ from row to row",
    "gating.leave_covariates": "Take the role covariates away, or leave this setting at its default",
    "gating.separated": (
        "the log odds of component {group} run off: the covariates tell it from the others without overlap"
    ),
    "gating.noise_separated": (
        "the log odds of noise run off: the covariates tell it from component {group} without overlap"
    ),
    "quantity.log_odds": "Log odds",
    "quantity.noise_log_odds": "Noise log odds",
    "term.intercept": "intercept",
    "term.category": "{name} = {category}",
    "term.constant": "{name} has the same value in every used row, so it has no coefficient of its own",
    "term.no_row": "no used row has {column} = {word}, so that category has no coefficient of its own",
    "term.leave_category": "Leave {column} out, or use rows that have each of its categories",
    "term.collinear": "{name} is a combination of {others}, so it has no coefficient of its own",
    "term.leave_out": "Leave {name} out",
    "term.too_few_rows": "there are {rows} rows for {terms} coefficients",
    "term.fewer_predictors": "Give fewer columns this role",
    "regression.one_response": "{count} columns are used, and a regression has one response",
    "regression.choose_response": (
        "Use one column, the response, and give the others the role predictors"
    ),
    "regression.no_predictors": "no column has the role predictors",
    "regression.choose_predictors": (
        "Give the columns that explain {name} the role predictors, or choose another law"
    ),
    "regression.separated": (
        "the coefficients of component {group} run off: its predictors tell its responses apart without overlap"
    ),
    "regression.floor": (
        "component {group} has shrunk to the variance floor: its rows lie on a line or plane"
    ),
    "regression.floor_common": (
        "the common SD has shrunk to the variance floor: rows lie on a line or plane"
    ),
    "regression.exact": "{name} follows exactly from its predictors, so that there is no spread to model",
    "regression.out_of_range": "the spread of column {name} is {deviation}, and its square cannot be held",
    "regression.exact_remedy": "Leave a predictor out, or choose another response",
    "regression.hold_common": "one SD is common to all components, and different ones are held",
    "regression.hold_all": "Hold one value in every component, or choose an SD for each",
    "regression.held_sd": "the SD held in component {component} is {value}; give numbers above 0",
    "regression.no_counts": "every used row of {name} is 0, so there is no rate to explain",
    "regression.bad_trials": "the trials in row {row} are {value}, and trials are whole and not negative",
    "regression.above_trials": (
        "column {name} holds {value} in row {row}, where there are {trials} trials"
    ),
    "regression.mend_trials": "Give the trials there are, by the setting or in a column",
    "quantity.coefficient": "Coefficient",
    "quantity.residual_sd": "Residual SD",
    "quantity.mean": "Mean",
    "quantity.sd": "SD",
    "quantity.loading": "Loading {number}",
    "quantity.uniqueness": "Uniqueness",
    "quantity.correlation": "Corre\u00adlation",
    "quantity.rate": "Rate",
    "quantity.shape": "Shape",
    "quantity.scale": "Scale",
    "quantity.median": "Median",
    "quantity.weight": "Weight",
    "group.noise": "Noise",
    "group.noise_is": "Rows that fit no component: uniform over a box around the data",
    "group.noise_box": "Log of the volume of the box {volume}, of its density {density}",
    "quantity.noise": "Noise share",
    "quantity.noise_rows": "Noise rows",
    "quantity.noise_log_volume": "Noise log volume",
    "quantity.rows": "Rows",
    "data.simulated": "simulated",
    "data.not_numeric": "column {name} holds text, and this law needs numbers",
    "data.leave_text_out": "Leave it out, or give it a role",
    "data.fewer_rows.one": "there is {count} complete row for {groups} components",
    "data.fewer_rows.many": "there are {count} complete rows for {groups} components",
    "data.fewer_groups": "Ask for fewer components, or choose columns with fewer missing values",
    "data.infinite": "column {name} is infinite in row {row}",
    "data.mend_infinite": "Mend the cell in the file or leave the column out",
    "data.not_above_zero": (
        "column {name} holds {value} in row {row}, and this law needs values above 0"
    ),
    "data.below_zero": "column {name} holds {value} in row {row}, and this law needs 0 or more",
    "data.not_counts": (
        "column {name} holds {value} in row {row}, and counts are whole, not negative and below 9e15"
    ),
    "data.all_missing": "every used row of {name} is missing",
    "data.other_law": "Leave this column out, or choose another law",
    "data.no_spread": "every used row has the same value of {name}, so it has no spread",
    "data.leave_constant_out": "Leave this column out",
    "data.too_narrow": (
        "the values of {name} differ by about {share} of their size, too little for this law to tell them apart"
    ),
    "data.subtract": "Subtract a number from the column and choose the Gaussian law, or leave it out",
    "data.too_large": "column {name} goes up to {value}, and this law takes values up to {most}",
    "data.no_cells": "every used cell of {name} is missing",
    "data.leave_empty_out": "Leave this column out",
    "categories.too_many": (
        "column {name} has {count} different values; this law takes columns of at most {most} categories"
    ),
    "categories.other": "the given categories of {name} are {given}, and the data hold {found}",
    "interval.other_column": "{column} is to be fitted, and column {ends} gives the ends of intervals",
    "interval.leave_column": "Leave the columns out: the roles lower and upper name what is fitted",
    "interval.one_column": "{count} columns are used, and intervals or truncated values are of one column",
    "interval.choose_one": "Use one column, or take the ends and the window away",
    "interval.empty_window": "values are said to lie above {below} and below {above}",
    "interval.mend_window": "Give a lower limit that is below the upper one",
    "interval.outside_window": "row {row} lies outside the window of the values that could be seen",
    "interval.mend_outside": "Widen the window, or leave the row out",
    "interval.crossed": "in row {row} the interval goes from {lower} to {upper}",
    "interval.mend_crossed": "Give a lower end that is not above the upper one; an empty cell is an open end",
    "interval.not_this_law": "{law} describes no values that could be truncated, or several columns are used",
    "interval.empty_the_window": (
        "Leave both limits empty, or use one column with a Poisson, geometric or negative binomial law, or one of "
        "continuous values"
    ),
    "interval.no_upper_window": "counts of the {law} law have no end above which they are cut off",
    "interval.window_too_high": "the window begins at {low}, and at most {most} counts below it can be filled in",
    "interval.other_count_law": "Leave that limit empty, or use the Poisson or the geometric law",
    "interval.overlap": "intervals overlap, so it is not known which interval a drawn value would have",
    "interval.draw_rows": "Use the standard errors from the observed information, or a bootstrap of the rows",
    "interval.no_noise": "Noise has a density at values, and these rows are intervals",
    "interval.leave_noise": "Set noise to none",
    "quantity.inside": "In window",
    "quantity.whole_weight": "Weight, all rows",
    "quantity.probability": "Probability",
    "quantity.share": "Share",
    "quantity.cell": "{column} = {category}",
    "start.not_above_zero": "{label} of component {component}: {value}; give numbers above 0",
    "start.not_in_unit": "{label} of component {component}: {value}; give numbers between 0 and 1",
    "start.not_finite": "{label} of component {component}: {value}; give numbers",
    "data.weight_not_numeric": "the weights in column {name} are text, and weights are numbers",
    "data.bad_weight": "the weight in column {name}, row {row}, is {value}; weights are 0 or more",
    "data.no_weight": "no complete row has a weight above 0 in column {name}",
    "data.weight_total": "the weights in column {name} add up to {total}, and weights count rows",
    "data.rescale_weights": "Multiply them by a number, so that they add up to the number of rows",
    "data.mend_weight": "Mend the cell in the file or choose another column for the weights",
    "axis.with_unit": "{name} ({unit})",
    "axis.principal": "PC {number} ({share} %)",
    "picture.by": "{y} by {x}",
    "picture.rows_as_density.one": "{count} row as density",
    "picture.rows_as_density.many": "{count} rows as density",
    "picture.fitted_density": "Fitted density",
    "picture.no_density_here": (
        "This law has no density along these axes. Choose two different columns to see it"
    ),
    "picture.total": "All",
    "picture.others_average": "other predictors as nearby",
    "picture.residuals": "Residuals",
    "picture.residuals_of": "of {y}, in SDs",
    "picture.residuals_after_run": "What the lines leave appears when a fit runs",
    "picture.residual": "Residual (SDs)",
    "picture.no_residual": "no residual",
    "picture.fitted": "Fitted {y}",
    "picture.share_of": "{name} (share of trials)",
    "spoken.regression": "Scatter of {y} by {x}, {rows} rows, a fitted line for each of {groups} components",
    "spoken.residuals": "Residuals of {y} against the fitted values",
    "picture.histogram": "histogram and fitted law",
    "picture.rows_per_bin": "Rows in a bin",
    "picture.rows_per_width": "Rows per {width}",
    "picture.open_bins.one": "{count} open bin, drawn {width} wide",
    "picture.open_bins.many": "{count} open bins, drawn {width} wide",
    "picture.after_run": "The probability of each component appears when a fit runs",
    "picture.membership": "Membership",
    "picture.membership_of": "of the components along {x}",
    "picture.probability": "Probability",
    "picture.profiles": "Profiles",
    "picture.profiles_after_run": "The profile of each component appears when a fit runs",
    "picture.columns": "Column",
    "picture.chance_of": "Probability of {category}",
    "picture.chance_of_last": "Probability of the last category",
    "picture.rows_as_tiles.one": "{count} row as tile",
    "picture.rows_as_tiles.many": "{count} rows as tiles",
    "spoken.profiles": "{label} over {columns} in {groups} components",
    "spoken.cross_table": "Table of {y} by {x} as tiles, {rows} rows, {groups} components",
    "spoken.rows": "Scatter of {y} by {x}, {rows} rows, nothing fitted yet",
    "spoken.scatter": "Scatter of {y} by {x}, {rows} rows, {groups} components; {undecided} rows undecided",
    "spoken.density": "Fitted density of {y} by {x}",
    "spoken.histogram": "Histogram of {x}, {rows} rows, {groups} components",
    "spoken.membership": "Probability of each component along {x}",
}
