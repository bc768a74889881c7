"""When a request has arrived: however it is cut into pieces, with its last byte, and with nothing of what follows."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.web.serving.arrival import Arrival

HEAD = b"POST /a/b?c=d HTTP/1.1\r\nHost: x\r\n"
BODIES = st.lists(st.binary(min_size=1, max_size=40), max_size=5)
CUTS = st.lists(st.integers(0, 400), max_size=8)


def plain(pieces: Sequence[bytes]) -> bytes:
    """A request with the length of its body."""
    body = b"".join(pieces)
    return HEAD + b"content-length:  %d \r\n\r\n" % len(body) + body


def chunked(pieces: Sequence[bytes]) -> bytes:
    """A request with its body in chunks, one with an extension, and a trailer."""
    chunks = b"".join(b"%X;a=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return HEAD + b"Transfer-Encoding: Chunked\r\n\r\n" + chunks + b"0\r\nX-Sum: 1\r\n\r\n"


@pytest.mark.parametrize("request_of", [plain, chunked])
@given(pieces=BODIES, cuts=CUTS)
def test_it_has_arrived_with_its_last_byte(request_of: type, pieces: list[bytes], cuts: list[int]) -> None:
    data = request_of(pieces)
    arrival = Arrival()
    ends = sorted({cut for cut in cuts if cut < len(data) - 1} | {len(data) - 1, len(data)})
    for start, end in zip([0, *ends], ends, strict=False):
        assert not arrival.is_whole
        arrival.add(data[start:end])
    assert arrival.is_whole
    assert (arrival.path, arrival.field(b"host")) == (b"/a/b", b"x")


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"\r\n",
        HEAD + b"Content-Length: many\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 2\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 10_000,
        b"\r\n\r\n",
    ],
)
def test_what_is_malformed_or_has_no_body_is_read_at_once(data: bytes) -> None:
    arrival = Arrival()
    arrival.add(data)
    assert arrival.is_whole


def test_a_client_that_waits_to_be_told() -> None:
    arrival = Arrival()
    arrival.add(HEAD + b"Expect: 100-Continue\r\nContent-Length: 9\r\n\r\n")
    assert arrival.expects_continue
    assert not arrival.is_whole
