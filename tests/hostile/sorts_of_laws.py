"""The laws in sorts that hostile data do the same to: words of their ids, and one row of what is expected of some."""

from __future__ import annotations

from tests.hostile.ends import End

ELLIPSES = "gaussian student-t"
SKEWED = "skew-normal"
RATIOS = "log-normal gamma weibull inverse-gaussian"
SHARES = "beta"
CIRCLE = "von-mises"
TIMES = "exponential"
COUNTS = "poisson negative-binomial geometric zero-inflated-poisson binomial"
TOTALS = "multinomial"
ANSWERS = "bernoulli"
CATEGORIES = "categorical ordinal"
LINES = "gaussian-regression"
CURVES = "poisson-regression binomial-regression"

NARROWING = f"{ELLIPSES} {RATIOS} {SHARES} {CIRCLE}"
"""The density has no bound: a group of equal rows collapses."""
BOUNDED = f"{TIMES} {COUNTS} {TOTALS} {ANSWERS} {CATEGORIES}"
"""The likelihood has a finite maximum whatever the rows are."""
WHOLE = f"{COUNTS} {TOTALS}"
REGRESSIONS = f"{LINES} {CURVES}"
OTHERS = f"{NARROWING} {BOUNDED} {REGRESSIONS}"
ALL = f"{OTHERS} {SKEWED}"

Row = tuple[str, End, str]
