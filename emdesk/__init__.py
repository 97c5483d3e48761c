"""EMDesk: mixture and other latent-variable models fitted by EM, live on a desk."""

__version__ = "0.1.0"
