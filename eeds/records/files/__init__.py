"""Files of readings as utilities and people make them: recognised, read, and loaded."""
