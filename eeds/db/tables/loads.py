"""Loads: files on their way into the database, and what became of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified


class Load(Identified, Base):
    """A file that a web process loads, or checks; eeds.records.loads changes its status."""

    __tablename__ = "loads"
    __table_args__ = (
        Index("ix_loads_project_owner_id", "project_owner_id", "id"),
        Index("ix_loads_unfinished", "id", postgresql_where=text("status IN ('PENDING', 'RUNNING')")),
        Index("ix_loads_ended", "ended"),
    )

    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes]
    is_dry_run: Mapped[bool]
    status: Mapped[str] = mapped_column(String(7), server_default=text("'PENDING'"))
    bytes_read: Mapped[int] = mapped_column(server_default=text("0"))
    outcome: Mapped[dict[str, Any] | None]
    refused_rows: Mapped[bytes | None] = mapped_column(deferred=True)  # which may be a megabyte
    message: Mapped[str | None]
    request_id: Mapped[str | None]
    added: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    started: Mapped[datetime | None]
    ended: Mapped[datetime | None]
