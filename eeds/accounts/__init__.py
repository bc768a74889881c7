"""Users, project owners and tokens; whose data a query may see and change."""
