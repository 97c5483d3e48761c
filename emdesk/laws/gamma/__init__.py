"""The gamma law; see `law` for its help page."""

from emdesk.laws.gamma.law import Gamma

LAW = Gamma()
