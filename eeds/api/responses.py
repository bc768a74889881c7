"""Answers out: JSON with UTC times and null for what is not a number, lists streamed."""

from collections.abc import Generator, Iterable
from itertools import chain
from typing import Any

import msgspec
from flask import Response, stream_with_context

from eeds.api.context import keep_session_for

encoder = msgspec.json.Encoder()
CHUNK_BYTES = 64 * 1024


def answer(value: Any, status: int = 200) -> Response:
    """`value` as JSON: datetimes as 2014-01-01T00:00:00Z, NaN and infinities as null."""
    return Response(encoder.encode(value), status, mimetype="application/json")


def no_content() -> Response:
    """What a DELETE answers."""
    return Response(status=204)


def answer_list(items: Iterable[Any]) -> Response:
    """The items as a JSON array, sent while they are read, so that memory does not grow with their number."""
    chunks = json_chunks(items)
    # The first chunk is made before the headers are sent: what goes wrong with the query still gets its status.
    first = next(chunks)
    response = Response(stream_with_context(chain([first], chunks)), mimetype="application/json")
    # A client that leaves early, or wants no more than the head, leaves the statement open.
    response.call_on_close(chunks.close)
    keep_session_for(response)
    return response


def json_chunks(items: Iterable[Any]) -> Generator[bytes]:
    """A JSON array of the items, in pieces of about CHUNK_BYTES."""
    buffer = bytearray(b"[")
    for number, item in enumerate(items):
        if number:
            buffer += b","
        encoder.encode_into(item, buffer, -1)
        if len(buffer) >= CHUNK_BYTES:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer + b"]")
