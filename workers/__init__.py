"""What runs outside a web request: the jobs of RQ workers, the relay that feeds them."""
