"""A spec and a class count to a `keras.Model`."""
