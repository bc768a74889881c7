"""What is wrong with the columns of a table."""

from eeds.errors import EedsError


class UnfitColumns(EedsError):
    """A table has not the columns it should have; the message goes on behind the table's name."""
