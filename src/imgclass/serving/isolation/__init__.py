"""Predict with a stranger's model in a process with limits."""
