"""Bearer tokens: how they are made, stored and verified."""

import hashlib
import hmac
import secrets
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ProjectOwner, Token, User

PREFIX_LENGTH = 12
# A program that asks for a token whenever it starts fills no table with them.
CLIENT_TOKENS = 100
LAST_USED_RESOLUTION = timedelta(minutes=1)
IS_VALID = Token.revoked.is_(None) & or_(Token.expires.is_(None), Token.expires > func.now())


def new_token() -> str:
    """160 random bits, and a checksum by which scanners for leaked secrets recognise one of ours."""
    body = secrets.token_hex(20)
    return f"eeds_{body}{zlib.crc32(body.encode()):08x}"


def digest(secret_key: str, token: str) -> bytes:
    """The HMAC that is stored of a token or secret: it verifies one, but cannot be turned back into it."""
    return hmac.new(secret_key.encode(), token.encode(), hashlib.sha256).digest()


def store_token(
    session: Session,
    secret_key: str,
    user: User,
    token: str,
    scopes: Sequence[str],
    expires: datetime | None,
    client_id: int | None = None,
    name: str | None = None,
) -> None:
    """Let `token` act for `user` until `expires` (None: for ever), or for its OAuth2 client until that has had
    CLIENT_TOKENS others; storing it again changes nothing."""
    stored = {"prefix": token[:PREFIX_LENGTH], "digest": digest(secret_key, token)}
    about = {"client_id": client_id, "name": name, "scopes": list(scopes), "expires": expires}
    values = insert(Token).values(user_id=user.id, **about, **stored)
    session.execute(values.on_conflict_do_nothing())
    if client_id is not None:
        parameters = {"client_id": client_id, "kept": CLIENT_TOKENS}
        psycopg_connection(session).execute(query("accounts/limit_client_tokens"), parameters)


def authenticate(session: Session, secret_key: str, token: str) -> Principal | None:
    """The principal that the token belongs to; None if it is unknown, expired or revoked, or its
    user disabled. Updates its `last_used`."""
    proof = digest(secret_key, token)
    candidates = session.execute(
        select(Token.id, Token.digest, Token.scopes, Token.last_used, User.id, User.is_admin, ProjectOwner.id)
        .join(User, User.id == Token.user_id)
        .join(ProjectOwner, ProjectOwner.user_id == User.id)
        .where(Token.prefix == token[:PREFIX_LENGTH], IS_VALID, User.disabled.is_(None))
    )
    for token_id, stored, scopes, last_used, user_id, is_admin, owner_id in candidates:
        if hmac.compare_digest(stored, proof):
            now = datetime.now(UTC)
            if last_used is None or now - last_used > LAST_USED_RESOLUTION:  # not a write for every request
                session.execute(update(Token).where(Token.id == token_id).values(last_used=now))
            return Principal(user_id, owner_id, is_admin, frozenset(scopes), token_id)
    return None
