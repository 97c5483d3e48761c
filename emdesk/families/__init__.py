"""One file or folder a family; each ends in `FAMILY = ...` and is found by listing this package."""
