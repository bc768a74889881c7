"""Traces and their records."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified


class ConsumptionMetadata(Identified, Base):
    """A trace: one meter channel of a project."""

    __tablename__ = "consumption_metadatas"
    __table_args__ = (Index("ix_consumption_metadatas_project_id", "project_id", "interpretation", "label"),)

    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    interpretation: Mapped[str] = mapped_column(String(7))
    unit: Mapped[str] = mapped_column(String(3))
    label: Mapped[str | None] = mapped_column(String(255))
    usage_point: Mapped[str | None]  # of a Green Button file: whose meter it is


class ConsumptionRecord(Base):
    """One reading of a trace; it lasts until the next one starts."""

    __tablename__ = "consumption_records"
    __table_args__ = (
        PrimaryKeyConstraint("metadata_id", "start"),
        {"postgresql_partition_by": "HASH (metadata_id)"},
    )

    start: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True, precision=0))
    value: Mapped[float | None]
    metadata_id: Mapped[int]
    estimated: Mapped[bool] = mapped_column(server_default=text("false"))


class ColumnMapping(Identified, Base):
    """Which columns of a file are which fields of a reading, under a name."""

    __tablename__ = "column_mappings"
    __table_args__ = (UniqueConstraint("project_owner_id", "name", name="column_mappings_name_key"),)

    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    columns: Mapped[dict[str, Any]]


class DeletedTrace(Base):
    """A trace that is no more, but whose records are still being deleted."""

    __tablename__ = "deleted_traces"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
