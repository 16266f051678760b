"""Evidence to a next experiment; pure."""
