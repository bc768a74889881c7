"""The guard of CSV files against formulas: a text that begins like one is run when a spreadsheet opens the file."""

import re
from contextlib import suppress

# Spreadsheets drop an apostrophe in front of a cell, and leave the text behind it alone. Each line of a text has one,
# for programs that take it for a row of its own.
LINE_START = re.compile(r"(?:^|(?<=[\r\n]))(?=[=+\-@\t\r])")
GUARD = re.compile(r"(?:^|(?<=[\r\n]))'(?=[=+\-@\t\r])")


def without_formula(text: str, *, may_be_number: bool = False) -> str:
    """The text as a cell that no spreadsheet runs; -5 is left alone where the column may hold numbers."""
    if may_be_number:
        with suppress(ValueError):
            float(text)
            return text
    return LINE_START.sub("'", text)


def unguarded(text: str) -> str:
    """A text as it was before `without_formula`, which is how spreadsheets show it."""
    return GUARD.sub("", text)
