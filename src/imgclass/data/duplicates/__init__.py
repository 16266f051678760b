"""Finding images that show the same picture."""
