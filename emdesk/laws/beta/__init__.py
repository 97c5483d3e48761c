"""The beta law; see `law` for its help page."""

from emdesk.laws.beta.law import Beta

LAW = Beta()
