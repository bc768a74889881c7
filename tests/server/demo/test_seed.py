"""The development seed: a user, a token, and the sample project that the original's tutorial looks at."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from eeds.accounts.tokens import authenticate
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.db.tables import ConsumptionMetadata, Project, WeatherYear
from eeds.errors import ConfigurationError
from eeds.server.seed import DEV_TOKEN, seed_dev
from tests.readings import ConsumptionRecord

# Answers of the original.
SCENARIO = Path(__file__).parents[2] / "api" / "reference" / "scenario.jsonl.gz"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_env({"DATABASE_URL": database_url, "EEDS_DATA_DIR": str(tmp_path)})


@pytest.fixture
def seeded(database: Database, settings: Settings) -> Database:
    assert seed_dev(database, settings)
    return database


def records(database: Database, trace: int) -> list[dict[str, Any]]:
    """The records of a trace as the API shows them, without their ids."""
    columns = (ConsumptionRecord.start, ConsumptionRecord.value, ConsumptionRecord.estimated)
    rows = select(*columns).where(ConsumptionRecord.metadata_id == trace).order_by(ConsumptionRecord.start)
    with database.session() as session:
        return [
            {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "value": value, "estimated": estimated, "metadata": trace}
            for start, value, estimated in session.execute(rows)
        ]


def test_user_and_project_have_the_ids_of_the_original(seeded: Database, settings: Settings) -> None:
    with seeded.session() as session:
        principal = authenticate(session, settings.secret_key, DEV_TOKEN)
        assert principal is not None
        assert (principal.owner_id, principal.is_admin, principal.scopes) == (1, True, {"read", "write"})
        (project,) = session.scalars(select(Project))
        assert (project.id, project.project_id, project.project_owner_id, project.zipcode) == (1, "ABC", 1, "91104")
        assert (project.baseline_period_start, project.reporting_period_end) == (None, None)
        assert project.baseline_period_end == datetime(2012, 1, 1, tzinfo=UTC)
        assert project.reporting_period_start == datetime(2012, 2, 1, tzinfo=UTC)
        traces = session.scalars(select(ConsumptionMetadata).order_by(ConsumptionMetadata.id))
        assert [(trace.id, trace.interpretation, trace.unit, trace.label) for trace in traces] == [
            (1, "NG_C_S", "THM", None),
            (2, "NG_C_S", "THM", None),
            (3, "E_C_S", "KWH", None),
            (4, "E_C_S", "KWH", None),
            (5, "E_OSG_U", "KWH", None),
            (6, "E_OSG_U", "KWH", None),
        ]


def test_constant_traces_have_missing_and_estimated_readings_among_the_first_thousand(seeded: Database) -> None:
    monthly, daily = records(seeded, 1), records(seeded, 2)
    assert [(len(trace), trace[0]["start"], trace[-1]["start"]) for trace in (monthly, daily)] == [
        (60, "2010-01-01T00:00:00Z", "2014-12-01T00:00:00Z"),
        (1218, "2011-09-01T00:00:00Z", "2014-12-31T00:00:00Z"),
    ]
    for trace, value in ((monthly, 1.0), (daily, 2.0)):
        for number, record in enumerate(trace):
            assert record["value"] == (None if number in range(0, 1000, 20) else value)
            assert record["estimated"] == (number in range(3, 1000, 15))


def recorded() -> Iterator[dict[str, Any]]:
    for line in gzip.decompress(SCENARIO.read_bytes()).splitlines():
        case = json.loads(line)
        if case["case"] in ("tutorial records metadata=1", "tutorial records metadata=2"):
            yield from case["expect"]["json"]


def test_constant_traces_are_those_of_the_original(seeded: Database) -> None:
    theirs = [{name: value for name, value in record.items() if name != "id"} for record in recorded()]
    assert Counter(record["metadata"] for record in theirs) == {1: 60, 2: 1218}
    assert records(seeded, 1) + records(seeded, 2) == theirs


def test_electricity_covers_baseline_and_reporting_period(seeded: Database) -> None:
    found = {trace: records(seeded, trace) for trace in (3, 4, 5, 6)}
    assert {trace: (rows[0]["start"], len(rows)) for trace, rows in found.items()} == {
        3: ("2011-01-01T00:00:00Z", 35_065),
        4: ("2011-01-01T00:00:00Z", 1_462),
        5: ("2012-02-01T00:00:00Z", 1_066),
        6: ("2011-01-01T00:00:00Z", 1_462),
    }
    for rows in found.values():
        assert (rows[-1]["start"], rows[-1]["value"]) == ("2015-01-01T00:00:00Z", None)
        assert all(record["value"] > 0 for record in rows[:-1])


def test_the_weather_of_the_readings_is_there(seeded: Database) -> None:
    with seeded.session() as session:
        years = session.scalars(select(WeatherYear).order_by(WeatherYear.year)).all()
    assert [(year.station, year.source, year.year) for year in years] == [
        ("722880", "synthetic", year) for year in range(2010, 2015)
    ]
    assert [len(year.temps) for year in years] == [8760, 8760, 8784, 8760, 8760]
    assert all(year.n_observed == len(year.temps) and 20 < min(year.temps) < max(year.temps) < 110 for year in years)
    assert years[0].first_hour == datetime(2010, 1, 1, tzinfo=UTC)
    assert years[-1].last_hour == datetime(2014, 12, 31, 23, tzinfo=UTC)


def test_seeding_replaces_nothing(seeded: Database, settings: Settings) -> None:
    with seeded.session() as session:
        session.execute(Project.__table__.delete())  # type: ignore[attr-defined]
    assert not seed_dev(seeded, settings)
    with seeded.session() as session:
        assert session.scalar(select(Project)) is None


def test_the_development_seed_is_not_for_production(database: Database, database_url: str, tmp_path: Path) -> None:
    production = Settings.from_env(
        {
            "DATABASE_URL": database_url,
            "EEDS_DATA_DIR": str(tmp_path),
            "EEDS_ENV": "production",
            "SECRET_KEY": "9f86d081884c7d659a2feaa0c55ad015",
        }
    )
    with pytest.raises(ConfigurationError, match="EEDS_ENV is production"):
        seed_dev(database, production)
