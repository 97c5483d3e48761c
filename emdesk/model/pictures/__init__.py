"""Pictures that families with groups over a law share: scatter, fitted density, histogram. Marks only, no Qt."""
