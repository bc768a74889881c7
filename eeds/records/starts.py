"""Many starts at once, as datetime64[s]: texts as nearly everybody writes them in a tenth of the time of objects."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

Starts = NDArray[np.datetime64]

# YYYY-MM-DDThh:mm:ss, and what may stand behind it: all of them say UTC, as a time without an offset does.
LENGTH = 19
MARKS = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":"}
TAILS = frozenset({b"", b"Z", b"+00:00", b".000Z"})
DIGITS = [place for place in range(LENGTH) if place not in MARKS]

Instants = list[Annotated[datetime, msgspec.Meta(tz=True)]]


def starts_of_texts(texts: Sequence[str]) -> Starts | None:
    """The instants that the texts name; None if one of them is not in whole seconds. Raises msgspec.ValidationError for
    what is no instant with an offset."""
    usual = usual_starts(texts)
    if usual is not None:
        return usual
    instants = msgspec.convert(texts, Instants)
    if any(time.microsecond for time in instants):
        return None
    return np.array([int(time.timestamp()) for time in instants], "datetime64[s]")


def usual_starts(texts: Sequence[str]) -> Starts | None:
    """The same of texts that are all written the usual way; None if one is not."""
    # Every text with a mark behind it that stands in none of them: they all have the length of the first if all have
    # the form of the first.
    octets = np.frombuffer("\n".join([*texts, ""]).encode("ascii", "replace"), np.uint8)
    width = len(texts[0]) + 1
    if width <= LENGTH or octets.size != width * len(texts):
        return None
    table = octets.reshape(-1, width)
    tail = table[0, LENGTH:-1].tobytes()
    if tail not in TAILS or not all_alike(table, tail):
        return None
    try:
        return np.ascontiguousarray(table[:, :LENGTH]).view(f"S{LENGTH}").ravel().astype("datetime64[s]")
    except ValueError:  # the 30th of February
        return None


def all_alike(table: NDArray[np.uint8], tail: bytes) -> bool:
    """Whether every row has digits, marks, and this tail where they belong."""
    marks = np.frombuffer("".join(MARKS.values()).encode() + tail + b"\n", np.uint8)
    places = [*MARKS, *range(LENGTH, table.shape[1])]
    # uint8: what comes before "0" becomes large
    return bool((table[:, places] == marks).all() and (table[:, DIGITS] - ord("0") < 10).all())
