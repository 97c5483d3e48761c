"""The von Mises law; see `law` for its help page."""

from emdesk.laws.von_mises.law import VonMises

LAW = VonMises()
