"""Bodies unpacked: whole, bounded, and refused where they are not what they say."""

import gzip
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.errors import BodyTooLarge, MalformedBody
from eeds.formats.spool import spool

LIMIT = 10 * 2**20


def zstd(data: bytes) -> bytes:
    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "zstd") as stream:
        stream.write(data)
    return packed.getvalue().to_pybytes()


def unpacked(body: bytes, encoding: str, limit: int = LIMIT) -> bytes:
    with spool(io.BytesIO(body), encoding, limit) as file:
        return file.read()


@given(st.lists(st.binary(max_size=2000), max_size=4))
def test_every_encoding_gives_back_what_was_packed(members: list[bytes]) -> None:
    whole = b"".join(members)
    assert unpacked(whole, "") == unpacked(whole, "identity") == whole
    assert unpacked(b"".join(map(gzip.compress, members)) or gzip.compress(b""), "GZIP ") == whole
    assert unpacked(zstd(whole), "zstd") == whole


def test_more_than_a_chunk() -> None:
    data = bytes(range(256)) * 20_000
    assert unpacked(gzip.compress(data), "gzip") == unpacked(zstd(data), "zstd") == data


@pytest.mark.parametrize(
    ("body", "encoding", "message"),
    [
        (gzip.compress(b"x" * 1000, mtime=0)[:-4], "gzip", "cut short"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-12], "gzip", "cut short"),
        (b"", "gzip", "cut short"),
        (b"not gzip", "gzip", "is not gzip"),
        (gzip.compress(b"x", mtime=0) + b"garbage", "gzip", "is not gzip"),
        (zstd(b"x" * 1000)[:-4], "zstd", "zstd"),
        (b"not zstd", "zstd", "zstd"),
        (b"x", "br", 'Content-Encoding "br" is not known; there are: identity, gzip'),
    ],
)
def test_what_cannot_be_unpacked(body: bytes, encoding: str, message: str) -> None:
    with pytest.raises(MalformedBody, match=message):
        unpacked(body, encoding)


def test_bombs_stop_at_the_limit() -> None:
    bomb = bytes(200 * 2**20)
    for packed, encoding in ((gzip.compress(bomb), "gzip"), (zstd(bomb), "zstd"), (bomb, "")):
        with pytest.raises(BodyTooLarge, match="more than 1 MB"):
            spool(io.BytesIO(packed), encoding, 2**20)
