"""Project runs."""

from typing import Any

from sqlalchemy import FetchedValue, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Job


class ProjectRun(Job, Base):
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

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    meter_class: Mapped[str]
    meter_settings: Mapped[dict[str, Any] | None]
    traceback: Mapped[str | None]
    project_owner_id: Mapped[int] = mapped_column(server_default=FetchedValue())  # by a trigger, from the project
