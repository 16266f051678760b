"""Reading a data set from disk: one that the organizer made, or a tree that others made."""
