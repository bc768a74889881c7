"""Which projects and results an export is of."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select, true

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.tables import Project, ProjectResult
from eeds.projects.latest import latest_ids


@dataclass(frozen=True)
class Which:
    """The projects and results that a principal asked for."""

    principal: Principal
    projects: list[int] | None  # None: all
    every_result: bool

    def project(self) -> ColumnElement[bool]:
        """The condition of a project of the export."""
        chosen = true() if self.projects is None else among(Project.id, self.projects)
        return and_(visible(self.principal, Project), chosen)

    def result(self) -> ColumnElement[bool]:
        """The condition of a result, joined with its project."""
        own = and_(self.project(), visible(self.principal, ProjectResult))
        if self.every_result:
            return own
        projects = ProjectResult.project_id.in_(select(Project.id).where(self.project()))
        return and_(own, ProjectResult.id.in_(latest_ids(ProjectResult, projects)))
