"""The Poisson regression law; see `law` for its help page."""

from emdesk.laws.poisson_regression.law import PoissonRegression

LAW = PoissonRegression()
