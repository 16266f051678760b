"""Which images are one picture."""
