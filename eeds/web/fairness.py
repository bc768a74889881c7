"""Batches and uploads of one owner take turns, so that the others' requests find a process and a database that answer.

A place is an advisory lock of Postgres, in a transaction of its own: all web processes share it, and it is free again
when the request ends, however that does, for then the transaction ends too.
"""

from flask import g, request
from sqlalchemy import Connection, func, select
from werkzeug.exceptions import TooManyRequests

from eeds.web.context import database, principal, settings

# What ends the path of a request that may have to be worked on for long, unless its body is small: a hundred records.
HEAVY = ("/sync/", "/sync2/", "/upload/", "/greenbutton/")
LIGHT_BYTES = 8 * 1024
RETRY_AFTER_SECONDS = 5
BUSY = (
    "{} batches and uploads of this owner are being worked on, as many as are at a time. Send them one after the "
    "other, and this one again in {} seconds."
)


def take_place_if_heavy() -> None:
    """Before a request of the principal is worked on; raises TooManyRequests for a heavy one beside others."""
    if request.method == "POST" and request.path.endswith(HEAVY) and not is_light():
        take_place()


def is_light() -> bool:
    """Whether the body is small, and is no larger than it says."""
    size = request.content_length
    return size is not None and size <= LIGHT_BYTES and not request.headers.get("Content-Encoding")


def take_place() -> None:
    """Take one of the places of the principal's owner; raises TooManyRequests where all are taken."""
    places = settings().limits.heavy_requests
    connection = database().engine.connect()
    g.place = connection
    if not any(is_free(connection, place) for place in range(places)):
        give_place_back()
        raise TooManyRequests(BUSY.format(places, RETRY_AFTER_SECONDS), retry_after=RETRY_AFTER_SECONDS)


def is_free(connection: Connection, place: int) -> bool:
    """Take one of the owner's places, if nobody has it."""
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"heavy request {place}", principal().owner_id))
    return bool(connection.scalar(select(lock)))


def give_place_back(_: BaseException | None = None) -> None:
    """When the request ends."""
    connection: Connection | None = g.pop("place", None)
    if connection is not None:
        connection.close()
