"""The restart observatory: what became of every start."""
