"""One file per format that is written; each writer takes an open binary stream."""
