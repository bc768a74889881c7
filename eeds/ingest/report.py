"""What became of a bulk load: counts when it was stored, reasons when it was not."""

import reprlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eeds.errors import EedsError

LISTED = 100
SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class Counts:
    """Records by what they changed; together they are what was sent."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0  # sent again in the same body; the last one won

    def report(self) -> dict[str, Any]:
        """The answer to a load that was stored."""
        return {"status": "success", **asdict(self)}


@dataclass(frozen=True)
class Refusal:
    """Why one record cannot be stored: its place in the body, and the field at fault (None: the record as a whole)."""

    index: int
    field: str | None
    value: Any
    message: str

    def report(self) -> dict[str, Any]:
        """As the API lists it."""
        return {"index": self.index, "field": self.field, "value": shown(self.value), "message": self.message}


def shown(value: Any) -> Any:
    """A refused value so that it can be sent and read: long texts are cut, lists and objects become a short text."""
    if isinstance(value, bool | int | float | None):
        return value
    if not isinstance(value, str):
        return reprlib.repr(value)
    text = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "..."
    return text.encode(errors="replace").decode()  # an unpaired surrogate cannot be sent


class Refused(EedsError):
    """Some records cannot be stored, so none was."""

    def __init__(self, refusals: Sequence[Refusal], sent: int) -> None:
        self.refusals = refusals
        self.refused = len({refusal.index for refusal in refusals})
        self.sent = sent
        super().__init__(f"{self.refused} of {sent} records refused, none stored")

    def report(self) -> dict[str, Any]:
        """The answer: the count is exact, the first so many reasons are listed."""
        errors = [refusal.report() for refusal in self.refusals[:LISTED]]
        return {"status": "error", "message": str(self), "errors": errors}


class MalformedBody(EedsError):
    """The body is not what its media type says."""
