"""Columns of ids that went through a spreadsheet, which takes them for numbers."""

import re
from collections.abc import Sequence

from eeds.formats.messages import shown

# A number of a spreadsheet has 53 binary digits; from here on, several ids become the same number.
EXACT = 2**53
WITH_FRACTION = re.compile(r"(-?\d+)\.0+", re.ASCII)
# With a point or a sign: 12E3 may well be the name of a meter.
SCIENTIFIC = re.compile(r"-?(?:\d+[.,]\d+[eE][+-]?|\d+[eE]\+)\d+", re.ASCII)


def whole_number_ids(texts: Sequence[str]) -> tuple[list[str], dict[int, str]]:
    """The ids, and a message for each that cannot be known, by position.

    94103.0 is 94103. 1.0443E+16 is refused: a spreadsheet has rounded it. Digits alone are left as they are, as are
    texts of any other kind.
    """
    ids = [cleaned(text) for text in texts]
    refused = {place: digits_lost(text) for place, text in enumerate(texts) if ids[place] is None}
    return ["" if found is None else found for found in ids], refused


def cleaned(text: str) -> str | None:
    """The id as it was before a spreadsheet had it; None if that cannot be known."""
    if SCIENTIFIC.fullmatch(text):
        return None
    number = WITH_FRACTION.fullmatch(text)
    if number is None:
        return text
    return number[1] if len(number[1]) < 17 and abs(int(number[1])) < EXACT else None


def digits_lost(text: str) -> str:
    """What to say of an id that was rounded."""
    return (
        f"{shown(text)} is an id that a spreadsheet made a number and rounded: its last digits are lost. Format the "
        "column as text, enter or import the ids again, and save the file."
    )
