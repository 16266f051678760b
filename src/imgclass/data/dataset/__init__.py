"""A data set on disk, as it is read: the organizer's record of it, or a tree that others made."""
