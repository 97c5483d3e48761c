"""Published results, refitted: what was printed, what EMDesk reaches, and whether the two agree."""
