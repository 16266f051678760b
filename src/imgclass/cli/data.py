"""The verb that makes a data set: organize."""
