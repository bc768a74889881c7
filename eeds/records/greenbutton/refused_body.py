"""What nothing is stored of: parts of a Green Button body, or all of it."""

from collections.abc import Sequence
from typing import NamedTuple

from eeds.errors import EedsError
from eeds.records.refused_rows import Refusals


class Skipped(NamedTuple):
    """Something in a file that nothing is stored of, and why; `readings` is how many it has."""

    file: str | None
    line: int
    what: str
    reason: str
    readings: int = 0


class BodyRefused(EedsError):
    """Nothing of a body was stored."""

    def __init__(self, message: str, refused: Refusals, skipped: Sequence[Skipped] = ()) -> None:
        super().__init__(message)
        self.refused = refused
        self.skipped = skipped
