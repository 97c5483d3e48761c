"""What a model is: the vocabulary. numpy and scipy only; no Qt, no files, no algorithm."""
