"""One file or folder a law; each ends in `LAW = ...` and is found by listing this package."""
