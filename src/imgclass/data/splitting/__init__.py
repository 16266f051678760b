"""Which image goes into which split, and which stay together."""
