"""Turns of those who look for objects by name and create what they do not find, so that each is created once.

Taken by owner, for names are their owner's: nobody waits for somebody else's.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.db.array_parameters import among, array_of
from eeds.db.tables import Base, Project, ProjectOwner

NOBODY = 0  # owns what all owners share


def lock_names(session: Session, models: Sequence[type[Base]], owners: Iterable[int] = (NOBODY,)) -> None:
    """Wait for whoever creates objects of the models for one of these owners, until their transactions end; others wait
    for this one. Take them after all that can be checked without."""
    ids = select(func.unnest(array_of(ProjectOwner.id, sorted(set(owners)))).label("owner")).subquery()
    session.execute(select(*(turn(model, ids.c.owner) for model in models)))


def lock_names_in_projects(session: Session, model: type[Base], projects: Iterable[int]) -> None:
    """The same, for the owners of these projects."""
    owners = select(Project.project_owner_id).where(among(Project.id, projects)).distinct()
    ids = owners.order_by(Project.project_owner_id).subquery()  # in one order: two callers never wait for each other
    session.execute(select(turn(model, ids.c.project_owner_id)))


def turn(model: Any, owner: Any) -> Any:
    """The lock of an owner's names."""
    return func.pg_advisory_xact_lock(func.hashtextextended(model.__tablename__, owner))
