"""What runs outside a web request: the jobs of RQ workers, and the relay that puts them into the queue."""
