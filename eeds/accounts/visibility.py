"""Whose data a query may see: every statement that reads or changes an owner's rows carries one of these conditions."""

from collections.abc import Set
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.array_parameters import among
from eeds.db.tables import (
    Aggregation,
    AggregationMember,
    Base,
    ColumnMapping,
    ConsumptionBlock,
    ConsumptionMetadata,
    Export,
    Group,
    Load,
    Project,
    ProjectAttribute,
    ProjectAttributeKey,
    ProjectBlock,
    ProjectOwner,
    ProjectResult,
    ProjectRun,
    RecordAddition,
    RecordVersion,
    RegistryConnection,
    Restatement,
    Token,
    TraceExtent,
    User,
)
from eeds.errors import Forbidden, NotFound

Model = TypeVar("Model", bound=Base)


def visible(principal: Principal, model: type[Base]) -> ColumnElement[bool]:
    """Which rows of `model` the principal may see and change.

    An admin sees all; everybody else what belongs to the own project owner. Raises KeyError for a model that nobody
    has decided about.
    """
    if principal.is_admin:
        return true()
    owner = principal.owner_id
    projects = select(Project.id).where(Project.project_owner_id == owner)
    traces = select(ConsumptionMetadata.id).where(ConsumptionMetadata.project_id.in_(projects))
    conditions: dict[type[Base], ColumnElement[Any]] = {
        User: User.id == principal.user_id,
        Token: Token.user_id == principal.user_id,
        ProjectOwner: ProjectOwner.id == owner,
        Project: Project.project_owner_id == owner,
        ProjectBlock: ProjectBlock.project_owner_id == owner,
        ProjectAttributeKey: or_(ProjectAttributeKey.project_owner_id == owner, shared(ProjectAttributeKey)),
        ProjectAttribute: ProjectAttribute.project_id.in_(projects),
        ConsumptionMetadata: ConsumptionMetadata.project_id.in_(projects),
        ConsumptionBlock: ConsumptionBlock.metadata_id.in_(traces),
        TraceExtent: TraceExtent.metadata_id.in_(traces),
        RecordAddition: RecordAddition.metadata_id.in_(traces),
        RecordVersion: RecordVersion.metadata_id.in_(traces),
        ColumnMapping: ColumnMapping.project_owner_id == owner,
        Group: Group.project_owner_id == owner,
        Load: Load.project_owner_id == owner,
        Aggregation: Aggregation.project_owner_id == owner,
        AggregationMember: AggregationMember.aggregation_id.in_(
            select(Aggregation.id).where(Aggregation.project_owner_id == owner)
        ),
        ProjectRun: ProjectRun.project_id.in_(projects),
        ProjectResult: ProjectResult.project_id.in_(projects),
        RegistryConnection: RegistryConnection.project_owner_id == owner,
        Restatement: Restatement.user_id == principal.user_id,
        Export: Export.user_id == principal.user_id,
    }
    return conditions[model]


def changeable(principal: Principal, model: type[Base]) -> ColumnElement[bool]:
    """Which rows of `model` the principal may change: the visible ones, but what all owners share only as an admin."""
    condition = visible(principal, model)
    return condition if principal.is_admin else and_(condition, ~shared(model))


def shared(model: type[Base]) -> ColumnElement[bool]:
    """Which rows of `model` all owners share, who see them: keys of attributes that an admin has made for them."""
    return ProjectAttributeKey.project_owner_id.is_(None) if model is ProjectAttributeKey else false()


def find(session: Session, principal: Principal, model: type[Model], which: int | ColumnElement[bool]) -> Model:
    """The object of that id, or that meets the condition; raises NotFound unless the principal may see it."""
    return find_with(session, principal, model, which, true())[0]


def find_changeable(
    session: Session, principal: Principal, model: type[Model], which: int | ColumnElement[bool]
) -> Model:
    """The same, to be changed; raises Forbidden where the principal may only see it."""
    stored, is_changeable = find_with(session, principal, model, which, changeable(principal, model))
    if not is_changeable:
        raise Forbidden
    return stored


def find_with(
    session: Session,
    principal: Principal,
    model: type[Model],
    which: int | ColumnElement[bool],
    wanted: ColumnElement[bool],
) -> tuple[Model, bool]:
    """The object, and whether it meets a further condition; raises NotFound."""
    condition = model.__table__.c.id == which if isinstance(which, int) else which
    row = session.execute(select(model, wanted).where(condition, visible(principal, model))).one_or_none()
    if row is None:
        raise NotFound
    stored, is_so = row
    return stored, is_so


def invisible_ids(session: Session, principal: Principal, model: type[Base], ids: Set[int]) -> Set[int]:
    """Those of the ids that name nothing the principal may see."""
    if not ids:
        return ids
    column = model.__table__.c.id
    return ids - set(session.scalars(select(column).where(among(column, ids), visible(principal, model))))


def nothing() -> ColumnElement[bool]:
    """The condition no row meets: what a filter with an impossible value selects."""
    return false()
