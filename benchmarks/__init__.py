"""Measurements: what the project promises, as figures that a command prints."""
