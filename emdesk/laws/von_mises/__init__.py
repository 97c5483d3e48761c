"""The von Mises law. Its help page is the docstring of `law`."""

from emdesk.laws.von_mises.law import LAW

__all__ = ["LAW"]
