"""Where temperatures may be fetched from. A source gives whole UTC years of a station, or says why it does not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eeds.errors import EedsError


@dataclass(frozen=True)
class FetchedYear:
    """A UTC year of a station as its source has it, and the file that it was read from."""

    temps: NDArray[np.float64]  # degF, an hour each, NaN = missing, gaps unfilled
    url: str
    etag: str | None
    sha256: str  # of the file's content


class NotAvailable(EedsError):
    """The source has no temperatures of that station in that year."""


class SourceDown(EedsError):
    """The source does not answer as it should; later it may."""


class BadFile(EedsError):
    """What the source sent is not what it should be."""
