"""Which projects an export is of, and which of their results."""

from sqlalchemy import ColumnElement, Select, and_, select, true

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.tables import Project, ProjectResult
from eeds.exports.lifecycle import ClaimedExport
from eeds.projects.latest import latest_ids


def is_exported(principal: Principal, export: ClaimedExport) -> ColumnElement[bool]:
    """The condition of a project of the export that the principal can see."""
    chosen = true() if export.projects is None else among(Project.id, export.projects)
    return and_(visible(principal, Project), chosen)


def exported_results(principal: Principal, export: ClaimedExport) -> Select[int]:
    """The ids of the latest result of each of the projects, or of all their results."""
    return results_of(principal, is_exported(principal, export), every_result=export.every_result)


def results_of(principal: Principal, projects: ColumnElement[bool], *, every_result: bool = False) -> Select[int]:
    """The ids of the latest result of each of the projects that meet the condition and the principal can see, or of all
    their results."""
    if every_result:
        return select(ProjectResult.id).join(Project).where(projects, visible(principal, ProjectResult))
    return latest_ids(ProjectResult, projects, visible(principal, Project))
