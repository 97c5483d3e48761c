"""How a model is fitted: the algorithm, which knows no law and no family by name."""
