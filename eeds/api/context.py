"""What one request has at hand: the settings, its unit of work, the principal."""

from typing import cast

from flask import current_app, g
from sqlalchemy.orm import Session

from eeds.auth import Principal
from eeds.config import Settings
from eeds.db import Database


def settings() -> Settings:
    """The settings of this app."""
    return cast(Settings, current_app.extensions["eeds.settings"])


def database() -> Database:
    """The database of this app."""
    return cast(Database, current_app.extensions["eeds.database"])


def session() -> Session:
    """The request's unit of work; see EedsFlask for when it commits."""
    if "session" not in g:
        g.session = Session(database().engine, expire_on_commit=False)
    return cast(Session, g.session)


def principal() -> Principal:
    """Who is asking; only behind authentication."""
    return cast(Principal, g.principal)
