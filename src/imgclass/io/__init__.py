"""The disk: every system call of writing, locks, and files that must be regular to be read."""
