"""How many rows a table may have that is held whole."""

from eeds.errors import BodyTooLarge


def require_at_most(max_rows: int, rows: int) -> None:
    """Raises BodyTooLarge for more rows than there may be."""
    if rows > max_rows:
        raise BodyTooLarge(f"The table has more than {max_rows:,} rows; send it in parts.")
