"""Checkpoints: the whole state of a training on disk, from which it is resumed bit for bit."""
