"""Predicting with a stranger's model in another process that has limits."""
