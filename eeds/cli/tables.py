"""Tables on the terminal: columns below one another, fuels in words."""

from collections.abc import Iterator, Sequence

MISSING = "–"


def aligned(rows: Sequence[Sequence[str]], texts: int) -> Iterator[str]:
    """The rows as lines: numbers to the right, the first `texts` columns, and those without a heading, to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    is_text = [place < texts or not heading for place, heading in enumerate(rows[0])]
    for row in rows:
        cells = (
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(row, widths, is_text, strict=True)
        )
        yield "  ".join(cells).rstrip()


def fuel_name(interpretation: str) -> str:
    """electricity consumption supplied"""
    return interpretation.replace("_", " ").lower()
