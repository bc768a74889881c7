"""`Idempotency-Key`: a POST that is sent again, because its answer was lost, is not done again but answered again.

The first answer is kept with the key, in the transaction that did the work, and replayed for a day to whoever sent it.
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
    """The body of a request on its way to whoever reads it, and a digest of what has been read of it."""

    def __init__(self, body: Any) -> None:
        self.body = body
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """As any file."""
        return self.seen(self.body.read(size))

    def readline(self, size: int = -1) -> bytes:
        """As any file."""
        return self.seen(self.body.readline(size))

    def seen(self, data: bytes) -> bytes:
        """Digest it."""
        self.digest.update(data)
        return data


def watch_body() -> None:
    """Before anything reads the body of a request with a key: have it digested."""
    if request.method == "POST" and HEADER in request.headers:
        g.digested = request.environ["wsgi.input"] = DigestedInput(request.environ["wsgi.input"])


def once(view: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """The answer of the view, or the one that it gave to the same request before. Raises Invalid for a bad key, and
    UnprocessableEntity for one that came with another request."""
    if "digested" not in g or "principal" not in g:
        return view()
    key = request.headers[HEADER]
    if not 0 < len(key) <= MAX_LENGTH or not key.isprintable():
        raise Invalid({HEADER: [f"Give 1 to {MAX_LENGTH} printable characters."]})
    mine = (IdempotencyKey.user_id == principal().user_id) & (IdempotencyKey.key == key)
    # a twin of this request that is being done at this moment: wait for its answer
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
    """Keep the answer with the key. One that is not JSON, which the refused rows of a load are, is not kept."""
    if response.mimetype != JSON or response.is_streamed:
        return
    values = {
        "request_hash": request_hash(),
        "status": response.status_code,
        "body": response.get_data(),
        "added": func.now(),
    }
    kept = insert(IdempotencyKey).values(user_id=principal().user_id, key=key, **values)
    # one that was there is more than a day old
    session().execute(kept.on_conflict_do_update(index_elements=["user_id", "key"], set_=values))


def request_hash() -> bytes:
    """Of everything that makes the request what it is."""
    while request.stream.read(CHUNK):  # what the view did not read
        pass
    digest = g.digested.digest.copy()
    digest.update(f"{request.method} {request.full_path} {request.content_type}".encode())
    found: bytes = digest.digest()
    return found
