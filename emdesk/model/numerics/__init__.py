"""Mathematics that several laws and families share, each piece with its source."""
