"""What runs and exports have in common as jobs: their status, leases, the state of the queue, child processes."""
