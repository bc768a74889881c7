"""Which queue is whose: each database has its own, however many share a Redis."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from eeds.config.data_dir import Urls
from eeds.jobs.queue_name import queue_of
from tests.conftest import with_database

ROOT = Path(__file__).parents[2]
# `rq worker`, as workers.settings has it listen; `named`: what its command line names.
LISTEN = """
import sys
from rq.cli.cli import main
from workers.own_queue import listen_to
main([*sys.argv[1:], *(listen_to("ours") and {named})])
"""


@contextmanager
def created(servers: Urls, kind: str, name: str, options: str = "") -> Iterator[None]:
    """Another database, or a role, of the server."""
    identifier = sql.Identifier(name)
    with psycopg.connect(servers.database, autocommit=True) as admin:
        admin.execute(sql.SQL(f"CREATE {kind} {{}} {options}").format(identifier))
        try:
            yield
        finally:
            admin.execute(sql.SQL(f"DROP {kind} {{}}").format(identifier))


def queue_at(url: str, **options: Any) -> str:
    with psycopg.connect(url, **options) as connection:
        return queue_of(connection)


def test_a_copy_of_a_database_has_a_queue_of_its_own(servers: Urls, queue_name: str) -> None:
    with created(servers, "DATABASE", "eeds_test_original"):
        original = with_database(servers.database, "eeds_test_original")
        with created(servers, "DATABASE", "eeds_test_copy", "TEMPLATE eeds_test_original"):
            copy = with_database(servers.database, "eeds_test_copy")
            assert len({queue_at(original), queue_at(copy), queue_name}) == 3
            assert queue_at(original) == queue_at(original)


def test_a_role_without_privileges_finds_it(servers: Urls, database_url: str, queue_name: str) -> None:
    with created(servers, "ROLE", "eeds_test_role", "LOGIN PASSWORD 'x'"):
        assert queue_at(database_url, user="eeds_test_role", password="x") == queue_name


@pytest.mark.parametrize("named", [["ours"], ["eeds"]])
def test_a_worker_listens_to_the_queue_of_its_database(queue: Any, redis_url: str, named: list[str]) -> None:
    """Also one that is started as it was when all queues had one name."""
    command = [sys.executable, "-c", LISTEN.format(named=named), "worker", "--burst", "--url", redis_url]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "istening on ours-exports, ours-weather, ours" in done.stdout
