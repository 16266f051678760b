"""Checkpoints: the whole state of a training on disk, from which it goes on bit for bit."""
