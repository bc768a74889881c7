"""Traces and their readings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, BIT, TIMESTAMP
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


class BlockColumns:
    """Consecutive readings of a trace in arrays."""

    metadata_id: Mapped[int] = mapped_column(ForeignKey("consumption_metadatas.id", ondelete="CASCADE"))
    month: Mapped[date]
    first_start: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True, precision=0))
    last_start: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True, precision=0))
    readings: Mapped[int] = mapped_column(Integer)
    energy: Mapped[float]
    step: Mapped[int | None] = mapped_column(Integer)
    offsets: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    value: Mapped[list[float]] = mapped_column(ARRAY(Double))
    estimated: Mapped[str | None] = mapped_column(BIT(varying=True))


class ConsumptionBlock(BlockColumns, Base):
    """Consecutive readings of a trace that start in one calendar month (UTC); see eeds.records.block_format."""

    __tablename__ = "consumption_blocks"
    __table_args__ = (
        PrimaryKeyConstraint("metadata_id", "first_start"),
        CheckConstraint("(step IS NULL) <> (offsets IS NULL)"),
    )


class TraceExtent(Base):
    """What is stored of a trace; none for a trace without readings."""

    __tablename__ = "trace_extents"

    metadata_id: Mapped[int] = mapped_column(
        ForeignKey("consumption_metadatas.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    first_start: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True, precision=0))
    last_start: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True, precision=0))
    readings: Mapped[int]
    energy: Mapped[float]
    changed: Mapped[datetime]


class RecordAddition(Base):
    """A span in which a load stored readings where none were; see eeds.records.history."""

    __tablename__ = "record_additions"

    metadata_id: Mapped[int] = mapped_column(ForeignKey("consumption_metadatas.id", ondelete="CASCADE"), index=True)
    load_id: Mapped[int] = mapped_column(index=True)
    first_start: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True, precision=0))
    last_start: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True, precision=0))
    part: Mapped[int] = mapped_column(Integer)

    # There is no key in the database, which would take as much room as the rows.
    __mapper_args__ = {"primary_key": [metadata_id, load_id, part, first_start]}


class RecordVersion(BlockColumns, Base):
    """Readings as they were before a load changed or deleted them, in the form of ConsumptionBlock."""

    __tablename__ = "record_versions"
    __table_args__ = (
        PrimaryKeyConstraint("metadata_id", "load_id", "part", "first_start"),
        CheckConstraint("(step IS NULL) <> (offsets IS NULL)"),
    )

    load_id: Mapped[int] = mapped_column(index=True)
    part: Mapped[int] = mapped_column(Integer)


class ColumnMapping(Identified, Base):
    """Which columns of a file are which fields of a reading, under a name."""

    __tablename__ = "column_mappings"
    __table_args__ = (UniqueConstraint("project_owner_id", "name", name="column_mappings_name_key"),)

    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    columns: Mapped[dict[str, Any]]
