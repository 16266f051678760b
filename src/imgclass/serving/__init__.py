"""A trained model and new images to predictions."""
