"""Many small file jobs, done in order by child processes."""
