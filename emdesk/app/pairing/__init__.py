"""Two fits of the same rows side by side: which rows change their group, which fits better, what moved."""
