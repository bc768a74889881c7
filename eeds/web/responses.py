"""Answers out: JSON with UTC times and null for NaN and infinities, lists and files streamed."""

from collections.abc import Generator, Iterable
from itertools import chain
from typing import Any

from flask import Response, stream_with_context

from eeds.formats.format import JSON as JSON_FORMAT
from eeds.formats.format import File
from eeds.formats.json_array import encode, json_array
from eeds.formats.media_types import JSON
from eeds.web.context import keep_session_for

CHUNK_BYTES = 64 * 1024


def answer(value: Any, status: int = 200) -> Response:
    """`value` as JSON: datetimes as 2014-01-01T00:00:00Z, NaN and infinities as null."""
    return Response(encode(value), status, mimetype=JSON)


def no_content() -> Response:
    """The answer to a DELETE."""
    return Response(status=204)


def answer_list(items: Iterable[Any]) -> Response:
    """The items as a JSON array, sent while they are read, so that memory does not grow with their number."""
    return answer_stream(json_array([encode(item)] for item in items), JSON)


def answer_file(file: File) -> Response:
    """The file in the format that was negotiated, sent while it is written; browsers show JSON and save the others."""
    response = answer_stream(file.pieces, file.format.media_type)
    response.vary.add("Accept")
    if file.format is not JSON_FORMAT:
        response.headers["Content-Disposition"] = f'attachment; filename="{file.stem}.{file.format.suffix}"'
    return response


def answer_stream(pieces: Iterable[bytes], media_type: str) -> Response:
    """The pieces, some of them at a time, sent while they are made."""
    chunks = gathered(pieces)
    # The first chunk is made before the headers are sent: what goes wrong with the query still gets its status.
    first = next(chunks)
    response = Response(stream_with_context(chain([first], chunks)), mimetype=media_type)
    # A client that leaves early, or wants no more than the head, leaves the statement open.
    response.call_on_close(chunks.close)
    keep_session_for(response)
    return response


def gathered(pieces: Iterable[bytes]) -> Generator[bytes]:
    """The same bytes in chunks of at least CHUNK_BYTES, but for the last."""
    chunk = bytearray()
    for piece in pieces:
        chunk += piece
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    if chunk:
        yield bytes(chunk)
