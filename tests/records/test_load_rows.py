"""Loads as rows: what ends them, and when they go."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import update

from eeds.accounts.operations import create_user
from eeds.accounts.principal import Principal, principal_of
from eeds.db.engine import Database
from eeds.db.tables import Load
from eeds.errors import Conflict, NotFound
from eeds.records import loads


@pytest.fixture
def principal(database: Database) -> Principal:
    with database.session() as session:
        return principal_of(session, create_user(session, "ada", "correct horse battery staple").id)


def added(database: Database, principal: Principal) -> int:
    """A load that nobody works on."""
    with database.session() as session:
        about = {"kind": "energy", "file_name": "f.csv", "size": 1, "sha256": sha256(b"x").digest()}
        return loads.add_load(session, principal, "request", is_dry_run=False, **about)


def status_of(database: Database, principal: Principal, id: int) -> tuple[str, str | None]:
    """Its status, and why it is so."""
    with database.session() as session:
        load, _ = loads.find_load(session, principal, id)
        return load.status, load.message


def end_lost(database: Database) -> None:
    """Look for loads that nobody works on."""
    with database.connection() as connection:
        loads.end_lost_loads(connection)


def test_a_load_is_lost_as_soon_as_nobody_holds_it(database: Database, principal: Principal) -> None:
    held, lost = added(database, principal), added(database, principal)
    with database.engine.connect() as holder:
        loads.hold(holder, held)
        end_lost(database)
        assert status_of(database, principal, held) == ("PENDING", None)
        assert status_of(database, principal, lost) == ("FAILED", loads.LOST)
    end_lost(database)
    assert status_of(database, principal, held) == ("FAILED", loads.LOST)


def test_what_was_taken_for_lost_stores_nothing_any_more(database: Database, principal: Principal) -> None:
    id = added(database, principal)
    with database.session() as session:
        loads.begin(session, id)
    end_lost(database)
    with pytest.raises(Conflict), database.session() as session:
        loads.succeed(session, id, {}, b"")
    with database.session() as session:
        loads.fail(session, id, "another reason")
    assert status_of(database, principal, id) == ("FAILED", loads.LOST)


def test_loads_of_other_owners_cannot_be_seen(database: Database, principal: Principal) -> None:
    id = added(database, principal)
    other, admin = replace(principal, owner_id=principal.owner_id + 1), replace(principal, owner_id=0, is_admin=True)
    with database.session() as session:
        assert [row.Load.id for row in loads.newest_loads(session, principal, 9)] == [id]
        assert [row.Load.id for row in loads.newest_loads(session, admin, 9)] == [id]
        assert loads.newest_loads(session, other, 9) == []
        with pytest.raises(NotFound):
            loads.find_load(session, other, id)


def test_loads_are_kept_for_a_while(database: Database, principal: Principal) -> None:
    old, with_history, recent, unfinished = (added(database, principal) for _ in range(4))
    with database.session() as session:
        loads.begin(session, recent)
        loads.succeed(session, recent, {}, b"")
        loads.fail(session, old, "reason")
        loads.fail(session, with_history, "nothing; it stands for one that has changed readings")
        session.execute(update(Load).where(Load.id == with_history).values(changed=Load.ended))
        ended = {"ended": Load.ended - loads.KEPT - timedelta(hours=1)}
        session.execute(update(Load).where(Load.id.in_([old, with_history])).values(**ended))
    with database.connection() as connection:
        loads.delete_old_loads(connection)
    with database.session() as session:
        assert [row.Load.id for row in loads.newest_loads(session, principal, 9)] == [unfinished, recent, with_history]
