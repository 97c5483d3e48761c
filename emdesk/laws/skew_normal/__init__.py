"""The skew-normal law; see `law` for its help page."""

from emdesk.laws.skew_normal.law import SkewNormal

LAW = SkewNormal()
