"""Bodies of bulk loads that are packed in a wrong or unusual way: the exact answer, whatever the format inside."""

import gzip
from collections.abc import Callable

import pytest

from tests.api.bulk.cells import Absent, Cell, Failed, Stored, good, left, told, told_partly
from tests.api.bulk.conftest import LIMIT_MB, Bulk
from tests.api.bulk.formats import FORMATS, PACKINGS, zstd

Pack = Callable[[bytes], bytes]

BOMB = b" " * (LIMIT_MB * 2**20)
CUT_GZIP = Failed("The gzip body ends before its end: it was cut short.")
NO_GZIP = Failed("The body is not gzip: Error -3 while decompressing data: incorrect header check.")
BAD_SUM = Failed("The body is not gzip: Error -3 while decompressing data: incorrect data check.")
CUT_ZSTD = Failed("The body is not zstd, or was cut short: Truncated compressed stream.")
NO_ZSTD = Failed("The body is not zstd, or was cut short: ZSTD decompress failed: Unknown frame descriptor.")
TOO_LARGE = Failed(f"The body has more than {LIMIT_MB} MB; send it in parts.", 413)
NOT_PACKED = Absent("nothing is packed; what is inside has tables of its own")


def unknown(encoding: str) -> Failed:
    return Failed(f'Content-Encoding "{encoding}" is not known; there are: identity, gzip, x-gzip, zstd.')


def in_two(pack: Pack) -> Pack:
    """Packed in two parts, one behind the other."""
    return lambda body: pack(body[:50]) + pack(body[50:])


def damaged(body: bytes) -> bytes:
    """One bit of the checksum at the end of gzip is another."""
    packed = gzip.compress(body)
    return packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:]


# By fault and Content-Encoding: how the body is packed, and what becomes of it.
FAULTS: dict[str, dict[str, tuple[Pack, Cell]]] = {
    "larger than the limit": {
        "identity": (lambda body: body + BOMB, Failed("The request body is too large.", 413)),
        "gzip": (lambda body: gzip.compress(body + BOMB), TOO_LARGE),
        "zstd": (lambda body: zstd(body + BOMB), TOO_LARGE),
    },
    "cut short": {
        "identity": (bytes, NOT_PACKED),
        "gzip": (lambda body: gzip.compress(body)[:-20], CUT_GZIP),
        "zstd": (lambda body: zstd(body)[:-20], CUT_ZSTD),
    },
    "cut short by a byte": {
        "identity": (bytes, NOT_PACKED),
        "gzip": (lambda body: gzip.compress(body)[:-1], CUT_GZIP),
        "zstd": (lambda body: zstd(body)[:-1], CUT_ZSTD),
    },
    "in two parts": {
        "identity": (bytes, NOT_PACKED),
        "gzip": (in_two(gzip.compress), Stored()),
        "zstd": (in_two(zstd), Stored()),
    },
    "the second part cut short": {
        "identity": (bytes, NOT_PACKED),
        "gzip": (lambda body: in_two(gzip.compress)(body)[:-1], CUT_GZIP),
        "zstd": (lambda body: in_two(zstd)(body)[:-1], CUT_ZSTD),
    },
    "something behind it": {
        "identity": (bytes, NOT_PACKED),
        "gzip": (lambda body: gzip.compress(body) + b"more", NO_GZIP),
        "zstd": (lambda body: zstd(body) + b"more", NO_ZSTD),
    },
    "damaged": {
        "identity": (bytes, NOT_PACKED),
        "gzip": (damaged, BAD_SUM),
        "zstd": (bytes, Absent("a frame has a checksum only if its writer gave it one")),
    },
    "not packed": {
        "identity": (bytes, Stored()),
        "gzip": (bytes, NO_GZIP),
        "zstd": (bytes, NO_ZSTD),
    },
    "packed by another": {
        "identity": (bytes, NOT_PACKED),
        "gzip": (zstd, NO_GZIP),
        "zstd": (gzip.compress, NO_ZSTD),
    },
    "packed by one that is not known": {
        "br": (bytes, unknown("br")),
        "gzip, gzip": (lambda body: gzip.compress(gzip.compress(body)), unknown("gzip, gzip")),
        **dict.fromkeys(PACKINGS, (bytes, Absent("this one is known"))),
    },
    "another name for it": {
        "IDENTITY": (bytes, Stored()),
        "": (bytes, Stored()),
        "GZip": (gzip.compress, Stored()),
        "x-gzip": (gzip.compress, Stored()),
        **dict.fromkeys(PACKINGS, (bytes, Absent("this is the name"))),
    },
}
CASES = [
    (fault, encoding, format)
    for fault, packings in FAULTS.items()
    for encoding, (_, cell) in packings.items()
    if not isinstance(cell, Absent)
    for format in FORMATS
]


def test_every_fault_is_told_in_every_packing() -> None:
    assert [fault for fault, packings in FAULTS.items() if not packings.keys() >= PACKINGS.keys()] == []


@pytest.mark.parametrize(("fault", "encoding", "format"), CASES)
def test_answers(bulk: Bulk, fault: str, encoding: str, format: str) -> None:
    pack, cell = FAULTS[fault][encoding]
    body = pack(FORMATS[format].write(good(format)))
    first = bulk.send(body, FORMATS[format].media_type, encoding)
    assert (first.status_code, first.json) == told(cell)
    partly = bulk.send(body, FORMATS[format].media_type, encoding, "?mode=partial")
    assert (partly.status_code, partly.json) == told_partly(cell)
    assert bulk.values() == left(cell)
