"""Registries that may read summaries of results."""

from uuid import UUID

from sqlalchemy import ForeignKey, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified


class RegistryConnection(Identified, Base):
    """A registry that may read anonymised summaries of some projects."""

    __tablename__ = "registry_connections"

    project_owner_id: Mapped[int] = mapped_column(ForeignKey("project_owners.id"), index=True)
    token: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"), unique=True)


class RegistryConnectionProject(Base):
    """A project that a registry may read, under an anonymous name."""

    __tablename__ = "registry_connection_projects"
    __table_args__ = (PrimaryKeyConstraint("registry_connection_id", "project_id"),)

    registry_connection_id: Mapped[int] = mapped_column(ForeignKey("registry_connections.id", ondelete="CASCADE"))
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    registry_id: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
