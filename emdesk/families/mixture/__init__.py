"""The mixture family; see `family` for its help page."""

from emdesk.families.mixture.family import Mixture

FAMILY = Mixture()
