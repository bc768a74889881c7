"""What hostile or unlucky users send to a datastore, and what it costs; to be called by script/attack."""
