"""Many small file jobs, in order, by child processes."""
