"""What a bomb is, and what bodies are made of."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass

from eeds.formats.media_types import JSON

MB = 2**20


@dataclass(frozen=True)
class Bomb:
    """A request: where it goes, and its body, made when it is wanted, with its type and packing."""

    name: str
    path: str
    body: Callable[[], bytes]
    media_type: str = JSON
    encoding: str = "identity"
    query: str = ""


def repeated(part: bytes, size: int, begin: bytes = b"", end: bytes = b"") -> bytes:
    """The part as often as it goes into the size, between a beginning and an end."""
    return begin + part * (size // len(part)) + end


def packed(body: bytes) -> bytes:
    """The body by gzip, reproducible."""
    return gzip.compress(body, mtime=0)
