"""Which image goes into which split, and which images stay together."""
