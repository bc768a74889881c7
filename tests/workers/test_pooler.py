"""Behind a pooler that gives out connections of Postgres by transaction, all that the datastore does goes on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from eeds.db.engine import Database, Patience
from tests.workers.family import TOKEN, Family, family, readings
from tests.workers.pooler import needs_pgbouncer

pytestmark = needs_pgbouncer

CONNECTIONS = 3  # of the pooler with Postgres: fewer than there are threads, so that they take turns
SHOWN = "SELECT current_setting('timezone'), current_setting('jit'), current_setting('statement_timeout')"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Family]:
    """A datastore whose web and workers know the database by a pooler."""
    # without compiled code, which is another test's business and takes a minute to be there
    with family(tmp_path_factory.mktemp("pooled"), pooled=CONNECTIONS, EEDS_METER="library") as started:
        yield started


def test_settings_are_those_of_a_transaction(pooled: Family) -> None:
    database = Database(pooled.env["DATABASE_URL"], Patience(statement=7), is_pooled=True)
    try:
        for _ in range(20):
            with database.connection() as connection:
                assert connection.execute(SHOWN).fetchone() == ("UTC", "off", "7s")
            with psycopg.connect(pooled.env["DATABASE_URL"], prepare_threshold=None) as stranger:
                assert stranger.execute(SHOWN).fetchone() != ("UTC", "off", "7s")
    finally:
        database.engine.dispose()


def test_requests_at_once_share_few_connections(pooled: Family) -> None:
    project = pooled.project(readings(0))
    trace = pooled.client.get(f"consumption_metadatas/?project={project}&summary=True")[0]["id"]
    days = [f"2020-01-{day:02}T00:00:00Z" for day in range(1, 29)]

    def work(number: int) -> list[int]:
        """Statuses of a write, a load and two reads."""
        url = f"{pooled.url}/api/v1"
        records = [{"metadata_id": trace, "start": day, "value": number, "estimated": False} for day in days]
        answers = [
            requests.post(f"{url}/consumption_records/sync2/", json=records, headers=HEADERS, timeout=60),
            requests.get(f"{url}/consumption_metadatas/{trace}/", headers=HEADERS, timeout=60),
            requests.patch(f"{url}/projects/{project}/", json={"zipcode": str(number)}, headers=HEADERS, timeout=60),
            requests.get(f"{url}/projects/", headers=HEADERS, timeout=60),
        ]
        return [answer.status_code for answer in answers]

    with ThreadPoolExecutor(12) as pool:
        assert set(map(tuple, pool.map(work, range(60)))) == {(200, 200, 200, 200)}
    pooled.database.engine.dispose()  # the test's own, which is not pooled
    counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'eeds'"
    with psycopg.connect(pooled.urls.database) as connection:
        assert connection.execute(counted).fetchone() <= (CONNECTIONS,)


def test_runs_are_executed(pooled: Family) -> None:
    runs = pooled.order(*(pooled.project(readings(seed)) for seed in range(4)))
    assert set(pooled.await_status(runs, "SUCCESS", "FAILED")) == {"SUCCESS"}
    assert pooled.results_of(runs) == dict.fromkeys(runs, 1)
