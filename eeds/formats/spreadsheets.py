"""The guard of CSV files against formulas: a text that begins like one is run when a spreadsheet opens the file."""

from contextlib import suppress

# Spreadsheets drop an apostrophe in front of a cell, and leave the text behind it alone.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def without_formula(text: str, *, may_be_number: bool = False) -> str:
    """The text as a cell that no spreadsheet runs; -5 is left alone where the column may hold numbers."""
    if may_be_number:
        with suppress(ValueError):
            float(text)
            return text
    return f"'{text}" if text.startswith(FORMULA) else text
