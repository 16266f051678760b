"""The disk: system calls that write, locks, and safe reading of files from strangers."""
