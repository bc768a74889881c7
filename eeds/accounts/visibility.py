"""Whose data a query may see: every statement that reads or changes an owner's rows carries one of these conditions."""

from collections.abc import Set
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.array_parameters import among
from eeds.db.tables import (
    Base,
    ColumnMapping,
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
from eeds.errors import Forbidden, NotFound

Model = TypeVar("Model", bound=Base)

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
        ColumnMapping: ColumnMapping.project_owner_id == owner,
        ProjectRun: ProjectRun.project_id.in_(projects),
        ProjectResult: ProjectResult.project_id.in_(projects),
        RegistryConnection: RegistryConnection.project_owner_id == owner,
        Export: Export.user_id == principal.user_id,
    }
    return conditions[model]


def changeable(principal: Principal, model: type[Base]) -> ColumnElement[bool]:
    """Which rows of `model` the principal may change: the visible ones, but what all owners share only as an admin."""
    return nothing() if model in SHARED and not principal.is_admin else visible(principal, model)


def find(session: Session, principal: Principal, model: type[Model], which: int | ColumnElement[bool]) -> Model:
    """The object of that id, or that meets the condition; raises NotFound unless the principal may see it."""
    condition = model.__table__.c.id == which if isinstance(which, int) else which
    stored = session.scalars(select(model).where(condition, visible(principal, model))).one_or_none()
    if stored is None:
        raise NotFound
    return stored


def find_changeable(
    session: Session, principal: Principal, model: type[Model], which: int | ColumnElement[bool]
) -> Model:
    """The same, to be changed; raises Forbidden where the principal may only see it."""
    stored = find(session, principal, model, which)
    if model in SHARED and not principal.is_admin:
        raise Forbidden
    return stored


def invisible_ids(session: Session, principal: Principal, model: type[Base], ids: Set[int]) -> Set[int]:
    """Those of the ids that name nothing the principal may see."""
    if not ids:
        return ids
    column = model.__table__.c.id
    return ids - set(session.scalars(select(column).where(among(column, ids), visible(principal, model))))


def nothing() -> ColumnElement[bool]:
    """The condition no row meets: what a filter with an impossible value selects."""
    return false()
