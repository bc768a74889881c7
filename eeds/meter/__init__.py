"""The meter: frames in, a result out; the same answer for the same input, always. Nothing here knows of a database."""
