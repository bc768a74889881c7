"""Whose data a query may see: every statement that reads or changes an owner's rows carries one of these conditions."""

from typing import Any

from sqlalchemy import ColumnElement, false, select, true

from eeds.accounts.users import Principal
from eeds.db.tables import (
    Base,
    ConsumptionMetadata,
    ConsumptionRecord,
    DeletedTrace,
    Export,
    Project,
    ProjectAttribute,
    ProjectAttributeKey,
    ProjectBlock,
    ProjectOwner,
    ProjectResult,
    ProjectRun,
    RegistryConnection,
    User,
)

SHARED: frozenset[type[Base]] = frozenset({ProjectAttributeKey})


def visible(principal: Principal, model: type[Base]) -> ColumnElement[bool]:
    """Which rows of `model` the principal may see and change.

    An admin sees all; everybody else what belongs to the own project owner. Raises KeyError for a model that nobody
    has decided about.
    """
    if principal.is_admin:
        # the records of a large trace outlive it for a while
        deleted = ConsumptionRecord.metadata_id.in_(select(DeletedTrace.id))
        return ~deleted if model is ConsumptionRecord else true()
    owner = principal.owner_id
    projects = select(Project.id).where(Project.project_owner_id == owner)
    traces = select(ConsumptionMetadata.id).where(ConsumptionMetadata.project_id.in_(projects))
    conditions: dict[type[Base], ColumnElement[Any]] = {
        User: User.id == principal.user_id,
        ProjectOwner: ProjectOwner.id == owner,
        Project: Project.project_owner_id == owner,
        ProjectBlock: ProjectBlock.project_owner_id == owner,
        ProjectAttributeKey: true(),  # names of attributes are shared by all
        ProjectAttribute: ProjectAttribute.project_id.in_(projects),
        ConsumptionMetadata: ConsumptionMetadata.project_id.in_(projects),
        ConsumptionRecord: ConsumptionRecord.metadata_id.in_(traces),
        ProjectRun: ProjectRun.project_id.in_(projects),
        ProjectResult: ProjectResult.project_id.in_(projects),
        RegistryConnection: RegistryConnection.project_owner_id == owner,
        Export: Export.user_id == principal.user_id,
    }
    return conditions[model]


def changeable(principal: Principal, model: type[Base]) -> ColumnElement[bool]:
    """Which rows of `model` the principal may change: the visible ones, but what all owners share only as an admin."""
    return nothing() if model in SHARED and not principal.is_admin else visible(principal, model)


def nothing() -> ColumnElement[bool]:
    """The condition no row meets: what a filter with an impossible value selects."""
    return false()
