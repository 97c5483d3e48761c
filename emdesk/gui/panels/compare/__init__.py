"""The Compare view: what differs between two fits."""
