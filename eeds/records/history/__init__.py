"""What loads have changed of the readings: written by every load, read to have them as they were, and to undo one."""
