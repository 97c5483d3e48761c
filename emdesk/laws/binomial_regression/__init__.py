"""The binomial regression law; see `law` for its help page."""

from emdesk.laws.binomial_regression.law import BinomialRegression

LAW = BinomialRegression()
