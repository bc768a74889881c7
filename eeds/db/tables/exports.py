"""Exports and the pieces of their files."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Job


class Export(Job, Base):
    """A file requested by a user; eeds.jobs.leases changes its status."""

    __tablename__ = "exports"
    __table_args__ = (
        Index("ix_exports_unfinished", "user_id", "id", postgresql_where=text("status IN ('PENDING', 'RUNNING')")),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    format: Mapped[str]
    message: Mapped[str | None]
    projects: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    every_result: Mapped[bool] = mapped_column(server_default=text("false"))
    rows_done: Mapped[int] = mapped_column(server_default=text("0"))
    rows_total: Mapped[int | None]
    bytes: Mapped[int | None]


class ExportChunk(Base):
    """A piece of an export's file."""

    __tablename__ = "export_chunks"
    __table_args__ = (PrimaryKeyConstraint("export_id", "position"),)

    export_id: Mapped[int] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes]
