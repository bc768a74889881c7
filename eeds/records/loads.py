"""Loads as rows: a file, whoever sent it, how far it is, and what became of it.

A load is PENDING, RUNNING, then SUCCESS or FAILED like a run, but no worker claims it: the web process that received
the file loads it, in one transaction with the row's SUCCESS. It holds an advisory lock of Postgres meanwhile, in a
transaction of its own, so that the lock is free as soon as the process, or its connection, is gone. Whoever looks then
finds a load that nobody works on, and ends it: see end_lost_loads.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, case, func, select, update
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query
from eeds.db.tables import Load, User
from eeds.errors import Conflict, NotFound
from eeds.jobs.status import FAILED, PENDING, RUNNING, SUCCESS, UNFINISHED
from eeds.records.history.finished import ended_in

LOCK = "load"
KEPT = timedelta(days=90)  # after its end
LOST = (
    "The server was stopped while it was loading this file, or lost its database; nothing of it was stored. Send it "
    "again."
)


# Looking -----------------------------------------------------------------------------------------------------------


def newest_loads(session: Session, principal: Principal, limit: int) -> Sequence[Row[Load, str | None]]:
    """The newest loads that the principal can see, each with the name of the user who sent the file."""
    loads = select(Load, User.name).outerjoin(User, User.id == Load.user_id).where(visible(principal, Load))
    return session.execute(loads.order_by(Load.id.desc()).limit(limit)).all()


def find_load(session: Session, principal: Principal, id: int) -> Row[Load, str | None]:
    """A load, with the name of the user who sent the file; raises NotFound unless the principal can see it."""
    loads = select(Load, User.name).outerjoin(User, User.id == Load.user_id).where(visible(principal, Load))
    found = session.execute(loads.where(Load.id == id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def undone_by(session: Session, id: int) -> int | None:
    """The latest load that has undone a load, None if none has."""
    return session.scalar(select(func.max(Load.id)).where(Load.undoes == id))


def refused_rows(session: Session, principal: Principal, id: int) -> tuple[str | None, bytes]:
    """The name of a load's file, and the first rows of it that were refused, as CSV; raises NotFound."""
    rows = select(Load.file_name, Load.refused_rows).where(Load.id == id, visible(principal, Load))
    found = session.execute(rows.where(Load.refused_rows.is_not(None))).one_or_none()
    if found is None:
        raise NotFound
    return found.file_name, found.refused_rows


def end_lost_loads(connection: PsycopgConnection) -> None:
    """End those as FAILED that are not ended, and that nobody works on any more."""
    connection.execute(query("loads/end_lost_loads"), {"message": LOST, "lock": LOCK})


def delete_old_loads(connection: PsycopgConnection) -> None:
    """Delete the rows of loads that ended longer ago than KEPT."""
    connection.execute(query("loads/delete_old_loads"), {"kept": KEPT})


# Working on one ----------------------------------------------------------------------------------------------------


def add_load(session: Session, principal: Principal, request_id: str, **about: Any) -> int:
    """Store that a file is to be loaded; the id of the load, which is PENDING. `about` is kind, file_name, size,
    sha256 and is_dry_run."""
    load = Load(project_owner_id=principal.owner_id, user_id=principal.user_id, request_id=request_id, **about)
    session.add(load)
    session.flush()
    return load.id


def hold(connection: Connection, id: int) -> None:
    """Work on a load for as long as the connection's transaction lasts; to be called before others see its row."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(LOCK, id))))


def begin(session: Session, id: int) -> None:
    """Work begins."""
    change(session, id, PENDING, status=RUNNING, started=func.clock_timestamp())


def note_bytes_read(session: Session, id: int, number: int) -> None:
    """How much of the file has been read."""
    session.execute(update(Load).where(Load.id == id, Load.status == RUNNING).values(bytes_read=number))


def succeed(session: Session, id: int, outcome: dict[str, Any], refused_rows: bytes) -> None:
    """End a load as SUCCESS, in the transaction in which it has stored its data. Raises Conflict if it is not RUNNING,
    as when it has been taken for lost: nothing may be stored then."""
    now = session.scalars(select(func.clock_timestamp())).one()
    values: dict[str, Any] = {"outcome": outcome, "refused_rows": refused_rows or None, "bytes_read": Load.size}
    if ended := ended_in(session):
        changed = case((~Load.is_dry_run, now)) if ended.has_changes else None
        values |= {"counts": ended.counts, "energy": ended.energy, "changed": changed}
    change(session, id, RUNNING, status=SUCCESS, ended=now, **values)


def fail(session: Session, id: int, message: str) -> None:
    """End a load as FAILED, unless it has ended."""
    unfinished = update(Load).where(Load.id == id, Load.status.in_(UNFINISHED))
    session.execute(unfinished.values(status=FAILED, message=message, ended=func.clock_timestamp()))


def change(session: Session, id: int, before: str, **values: Any) -> None:
    """Change a load that has the status `before`; raises Conflict if it has another."""
    changed = update(Load).where(Load.id == id, Load.status == before).values(**values).returning(Load.id)
    if session.scalar(changed) is None:
        raise Conflict(LOST)
