"""Making, updating and undoing a data set, losing nothing."""
