"""First contents of a database: a demo user with a sample project for development, an admin for production."""

import secrets

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.auth import SCOPES, create_token, create_user, store_token
from eeds.config import Settings
from eeds.db import Database
from eeds.errors import ConfigurationError
from eeds.tables import User

DEV_USER, DEV_PASSWORD, DEV_TOKEN = "demo", "demo-password", "tokstr"
PROD_USER = "admin"


def seed_dev(database: Database, settings: Settings) -> bool:
    """User demo / demo-password with token `tokstr`, owner 1 and the sample project ABC; False if they are there.

    Raises ConfigurationError in production: everybody knows the token.
    """
    if settings.env == "production":
        raise ConfigurationError("The development seed is for development; EEDS_ENV is production.")
    with database.session() as session:
        if not is_empty(session):
            return False
        user = create_user(session, DEV_USER, DEV_PASSWORD, is_admin=True)
        store_token(session, settings.secret_key, user, DEV_TOKEN, SCOPES, expires=None)
    return True


def seed_prod(database: Database, settings: Settings) -> tuple[str, str]:
    """An admin user; returns its random password and token, which are stored nowhere else.

    Raises ConfigurationError if there are users already.
    """
    with database.session() as session:
        if not is_empty(session):
            raise ConfigurationError("There are users already; make more with: eeds user create NAME")
        password = secrets.token_urlsafe(16)
        user = create_user(session, PROD_USER, password, is_admin=True)
        return password, create_token(session, settings.secret_key, user)


def is_empty(session: Session) -> bool:
    """Whether nobody has been here yet."""
    return session.scalar(select(func.count()).select_from(User)) == 0
