"""Jobs: runs, downloads of weather that they wait for, and exports with the pieces of their files."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, FetchedValue, ForeignKey, Index, Integer, SmallInteger, String, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified


class Job(Identified):
    """The columns that tables of jobs have in common: eeds.jobs.leases changes them."""

    status: Mapped[str] = mapped_column(String(7), server_default=text("'PENDING'"))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    lost: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    started: Mapped[datetime | None]
    lease_expires: Mapped[datetime | None]
    enqueued: Mapped[datetime | None]
    request_id: Mapped[str | None]
    added: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    updated: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"), onupdate=func.clock_timestamp())


class ProjectRun(Job, Base):
    """A run of the meter on a project; eeds.jobs.leases changes its status."""

    __tablename__ = "project_runs"
    __table_args__ = (
        Index("ix_project_runs_latest", "project_id", "id"),
        Index("ix_project_runs_unfinished", "status", "id", postgresql_where=text("status IN ('PENDING', 'RUNNING')")),
        Index(
            "ix_project_runs_turn",
            "project_owner_id",
            "id",
            postgresql_where=text("status = 'PENDING' AND enqueued IS NULL AND weather_download_id IS NULL"),
        ),
        Index(
            "ix_project_runs_weather_download_id",
            "weather_download_id",
            postgresql_where=text("weather_download_id IS NOT NULL"),
        ),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    meter_class: Mapped[str]
    meter_settings: Mapped[dict[str, Any] | None]
    traceback: Mapped[str | None]
    project_owner_id: Mapped[int] = mapped_column(server_default=FetchedValue())  # by a trigger, from the project
    weather_download_id: Mapped[int | None] = mapped_column(ForeignKey("weather_downloads.id"))
    waiting_for: Mapped[str | None]
    retried: Mapped[datetime | None]
    cancelled: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]


class WeatherDownload(Job, Base):
    """Years of a station that a worker is to fetch, for the runs that wait for them."""

    __tablename__ = "weather_downloads"
    __table_args__ = (
        Index(
            "ix_weather_downloads_unfinished",
            "station",
            "years",
            unique=True,
            postgresql_where=text("status IN ('PENDING', 'RUNNING')"),
        ),
        Index("ix_weather_downloads_ended", "updated", postgresql_where=text("status IN ('SUCCESS', 'FAILED')")),
    )

    station: Mapped[str]
    years: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    message: Mapped[str | None]


class RunCount(Identified, Base):
    """How many more, or fewer, runs of a status there are since a statement, which a trigger stores; together, how many
    there are."""

    __tablename__ = "run_counts"

    status: Mapped[str] = mapped_column(String(7))
    number: Mapped[int]


class Export(Job, Base):
    """A file requested by a user; eeds.jobs.leases changes its status."""

    __tablename__ = "exports"
    __table_args__ = (
        Index("ix_exports_unfinished", "user_id", "id", postgresql_where=text("status IN ('PENDING', 'RUNNING')")),
        Index("ix_exports_ended", "updated", postgresql_where=text("status IN ('SUCCESS', 'FAILED')")),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    format: Mapped[str]
    message: Mapped[str | None]
    projects: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    every_result: Mapped[bool] = mapped_column(server_default=text("false"))
    as_of: Mapped[datetime | None]
    rows_done: Mapped[int] = mapped_column(server_default=text("0"))
    rows_total: Mapped[int | None]
    bytes: Mapped[int | None]


class ExportChunk(Base):
    """A piece of an export's file."""

    __tablename__ = "export_chunks"

    export_id: Mapped[int] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes]


class Restatement(Job, Base):
    """A comparison of two results or aggregations; eeds.jobs.leases changes its status."""

    __tablename__ = "restatements"
    __table_args__ = (
        Index("ix_restatements_unfinished", "user_id", "id", postgresql_where=text("status IN ('PENDING', 'RUNNING')")),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    before_id: Mapped[int]
    after_id: Mapped[int]
    message: Mapped[str | None]
    projects_done: Mapped[int] = mapped_column(server_default=text("0"))
    projects_total: Mapped[int | None]


class RestatedSavings(Base):
    """The savings of a project before and after, in kWh, and by how much they moved because of what."""

    __tablename__ = "restated_savings"

    restatement_id: Mapped[int] = mapped_column(ForeignKey("restatements.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[int] = mapped_column(primary_key=True)
    trace_interpretation: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(String(10), primary_key=True)
    before: Mapped[float | None]
    after: Mapped[float | None]
    library: Mapped[float]
    readings: Mapped[float]
    weather: Mapped[float]
    periods: Mapped[float]
    settings: Mapped[float]
    membership: Mapped[float]
    unexplained: Mapped[float]
    notes: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
