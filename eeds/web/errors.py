"""Exceptions into answers: {"detail": ...}, {"field": [...]}; the one place that decides the status of an error."""

import errno
import logging
import tempfile
from collections.abc import Callable
from typing import Any

import psycopg
from flask import Flask, Response, request
from psycopg.errors import DiskFull, ForeignKeyViolation, LockNotAvailable, UniqueViolation
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from eeds.errors import BodyTooLarge, Busy, Conflict, EedsError, Forbidden, Gone, Invalid, NotFound
from eeds.formats.messages import INVALID_TEXT, invalid_pk
from eeds.web.context import session
from eeds.web.responses import answer

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
DISK_FULL = "The database's disk is full"
# The original named these two for their model; every other unique field has the general message.
UNIQUE_MESSAGES = {
    "projects_project_id_key": "project with this project id already exists.",
    "project_attribute_keys_name_key": "project attribute key with this name already exists.",
}
DETAILS = {
    401: "Authentication credentials were not provided.",
    403: "You do not have permission to perform this action.",
    404: "Not found.",
    406: "Could not satisfy the request Accept header.",
    413: "The request body is too large.",
}


def detail(text: str, status: int) -> Response:
    """The shape of every error that is not about a field."""
    return answer({"detail": text}, status)


def http_error(error: HTTPException) -> Response:
    """What Flask, werkzeug and our own HTTP errors become."""
    status = error.code or 500
    if status == 405:
        response = detail(f'Method "{request.method}" not allowed.', 405)
    else:
        response = detail(DETAILS.get(status) or error.description or error.name, status)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"'
    for name, value in error.get_headers(request.environ):
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def integrity_error(error: IntegrityError) -> Response:
    """A constraint refused the row: named by its field, as TABLE_FIELD_key says it."""
    diagnostics: Any = getattr(error.orig, "diag", None)  # None where Postgres does not say
    names = ("table_name", "column_name", "constraint_name")
    table, column, constraint = (getattr(diagnostics, name, None) or "" for name in names)
    field = constraint.removeprefix(f"{table}_").removesuffix("_key").removesuffix("_fkey") or column
    if isinstance(error.orig, UniqueViolation):
        message = UNIQUE_MESSAGES.get(constraint, "This field must be unique.")
    elif isinstance(error.orig, ForeignKeyViolation):
        message = invalid_pk(getattr(error.params, "get", lambda _: "")(field))
    else:
        message = "This value is not valid here."
    return answer({field.removesuffix("_id") if field != "project_id" else field: [message]}, 400)


def data_error(error: DataError | psycopg.DataError) -> Response:
    """A value that Postgres cannot store has passed the schemas: a client's error, logged because of our gap."""
    cause = getattr(error, "orig", error)
    log.warning("a value was refused by the database: SQLSTATE %s", getattr(cause, "sqlstate", None))
    return answer({"non_field_errors": ["A value is out of range."]}, 400)


def text_error(error: UnicodeEncodeError) -> Response:
    """A text that nobody can store or send has passed them: the same."""
    log.warning("text refused: %s", error.reason)
    return answer({"non_field_errors": [INVALID_TEXT]}, 400)


def database_away(error: OperationalError | InterfaceError | psycopg.OperationalError) -> Response:
    """The database does not answer, or its disk is full: nothing was stored, try again."""
    log.error("database: %s", getattr(error, "orig", error))
    if isinstance(error, psycopg.OperationalError):
        session().invalidate()  # SQLAlchemy does not know, and would give the broken connection to the next request
    cause = getattr(error, "orig", error)
    if getattr(cause, "sqlstate", None) == DiskFull.sqlstate:
        return try_again_later(f"{DISK_FULL}; nothing was stored. Try again when there is room.", 507)
    if isinstance(cause, LockNotAvailable):
        return try_again_later("Somebody else is changing what this needs; try again.")
    return try_again_later("The database is not available right now; try again.")


def try_again_later(text: str, status: int = 503) -> Response:
    """Nothing was stored, and it may go well in a moment."""
    response = detail(text, status)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def disk_error(error: OSError) -> Response:
    """No room for what has to be kept meanwhile; raises what is not that."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        raise error
    log.error("disk: %s in %s", error, tempfile.gettempdir())
    return detail("The server's disk is full: the body has no room. Nothing was stored.", 507)


# The status and body of each error; eeds.portal.errors makes pages of them.
HANDLERS: dict[type[Exception], Callable[[Any], Response]] = {
    HTTPException: http_error,
    Invalid: lambda error: answer(error.messages, 400),
    NotFound: lambda error: detail(DETAILS[404], 404),
    Forbidden: lambda error: detail(DETAILS[403], 403),
    Conflict: lambda error: detail(str(error), 409),
    Gone: lambda error: detail(str(error), 410),
    Busy: lambda error: try_again_later(str(error)),
    EedsError: lambda error: detail(str(error), 400),
    BodyTooLarge: lambda error: detail(str(error), 413),
    IntegrityError: integrity_error,
    DataError: data_error,
    psycopg.DataError: data_error,
    UnicodeEncodeError: text_error,
    OperationalError: database_away,
    InterfaceError: database_away,
    psycopg.OperationalError: database_away,  # of bulk loads, which use psycopg directly
    OSError: disk_error,
}


def register(app: Flask) -> None:
    """Let the app answer every error in the API's shapes."""
    for exception, handler in HANDLERS.items():
        app.register_error_handler(exception, handler)
