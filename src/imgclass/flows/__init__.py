"""Class directories to batches of raw RGB 0-255."""
