"""Which projects an export is of."""

from sqlalchemy import ColumnElement, and_, true

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.tables import Project
from eeds.exports.lifecycle import ClaimedExport


def is_exported(principal: Principal, export: ClaimedExport) -> ColumnElement[bool]:
    """The condition of a project of the export that the principal can see."""
    chosen = true() if export.projects is None else among(Project.id, export.projects)
    return and_(visible(principal, Project), chosen)
