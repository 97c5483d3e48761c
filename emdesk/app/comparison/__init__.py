"""Many models of the same rows side by side: components down, a setting or the law across."""
