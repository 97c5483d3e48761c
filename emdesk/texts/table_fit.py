"""Texts about the fit of tables of patterns."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {
    "table_fit.none": "this result has no table of patterns",
    "table_fit.which": (
        "Fit a mixture of the categorical, ordinal or Bernoulli law that ends in a sound optimum"
    ),
    "table_fit.g2": "G\u00b2 {value} with {df} degrees of freedom",
    "table_fit.x2": "X\u00b2 {value} with {df} degrees of freedom",
    "table_fit.g2_p": "G\u00b2 {value} with {df} degrees of freedom, chi-square p {p}",
    "table_fit.x2_p": "X\u00b2 {value} with {df} degrees of freedom, chi-square p {p}",
    "table_fit.bootstrap": (
        "Bootstrap p {g2} for G\u00b2 and {x2} for X\u00b2, from {draws} tables drawn from the model"
    ),
    "table_fit.no_df": (
        "{parameters} free parameters leave no degrees of freedom: this table cannot speak against the model"
    ),
    "table_fit.sparse": (
        "{rows} rows for {cells} cells is a sparse table: rely on a bootstrap, not on the chi-square p"
    ),
    "table_fit.left_out": "{rows} rows with missing cells are not in the table",
    "table_fit.residual": (
        "Largest bivariate residual {ratio}, of {first} and {second}: 1 is expected if the model is true"
    ),
    "cli.option.table-fit": (
        "G\u00b2, X\u00b2 and bivariate residuals of latent classes; said where there is no table of patterns"
    ),
    "cli.option.bootstrap": "p-values of the table from so many tables drawn from the model",
    "export_dialog.holds.residuals.csv": "which pairs of columns go together within classes",
    "table_fit.g2_name": "G\u00b2 of the table",
    "table_fit.x2_name": "X\u00b2 of the table",
    "table_fit.df": "Degrees of freedom",
    "table_fit.with_p": "{value}, p {p}",
    "table_fit.pair": "{first}, {second}",
    "table_fit.worst": "Residual of {pair}",
    "table_fit.head": "Fit of the table",
    "table_fit.progress": "Drawing tables: {percent} %",
    "table_fit.no_draws": "{text} is no number of tables that could be drawn",
    "table_fit.give_draws": "Give a whole number from 1 to {most}",
}
