"""The disk: calls that write, locks, and safe reading of files from strangers."""
