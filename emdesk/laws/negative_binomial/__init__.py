"""The negative binomial law; see `law` for its help page."""

from emdesk.laws.negative_binomial.law import NegativeBinomial

LAW = NegativeBinomial()
