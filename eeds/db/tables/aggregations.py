"""Aggregations: sums of the savings of many projects that were kept, and those that registries were told."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, PrimaryKeyConstraint, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified

# Of a member of an aggregation.
MEMBER_STATUSES = ACCEPTED, REJECTED = ("ACCEPTED", "REJECTED")


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


class RegistryShare(Identified, Base):
    """Sums that a registry has been told, with the results in them."""

    __tablename__ = "registry_shares"

    registry_connection_id: Mapped[int | None] = mapped_column(
        ForeignKey("registry_connections.id", ondelete="SET NULL"), index=True
    )
    trace_interpretation: Mapped[str]
    kind: Mapped[str] = mapped_column(String(10))
    projects: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    results: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    energies: Mapped[list[float]]
    sums: Mapped[dict[str, Any]]
    added: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
