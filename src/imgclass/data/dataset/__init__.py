"""Reading a data set from disk, made by the organizer or by others."""
