"""What runs and exports have in common: leases of claimed jobs, and the state of the queue."""
