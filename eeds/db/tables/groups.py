"""Groups: saved selections of projects or of traces."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified


class Group(Identified, Base):
    """A selection by a filter; a frozen one has its members stored."""

    __tablename__ = "groups"
    __table_args__ = (UniqueConstraint("project_owner_id", "name", name="groups_project_owner_id_name_key"),)

    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    members: Mapped[str] = mapped_column(String(8))
    filter: Mapped[dict[str, Any]]
    frozen: Mapped[datetime | None]
    added: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    updated: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"), onupdate=func.clock_timestamp())


class GroupProject(Base):
    """A member of a frozen group of projects."""

    __tablename__ = "group_projects"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True, index=True)


class GroupTrace(Base):
    """A member of a frozen group of traces."""

    __tablename__ = "group_traces"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    metadata_id: Mapped[int] = mapped_column(
        ForeignKey("consumption_metadatas.id", ondelete="CASCADE"), primary_key=True, index=True
    )
