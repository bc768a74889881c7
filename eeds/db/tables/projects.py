"""Projects, their attributes, and groups of them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified

DATA_TYPES = ("BOOLEAN", "CHAR", "DATE", "DATETIME", "FLOAT", "INTEGER")


class Project(Identified, Base):
    """A building with a baseline and a reporting period."""

    __tablename__ = "projects"
    __table_args__ = (UniqueConstraint("project_id", "project_owner_id"),)

    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id"), index=True)
    project_id: Mapped[str] = mapped_column(String(255))
    baseline_period_start: Mapped[datetime | None]
    baseline_period_end: Mapped[datetime | None]
    reporting_period_start: Mapped[datetime | None]
    reporting_period_end: Mapped[datetime | None]
    zipcode: Mapped[str | None] = mapped_column(String(10))
    added: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated: Mapped[datetime] = mapped_column(server_default=text("now()"), onupdate=func.clock_timestamp())


class ProjectBlock(Identified, Base):
    """A named selection of projects."""

    __tablename__ = "project_blocks"

    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))


class ProjectBlockProject(Base):
    """Membership of a project in a block."""

    __tablename__ = "project_block_projects"

    project_block_id: Mapped[int] = mapped_column(ForeignKey("project_blocks.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True, primary_key=True)


class ProjectAttributeKey(Identified, Base):
    """The name and type of an attribute of an owner's projects, or of everybody's where it has no owner."""

    __tablename__ = "project_attribute_keys"
    __table_args__ = (UniqueConstraint("name", "project_owner_id", postgresql_nulls_not_distinct=True),)

    name: Mapped[str] = mapped_column(String(255))
    display_name: Mapped[str] = mapped_column(String(255))
    data_type: Mapped[str] = mapped_column(String(8))
    project_owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("project_owners.id", ondelete="CASCADE"), index=True
    )


class ProjectAttribute(Identified, Base):
    """An attribute of a project; the value is in the column of the key's type."""

    __tablename__ = "project_attributes"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("project_attribute_keys.id", ondelete="CASCADE"), index=True)
    boolean_value: Mapped[bool | None]
    char_value: Mapped[str | None] = mapped_column(String(255))
    date_value: Mapped[date | None]
    datetime_value: Mapped[datetime | None]
    float_value: Mapped[float | None]
    integer_value: Mapped[int | None]
