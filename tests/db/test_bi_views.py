"""Views for BI tools, and roles that can read nothing else."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.orm import Session

from eeds.accounts.operations import create_user
from eeds.accounts.principal import Principal
from eeds.cli import cli
from eeds.db.bi_views import view_files
from eeds.db.engine import Database
from eeds.db.migrate import migrate
from eeds.db.tables import Base, ConsumptionMetadata
from eeds.errors import Conflict, EedsError
from eeds.meter.names import ALL_FUELS
from eeds.projects.selection import ALL_PROJECTS
from eeds.runs.aggregations.operations import create_aggregation
from eeds.runs.aggregations.settings import AggregationSettings
from eeds.runs.portfolio.members import GAS
from tests.runs.portfolio_results import add_attributes, add_project, add_result, both_fuels, owner_of

ROLE = "eeds_test_bi"


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with a project, a result and an aggregation by contractor of each of two owners."""
    with Session(database.engine) as session:
        for name, value in (("ada", 100.0), ("bob", 500.0)):
            user = create_user(session, name)
            owner = owner_of(session, name)
            project = add_project(session, owner, f"of {name}", zipcode="50321")
            add_result(session, project, *both_fuels(value, value))
            add_attributes(session, project, "CHAR", contractor="Smith")
            session.add(ConsumptionMetadata(project_id=project.id, interpretation="E_C_S", unit="KWH"))
            session.flush()
            principal = Principal(user.id, owner, is_admin=False, scopes=frozenset(), token_id=None)
            create_aggregation(session, principal, ALL_PROJECTS, AggregationSettings(group_by="contractor"))
        session.commit()
    return database


@pytest.fixture
def bi_url(filled: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL with which a BI tool logs in."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    with psycopg.connect(database_url, autocommit=True) as admin:
        try:
            answer = CliRunner().invoke(cli, ["db", "bi-role", ROLE], catch_exceptions=False)
            said = dict(line.split(": ") for line in answer.output.splitlines())
            assert said["role"] == ROLE
            yield make_conninfo(database_url, user=ROLE, password=said["password"])
        finally:
            admin.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(ROLE)))


def read(url: str, statement: str) -> list[Any]:
    """The rows of a statement."""
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_what_the_views_show(bi_url: str) -> None:
    assert read(
        bi_url, "SELECT owner, project_id, attributes, metered_savings, metered_upper FROM project_summary"
    ) == [
        ("ada", "of ada", {"contractor": "Smith"}, 200, 230),
        ("bob", "of bob", {"contractor": "Smith"}, 1000, 1030),
    ]
    assert read(bi_url, "SELECT owner, project_id, interpretation, readings FROM bi.trace_summary ORDER BY 1") == [
        ("ada", "of ada", "E_C_S", 0),
        ("bob", "of bob", "E_C_S", 0),
    ]
    months = (
        "SELECT month::text, savings, reporting FROM savings_by_month WHERE owner = 'ada' AND trace_interpretation ="
    )
    assert read(bi_url, f"{months} '{GAS}' ORDER BY 1") == [("2014-01-01", 25, 225), ("2014-02-01", 50, 450)]
    statistics = (
        "SELECT owner, is_group, group_value, kind, projects, savings, percent FROM group_statistics"
        f" WHERE trace_interpretation = '{ALL_FUELS}' AND kind = 'metered' ORDER BY owner, is_group"
    )
    assert read(bi_url, statistics) == [
        ("ada", False, None, "metered", 1, 200, 10),
        ("ada", True, "Smith", "metered", 1, 200, 10),
        ("bob", False, None, "metered", 1, 1000, 10),
        ("bob", True, "Smith", "metered", 1, 1000, 10),
    ]
    assert read(bi_url, "SELECT * FROM model_results") == []


def test_the_role_reads_and_changes_nothing_else(bi_url: str) -> None:
    tables = [*Base.metadata.tables, "schema_migrations", "consumption_records", "time_series_rows"]
    refused = [f"SELECT * FROM public.{table}" for table in tables]
    refused += [
        "SELECT * FROM pg_authid",
        "DELETE FROM bi.trace_summary",
        "UPDATE bi.trace_summary SET label = 'x'",
        "CREATE VIEW bi.own AS SELECT 1",
        "CREATE TABLE public.own (id bigint)",
    ]
    with psycopg.connect(bi_url) as connection:
        for statement in refused:
            connection.execute("SET TRANSACTION READ WRITE")
            with pytest.raises((errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState)):
                connection.execute(statement.encode())
            connection.rollback()


def test_views_that_are_made_again_can_be_read(bi_url: str, database_url: str) -> None:
    assert migrate(database_url) == migrate(database_url) == []
    for view in view_files():
        read(bi_url, f"SELECT * FROM bi.{view}")


def test_no_view_shows_secrets_or_readings(database: Database, database_url: str) -> None:
    columns = read(database_url, "SELECT column_name FROM information_schema.columns WHERE table_schema = 'bi'")
    assert {name for (name,) in columns} & {"password_hash", "digest", "token_digest", "value", "observed"} == set()


def test_a_role_that_cannot_be(bi_url: str, database_url: str) -> None:
    for name, error, message in ((ROLE, Conflict, "There is a role"), ("pg_x", EedsError, "cannot be called 'pg_x'")):
        result = CliRunner().invoke(cli, ["db", "bi-role", name])
        assert isinstance(result.exception, error)
        assert message in str(result.exception)
