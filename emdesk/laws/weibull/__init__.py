"""The Weibull law; see `law` for its help page."""

from emdesk.laws.weibull.law import Weibull

LAW = Weibull()
