"""Loads: files on their way into the database, and what became of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified


class Load(Identified, Base):
    """What was sent to be stored. A web process stores the row of a file that it loads, or checks, beside its requests
    before it begins, and eeds.records.loads changes its status; the row of any other load comes with what it stores."""

    __tablename__ = "loads"
    __table_args__ = (
        Index("ix_loads_project_owner_id", "project_owner_id", "id"),
        Index("ix_loads_unfinished", "id", postgresql_where=text("status IN ('PENDING', 'RUNNING')")),
        Index("ix_loads_ended", "ended", postgresql_where=text("changed IS NULL")),
        Index("ix_loads_changed", "changed", postgresql_where=text("changed IS NOT NULL")),
        Index("ix_loads_undoes", "undoes", postgresql_where=text("undoes IS NOT NULL")),
    )

    project_owner_id: Mapped[int | None] = mapped_column(ForeignKey("project_owners.id", ondelete="SET NULL"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str]
    file_name: Mapped[str | None]
    size: Mapped[int | None]
    sha256: Mapped[bytes | None]
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
    counts: Mapped[dict[str, Any] | None]
    energy: Mapped[dict[str, Any] | None]
    undoes: Mapped[int | None] = mapped_column(ForeignKey("loads.id", ondelete="SET NULL"))
    changed: Mapped[datetime | None]  # when it changed readings, if it did
