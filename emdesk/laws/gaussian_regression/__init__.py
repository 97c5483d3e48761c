"""The Gaussian regression law; see `law` for its help page."""

from emdesk.laws.gaussian_regression.law import GaussianRegression

LAW = GaussianRegression()
