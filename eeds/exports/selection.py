"""Which projects and results an export is of."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import aliased

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.tables import Project, ProjectResult


@dataclass(frozen=True)
class Which:
    """What was asked for, and by whom."""

    principal: Principal
    projects: list[int] | None  # None: all
    every_result: bool

    def project(self) -> ColumnElement[bool]:
        """The condition of a project of the export."""
        chosen = true() if self.projects is None else among(Project.id, self.projects)
        return and_(visible(self.principal, Project), chosen)

    def result(self) -> ColumnElement[bool]:
        """The condition of a result, joined with its project."""
        conditions = [self.project(), visible(self.principal, ProjectResult)]
        if not self.every_result:
            later = aliased(ProjectResult)
            newer = select(later.id).where(later.project_id == ProjectResult.project_id, later.id > ProjectResult.id)
            conditions.append(~newer.exists())
        return and_(*conditions)
