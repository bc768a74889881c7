"""The ids of weather stations: USAF or GHCN ids, or an uploader's own."""

import re
from typing import Any

from eeds.formats.messages import BLANK

STATION = r"^[A-Za-z0-9_.-]{1,32}\Z"


def read_station(sent: Any) -> str:
    """The id of a station; raises ValueError with what is wrong with it."""
    text = str(sent).strip() if isinstance(sent, str | int) and not isinstance(sent, bool) else ""
    if not text:
        raise ValueError(BLANK)
    if not re.match(STATION, text):
        raise ValueError("A station id has at most 32 letters, digits, dots, hyphens and underscores.")
    return text
