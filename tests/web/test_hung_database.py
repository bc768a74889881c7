"""A database that is there and does nothing: requests say so soon, and go on when it does."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import requests

from attack.target import HEADERS, LIVE, READ, UPLOAD, Target

DEADLINE_SECONDS = 60
CLIENTS = 20
RECORDS = b"metadata_id,start,value\n" + b"1,2021-01-01T00:00:00Z,1\n" * 10_000
ASKED = "SELECT query_start FROM pg_stat_activity WHERE application_name = 'eeds pulse'"
AWAY = {"detail": "The database is not available right now; try again."}
LOCKED = {"detail": "Somebody else is changing what this needs; try again."}


def get(attacked: Target, path: str) -> requests.Response:
    """The answer to one client."""
    return requests.get(attacked.web.url + path, headers=HEADERS, timeout=DEADLINE_SECONDS)


def many(attacked: Target, path: str) -> list[requests.Response]:
    """The answers to many that ask at the same time, and life in between."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = [clients.submit(get, attacked, path) for _ in range(CLIENTS)]
        assert get(attacked, LIVE).ok
        return [answer.result() for answer in answers]


def test_a_stopped_database(attacked: Target) -> None:
    assert get(attacked, READ).ok
    with attacked.postgres_stopped():
        for answer in many(attacked, READ) + many(attacked, READ):
            assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (503, "5", AWAY)
        headers = {**HEADERS, "Content-Type": "text/csv"}
        upload = requests.post(attacked.web.url + UPLOAD, RECORDS, headers=headers, timeout=DEADLINE_SECONDS)
        assert (upload.status_code, upload.json()) == (503, AWAY)
        ready = get(attacked, "/health/ready")
        assert (ready.status_code, ready.json()["database"]) == (503, "does not answer")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not get(attacked, READ).ok:
        assert time.monotonic() < deadline
    assert [answer.status_code for answer in many(attacked, READ)] == [200] * CLIENTS


def test_a_statement_that_takes_long_is_not_taken_for_silence(attacked: Target) -> None:
    """A load that waits for its turn is the longest of all: the database is asked whether it is there, again and again,
    and says so."""
    headers = {**HEADERS, "Content-Type": "text/csv"}
    send = partial(requests.post, attacked.web.url + UPLOAD, RECORDS, headers=headers, timeout=DEADLINE_SECONDS)
    with ThreadPoolExecutor(1) as client, psycopg.connect(attacked.environment["DATABASE_URL"]) as other:
        with attacked.locked("consumption_blocks"):
            load = client.submit(send)
            asked: set[object] = set()
            deadline = time.monotonic() + DEADLINE_SECONDS
            while len(asked) < 3:
                assert time.monotonic() < deadline
                assert not load.done()
                asked.update(other.execute(ASKED).fetchall())
                other.rollback()
        assert load.result().ok


def test_a_table_that_is_locked(attacked: Target) -> None:
    with attacked.locked("projects"):
        for answer in many(attacked, READ):
            assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (503, "5", LOCKED)
    assert get(attacked, READ).ok
