"""`Idempotency-Key`: a POST sent again, because its answer was lost, gets the first answer and is not done twice.

The first answer is stored with the key, in the transaction that did the work, and replayed for a day to the same user.
A request that raised an error did nothing, and may be tried again with the same key.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from werkzeug.exceptions import UnprocessableEntity

from eeds.db.tables import IdempotencyKey
from eeds.errors import Invalid
from eeds.formats.media_types import JSON
from eeds.web.context import principal, session

HEADER = "Idempotency-Key"
MAX_LENGTH = 255
LIFETIME = timedelta(days=1)
CHUNK = 256 * 1024


class DigestedInput:
    """The stream of a request's body, which digests what is read from it."""

    def __init__(self, body: Any) -> None:
        self.body = body
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes of the body, at most `size`."""
        data: bytes = self.body.read(size)
        self.digest.update(data)
        return data

    def readline(self, size: int = -1) -> bytes:
        """The next line of the body, at most `size` bytes of it."""
        data: bytes = self.body.readline(size)
        self.digest.update(data)
        return data


def watch_body() -> None:
    """Before anything reads the body of a request with a key: start digesting it."""
    if request.method == "POST" and HEADER in request.headers:
        g.digested = request.environ["wsgi.input"] = DigestedInput(request.environ["wsgi.input"])


def once(view: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """The answer of the view, or the stored one of the same request.

    Raises Invalid for a malformed key, UnprocessableEntity for one that came with another request before.
    """
    if "digested" not in g or "principal" not in g:
        return view()
    key = request.headers[HEADER]
    if not 0 < len(key) <= MAX_LENGTH or not key.isprintable():
        raise Invalid({HEADER: [f"Give 1 to {MAX_LENGTH} printable characters."]})
    mine = (IdempotencyKey.user_id == principal().user_id) & (IdempotencyKey.key == key)
    # Wait for the same request if it is being processed at this moment.
    session().execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, principal().user_id))))
    stored = session().scalar(select(IdempotencyKey).where(mine, IdempotencyKey.added > func.now() - LIFETIME))
    if stored is None:
        response = current_app.make_response(view())
        keep(key, response)
        return response
    if stored.request_hash != request_hash():
        raise UnprocessableEntity(f'The {HEADER} "{key}" was sent with another request; take a new one for this.')
    return Response(stored.body, stored.status, mimetype=JSON)


def keep(key: str, response: Response) -> None:
    """Store the answer with the key, unless it is not JSON, as the refused rows of a bulk load."""
    if response.mimetype != JSON or response.is_streamed:
        return
    values = {
        "request_hash": request_hash(),
        "status": response.status_code,
        "body": response.get_data(),
        "added": func.now(),
    }
    kept = insert(IdempotencyKey).values(user_id=principal().user_id, key=key, **values)
    # one that is stored already is more than a day old
    session().execute(kept.on_conflict_do_update(index_elements=["user_id", "key"], set_=values))


def request_hash() -> bytes:
    """A digest of method, path, query, content type and body."""
    while request.stream.read(CHUNK):  # the rest, which the view did not read
        pass
    digest = g.digested.digest.copy()
    digest.update(f"{request.method} {request.full_path} {request.content_type}".encode())
    return bytes(digest.digest())
