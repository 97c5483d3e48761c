"""The Explorer: which model."""
