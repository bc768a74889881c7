"""The time series of a result and of its copies are one set, which goes with the last, whoever comes between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from eeds.db.engine import Database, PsycopgConnection, psycopg_connection
from eeds.runs.results.retention import drop_series
from eeds.runs.results.store import reuse
from tests.api.conftest import Api, MakeApi
from tests.api.test_project_results import finish
from tests.api.test_result_parts import BILLS, DAYS, with_savings
from tests.api.test_result_reuse import OWN, claimed, take
from tests.workers.family import eventually

WAITING = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
Change = Callable[[PsycopgConnection], Any]


@pytest.fixture
def project(api: Api) -> int:
    body = {"project_id": "ABC", "project_owner": 1, "baseline_period_end": "2013-06-01T00:00:00Z"}
    return int(api.post("projects/", body).json["id"])


@pytest.fixture
def copies(api: Api, database: Database, project: int) -> tuple[int, int]:
    """A result and a copy of it."""
    first = finish(api, database, project, with_savings(DAYS, BILLS))
    second = take(api, database, project)
    assert second is not None
    return first, second


def stored(database: Database) -> list[int]:
    """How many sets of series there are, and how many series."""
    with database.connection() as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {name}") for name in ("series_sets", "time_series")]
        return [number for count in counts for (number,) in count]


def series(api: Api, result: int) -> Any:
    return api.get(f"project_results/{result}/timeseries/").json


def test_they_go_with_the_last_copy(api: Api, database: Database, copies: tuple[int, int]) -> None:
    first, second = copies
    found = series(api, first)
    assert stored(database) == [1, 2]
    api.delete(f"project_results/{first}/")
    assert series(api, second) == found != []
    api.delete(f"project_results/{second}/")
    assert stored(database) == [0, 0]


def test_they_go_with_a_project_that_has_another_owner_now(
    api: Api, login: MakeApi, database: Database, project: int, copies: tuple[int, int]
) -> None:
    ann, bob = login("ann"), login("bob")
    api.patch(f"projects/{project}/", {"project_owner": ann.get("project_owners/").json[0]["id"]})
    assert series(ann, copies[0]) == series(ann, copies[1]) == series(api, copies[1]) != []
    assert bob.get(f"project_results/{copies[1]}/timeseries/").status_code == 404
    ann.delete(f"projects/{project}/")
    assert stored(database) == [0, 0]


def test_they_stay_when_a_trace_goes(api: Api, database: Database, project: int, copies: tuple[int, int]) -> None:
    trace = api.post("consumption_metadatas/", {"project": project, "interpretation": "E_C_S", "unit": "KWH"}).json
    assert api.delete(f"consumption_metadatas/{trace['id']}/").status_code == 204
    assert stored(database) == [1, 2]


def delete(*results: int) -> Change:
    """What deletes results, in one statement each."""

    def change(connection: PsycopgConnection) -> None:
        for result in results:
            connection.execute("DELETE FROM project_results WHERE id = %s", [result])

    return change


def drop(connection: PsycopgConnection) -> int:
    """What deletes all that is superseded."""
    return drop_series(connection, timedelta(0))


def beside(database: Database, first: Change, second: Change) -> Any:
    """What the second change answers, which comes when the first one is not committed yet, and has to wait for it."""

    def change() -> Any:
        with database.connection() as connection:
            return second(connection)

    with ThreadPoolExecutor(1) as thread:
        with database.connection() as connection:
            first(connection)
            answer = thread.submit(change)
            eventually(lambda: answer.done() or somebody_waits(database), 20)
            assert not answer.done()
        return answer.result()


def somebody_waits(database: Database) -> bool:
    """For a lock of somebody else's."""
    with database.connection() as connection:
        return connection.execute(WAITING).rowcount > 0


def test_two_who_delete_the_last_two_copies(database: Database, copies: tuple[int, int]) -> None:
    first, second = copies
    beside(database, delete(first), delete(second))
    assert stored(database) == [0, 0]


def test_a_copy_that_is_made_while_the_others_are_deleted(
    api: Api, database: Database, project: int, copies: tuple[int, int]
) -> None:
    with database.session() as session:
        run = claimed(api, session, project)
    beside(database, lambda connection: reuse(connection, run, OWN), delete(*copies))
    (left,) = api.get("project_results/").json
    assert len(series(api, left["id"])) == 5
    assert stored(database) == [1, 2]


def test_a_result_that_is_deleted_while_it_would_be_copied(
    api: Api, database: Database, project: int, copies: tuple[int, int]
) -> None:
    with database.session() as session:
        run = claimed(api, session, project)
    assert beside(database, delete(*copies), lambda connection: reuse(connection, run, OWN)) is None
    assert stored(database) == [0, 0]


def test_series_that_are_dropped_while_their_result_would_be_copied(
    api: Api, database: Database, project: int, copies: tuple[int, int]
) -> None:
    finish(api, database, project, with_savings(BILLS))
    with database.session() as session:
        run = claimed(api, session, project)
    copied = beside(database, drop, lambda connection: reuse(connection, run, OWN))
    assert [row["energy_trace"] for row in series(api, copied)] == [8, 8], "a copy of the other one"
    assert stored(database) == [1, 1]


def test_series_that_are_copied_or_deleted_are_not_dropped(
    api: Api, database: Database, project: int, copies: tuple[int, int]
) -> None:
    """Nor is anybody waited for."""
    finish(api, database, project, with_savings(BILLS))
    with database.session() as session:
        run = claimed(api, session, project)
    changes: list[Change] = [lambda connection: reuse(connection, run, OWN), delete(copies[0])]
    for change in changes:
        with database.session() as session:
            change(psycopg_connection(session))
            with database.connection() as connection:
                assert drop(connection) == 0
            session.rollback()
    assert stored(database) == [2, 3]
