"""Predicting in a process of its own, which may use little and sees little."""
