"""A model and flows to a trained model and a History."""
