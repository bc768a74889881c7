"""Aggregations: sums of the savings of many projects that were kept, and what they are made of."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, PrimaryKeyConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified


class Aggregation(Identified, Base):
    """What was asked for, and what came of it; it never changes."""

    __tablename__ = "aggregations"

    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    selection: Mapped[dict[str, Any]]
    settings: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    added: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class AggregationMember(Base):
    """A project and fuel of an aggregation, accepted or refused; energies in kWh."""

    __tablename__ = "aggregation_members"
    __table_args__ = (PrimaryKeyConstraint("aggregation_id", "id"),)

    aggregation_id: Mapped[int] = mapped_column(ForeignKey("aggregations.id", ondelete="CASCADE"))
    id: Mapped[int]
    project_id: Mapped[int]
    project_result_id: Mapped[int | None]
    input_sha256: Mapped[str | None]
    trace_interpretation: Mapped[str | None]
    status: Mapped[str] = mapped_column(String(8))
    reasons: Mapped[list[str]]
    cvrmse: Mapped[float | None]
    days: Mapped[int | None] = mapped_column(Integer)
    metered_value: Mapped[float | None]
    metered_baseline: Mapped[float | None]
    normalized_value: Mapped[float | None]
    normalized_baseline: Mapped[float | None]
    group_value: Mapped[str | None]
