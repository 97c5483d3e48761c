"""The Gaussian law; see `law` for its help page."""

from emdesk.laws.gaussian.law import Gaussian

LAW = Gaussian()
