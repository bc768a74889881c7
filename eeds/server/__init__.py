"""Running a datastore: its processes, embedded servers, first contents, and the commands that need the database."""
