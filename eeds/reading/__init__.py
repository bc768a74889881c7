"""Records out of the database as bytes: chunks of rows from a cursor, encoded in the form that was asked for."""
