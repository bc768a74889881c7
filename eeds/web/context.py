"""What one request has at hand: the settings, its unit of work, the principal."""

import re
from typing import Any, cast
from uuid import uuid4

from flask import Response, current_app, g, request
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.web.limiter import Limiter

PLAIN_WORD = re.compile(r"[\w.-]{1,64}", re.ASCII)


def settings() -> Settings:
    """The settings of this app."""
    return cast(Settings, current_app.extensions["eeds.settings"])


def database() -> Database:
    """The database of this app."""
    return cast(Database, current_app.extensions["eeds.database"])


def limiter() -> Limiter:
    """The counter of this app's requests."""
    return cast(Limiter, current_app.extensions["eeds.web.limiter"])


def session() -> Session:
    """The request's unit of work; see EedsFlask for when it commits."""
    if "session" not in g:
        g.session = new_session(is_load=request.environ.get("eeds.is_load", False))
    return cast(Session, g.session)


def new_session(*, is_load: bool) -> Session:
    """A unit of work; one of a load waits for its turn."""
    session = Session(database().engine, expire_on_commit=False)
    if is_load:
        event.listen(session, "after_begin", wait_for_turn)
    return session


def wait_for_turn(_: Session, __: Any, connection: Connection) -> None:
    """Let a load wait for locks as long as its statements may take: loads of the same traces take turns."""
    connection.execute(text("SELECT set_config('lock_timeout', current_setting('statement_timeout'), true)"))


def keep_session_for(response: Response) -> None:
    """Close the unit of work only when the response is sent, which reads from it after the request has ended."""
    g.streams = True
    response.call_on_close(session().close)


def close_session(_: BaseException | None) -> None:
    """End the unit of work when the request ends; what was not committed is undone."""
    if "session" in g and not g.pop("streams", False):
        g.pop("session").close()


def request_id() -> str:
    """The id of this request in logs: the client's X-Request-ID if it is a plain word, else a new one."""
    if "request_id" not in g:
        sent = request.headers.get("X-Request-ID", "")
        g.request_id = sent if PLAIN_WORD.fullmatch(sent) else uuid4().hex
    return cast(str, g.request_id)


def principal() -> Principal:
    """The caller; only after authentication."""
    return cast(Principal, g.principal)


def may_read() -> bool:
    """Whether the caller may see what is stored."""
    return "read" in principal().scopes
