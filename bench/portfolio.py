"""`script/bench portfolio`: how long savings of 10,000 and of 100,000 projects take to add up, and to be kept."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.orm import Session

from bench.api import Line, show
from eeds.accounts.operations import create_user
from eeds.accounts.principal import Principal
from eeds.db.engine import Database
from eeds.db.migrate import migrate
from eeds.projects.selection import ALL_PROJECTS
from eeds.runs.aggregations.operations import compute_aggregation, create_aggregation
from eeds.runs.aggregations.settings import AggregationSettings
from eeds.server.embedded import embedded_servers

ROWS = Path(__file__).with_name("portfolio_rows.sql")
REPEATS = 5
TARGETS = {10_000: 0.3, 100_000: 3.0}  # seconds


def main() -> None:
    """Measure portfolios of these sizes, or of those that are given, and print the table."""
    sizes = [int(size) for size in sys.argv[1:]] or list(TARGETS)
    with (
        tempfile.TemporaryDirectory() as place,
        embedded_servers(Path(place), postgres=True, valkey=False) as running,
    ):
        show([line for size in sizes for line in lines(running.urls.database, size)])


def lines(server: str, projects: int) -> Iterator[Line]:
    """What portfolios of so many projects take."""
    database, principal = filled(server, projects)
    target = TARGETS.get(projects, TARGETS[100_000] * projects / 100_000)
    plain, grouped = AggregationSettings(), AggregationSettings(group_by="contractor")
    monthly = AggregationSettings(months=True)

    def sums(settings: AggregationSettings) -> Callable[[Session], Any]:
        return lambda session: compute_aggregation(session, principal, ALL_PROJECTS, settings)

    asked = {
        "sums": sums(plain),
        "sums by contractor": sums(grouped),
        "sums by month": sums(monthly),
        "an aggregation that is kept": lambda session: create_aggregation(session, principal, ALL_PROJECTS, plain),
    }
    for name, ask in asked.items():
        seconds = median(database, ask)
        yield Line(f"{projects:,} projects, {name}", seconds, "s", f"<= {target:g}", seconds <= target)
    database.engine.dispose()


def filled(server: str, projects: int) -> tuple[Database, Principal]:
    """A database of an owner with so many projects and their results."""
    name = f"portfolio_{projects}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_conninfo(server, dbname=name)
    migrate(url)
    database = Database(url)
    with database.session() as session:
        user = create_user(session, "bench", is_admin=True)
        principal = Principal(user.id, 1, is_admin=True, scopes=frozenset(), token_id=None)
    with psycopg.connect(url, autocommit=True) as connection:
        psycopg.ClientCursor(connection).execute(ROWS.read_bytes(), {"projects": projects})
        connection.execute("VACUUM ANALYZE")
    return database, principal


def median(database: Database, ask: Callable[[Session], Any]) -> float:
    """Seconds that a call takes, the first left out, which compiles the statements."""
    taken = []
    for _ in range(REPEATS + 1):
        with database.session() as session:
            started = time.perf_counter()
            ask(session)
            taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:])


if __name__ == "__main__":
    main()
