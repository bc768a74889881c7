"""Users, project owners and tokens; whose data a query may read and change."""
