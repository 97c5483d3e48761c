"""The inverse Gaussian law; see `law` for its help page."""

from emdesk.laws.inverse_gaussian.law import InverseGaussian

LAW = InverseGaussian()
