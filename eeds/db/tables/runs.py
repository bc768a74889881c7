"""Project runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import FetchedValue, ForeignKey, Identity, Index, Integer, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base


class ProjectRun(Base):
    """A run of the meter on a project; eeds.jobs.leases changes its status."""

    __tablename__ = "project_runs"
    __table_args__ = (
        Index("ix_project_runs_unfinished", "status", "id", postgresql_where=text("status IN ('PENDING', 'RUNNING')")),
        Index(
            "ix_project_runs_turn",
            "project_owner_id",
            "id",
            postgresql_where=text("status = 'PENDING' AND enqueued IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    meter_class: Mapped[str]
    meter_settings: Mapped[dict[str, Any] | None]
    status: Mapped[str] = mapped_column(String(7), server_default=text("'PENDING'"))
    traceback: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    lost: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    project_owner_id: Mapped[int] = mapped_column(server_default=FetchedValue())  # by a trigger, from the project
    started: Mapped[datetime | None]
    lease_expires: Mapped[datetime | None]
    enqueued: Mapped[datetime | None]
    request_id: Mapped[str | None]
    added: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    updated: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"), onupdate=func.clock_timestamp())
