"""Users, project owners, tokens, registries that may read summaries, and the requests that are not to be done twice."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, PrimaryKeyConstraint, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified


class User(Identified, Base):
    """A person or program that may log in."""

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(server_default=text("false"))
    added: Mapped[datetime] = mapped_column(server_default=text("now()"))
    disabled: Mapped[datetime | None]


class ProjectOwner(Identified, Base):
    """What projects belong to: one owner per user."""

    __tablename__ = "project_owners"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    served: Mapped[datetime | None]


class Token(Identified, Base):
    """A bearer token: looked up by its prefix, proven by the HMAC of the whole."""

    __tablename__ = "tokens"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    prefix: Mapped[str] = mapped_column(index=True)
    digest: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    last_used: Mapped[datetime | None]
    added: Mapped[datetime] = mapped_column(server_default=text("now()"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("oauth_clients.id", ondelete="CASCADE"), index=True)
    name: Mapped[str | None] = mapped_column(String(255))


class Login(Identified, Base):
    """A browser in which a user has logged in."""

    __tablename__ = "logins"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires: Mapped[datetime]


class LoginAttempts(Base):
    """Attempts to log in that have not succeeded."""

    __tablename__ = "login_attempts"

    who: Mapped[bytes] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    tried: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    next: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class OAuthClient(Identified, Base):
    """OAuth2 client credentials; a client answers for one user."""

    __tablename__ = "oauth_clients"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[bytes]
    scopes: Mapped[list[str]]
    added: Mapped[datetime] = mapped_column(server_default=text("now()"))


class IdempotencyKey(Base):
    """The first answer to a request that carried an Idempotency-Key."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_added", "added"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[bytes]
    added: Mapped[datetime] = mapped_column(server_default=text("now()"))


class RegistryConnection(Identified, Base):
    """A registry that may read anonymised summaries of some projects."""

    __tablename__ = "registry_connections"
    __table_args__ = (UniqueConstraint("token_digest", name="registry_connections_token_key"),)

    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id"), index=True)
    token_digest: Mapped[bytes]


class RegistryConnectionProject(Base):
    """A project that a registry may read, under an anonymous name."""

    __tablename__ = "registry_connection_projects"
    __table_args__ = (PrimaryKeyConstraint("registry_connection_id", "project_id"),)

    registry_connection_id: Mapped[int] = mapped_column(ForeignKey("registry_connections.id", ondelete="CASCADE"))
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    registry_id: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
