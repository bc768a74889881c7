"""Users, their tokens and what a token proves."""

import hashlib
import hmac
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eeds.db.tables import OAuthClient, ProjectOwner, Token, User
from eeds.errors import EedsError, NotFound

SCOPES = ("read", "write")
DEFAULT_LIFETIME = timedelta(days=90)
PREFIX_LENGTH = 12
LAST_USED_RESOLUTION = timedelta(minutes=1)
# Long rather than strange (NIST SP 800-63B); hashing more than the most would be work for those who want us to work.
PASSWORD_LENGTHS = (12, 1024)


@dataclass(frozen=True)
class Principal:
    """The user a request speaks for, and what it may do."""

    user_id: int
    owner_id: int
    is_admin: bool
    scopes: frozenset[str]
    token_id: int | None  # None for a person who has logged in

    @property
    def only_owner(self) -> int | None:
        """The project owner this principal is confined to; None for an admin, who sees all."""
        return None if self.is_admin else self.owner_id


def create_user(session: Session, name: str, password: str | None = None, *, is_admin: bool = False) -> User:
    """A new user with its project owner. The name must be free (IntegrityError)."""
    user = User(name=name, password_hash=PasswordHasher().hash(password) if password else None, is_admin=is_admin)
    session.add(user)
    session.flush()
    session.add(ProjectOwner(user_id=user.id))
    session.flush()
    return user


def set_password(user: User, password: str) -> None:
    """Give the user another password; what was logged in with the old one is logged out."""
    user.password_hash = PasswordHasher().hash(checked_password(password))


def checked_password(password: str) -> str:
    """The password; raises EedsError if it is too short or too long."""
    least, most = PASSWORD_LENGTHS
    if not least <= len(password) <= most:
        raise EedsError(f"A password must have {least} to {most:,} characters.")
    return password


def user_named(session: Session, name: str) -> User:
    """The user of that name; raises NotFound."""
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        raise NotFound(f"There is no user {name!r}.")
    return user


def user_with(session: Session, name: str, password: str) -> User | None:
    """The user of that name and password; None if there is none. A wrong name takes as long as a wrong password."""
    hasher = PasswordHasher()
    # nobody's name has a NUL, which Postgres would refuse
    user = None if "\0" in name else session.scalar(select(User).where(User.name == name))
    if user is None or user.password_hash is None:
        hasher.hash(password)  # as much work as a comparison
        return None
    try:
        hasher.verify(user.password_hash, password)
    except VerificationError:
        return None
    return user


def session_proof(secret_key: str, user: User) -> str:
    """What a login keeps, so that it ends when the user's password changes."""
    return digest(secret_key, f"login with {user.password_hash}").hex()


def logged_in(session: Session, secret_key: str, user_id: int, proof: str) -> Principal | None:
    """The user that a login speaks for; None if the user is gone or has another password by now."""
    found = session.execute(
        select(User, ProjectOwner.id).join(ProjectOwner, ProjectOwner.user_id == User.id).where(User.id == user_id)
    ).one_or_none()
    if found is None or not hmac.compare_digest(session_proof(secret_key, found[0]), proof):
        return None
    user, owner_id = found
    return Principal(user.id, owner_id, user.is_admin, frozenset(SCOPES), token_id=None)


def principal_of(session: Session, user_id: int) -> Principal:
    """A user, who is there, with the rights of one who has logged in: for what is done later and by others."""
    found = select(User.id, ProjectOwner.id, User.is_admin).join(ProjectOwner, ProjectOwner.user_id == User.id)
    id, owner_id, is_admin = session.execute(found.where(User.id == user_id)).one()
    return Principal(id, owner_id, is_admin, frozenset(SCOPES), token_id=None)


def new_token() -> str:
    """160 random bits, and a checksum by which scanners for leaked secrets know one of ours."""
    body = secrets.token_hex(20)
    return f"eeds_{body}{zlib.crc32(body.encode()):08x}"


def store_token(
    session: Session, secret_key: str, user: User, token: str, scopes: Sequence[str], expires: datetime | None
) -> None:
    """Let `token` speak for `user` until `expires` (None: for ever); storing it again changes nothing."""
    session.execute(
        insert(Token)
        .values(
            user_id=user.id,
            prefix=token[:PREFIX_LENGTH],
            digest=digest(secret_key, token),
            scopes=list(scopes),
            expires=expires,
        )
        .on_conflict_do_nothing()
    )


def create_token(
    session: Session, secret_key: str, user: User, scopes: Sequence[str] = SCOPES, expires: datetime | None = None
) -> str:
    """A new token of the user's, valid for 90 days unless told otherwise; only its HMAC is kept."""
    token = new_token()
    store_token(session, secret_key, user, token, scopes, expires or datetime.now(UTC) + DEFAULT_LIFETIME)
    return token


def create_client(session: Session, secret_key: str, user: User, scopes: Sequence[str] = SCOPES) -> tuple[str, str]:
    """Id and secret of a new OAuth2 client that answers for the user; only the secret's HMAC is kept."""
    client_id, secret = secrets.token_hex(16), new_token()
    session.add(
        OAuthClient(user_id=user.id, client_id=client_id, digest=digest(secret_key, secret), scopes=list(scopes))
    )
    session.flush()
    return client_id, secret


def authenticate(session: Session, secret_key: str, token: str) -> Principal | None:
    """Whom the token speaks for; None if it is unknown, expired or revoked."""
    proof = digest(secret_key, token)
    candidates = session.execute(
        select(Token.id, Token.digest, Token.scopes, Token.last_used, User.id, User.is_admin, ProjectOwner.id)
        .join(User, User.id == Token.user_id)
        .join(ProjectOwner, ProjectOwner.user_id == User.id)
        .where(
            Token.prefix == token[:PREFIX_LENGTH],
            Token.revoked.is_(None),
            or_(Token.expires.is_(None), Token.expires > func.now()),
        )
    )
    for token_id, stored, scopes, last_used, user_id, is_admin, owner_id in candidates:
        if hmac.compare_digest(stored, proof):
            _mark_used(session, token_id, last_used)
            return Principal(user_id, owner_id, is_admin, frozenset(scopes), token_id)
    return None


def digest(secret_key: str, token: str) -> bytes:
    """What is kept of a token or secret: enough to know it again, too little to make it."""
    return hmac.new(secret_key.encode(), token.encode(), hashlib.sha256).digest()


def _mark_used(session: Session, token_id: int, last_used: datetime | None) -> None:
    """Remember the use, but not write a row for every request."""
    now = datetime.now(UTC)
    if last_used is None or now - last_used > LAST_USED_RESOLUTION:
        session.execute(update(Token).where(Token.id == token_id).values(last_used=now))
