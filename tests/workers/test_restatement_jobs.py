"""Restatements as a worker ends them: each thing that is changed between two results moves the savings by its part."""

import json
from io import BytesIO

import msgspec
import numpy as np
import pytest
from sqlalchemy import select

from eeds.accounts.principal import principal_of
from eeds.db.engine import Database
from eeds.db.tables import ProjectResult, ProjectRun, RestatedSavings, Restatement, SavingsAggregation
from eeds.errors import Invalid
from eeds.formats.media_types import JSON
from eeds.jobs import leases
from eeds.meter.provenance import hash_of, input_parts
from eeds.records.consumption import CONSUMPTION
from eeds.records.limits import LoadLimits
from eeds.records.operations import LoadOptions, load_records
from eeds.runs.inputs import input_of
from eeds.runs.restatements.lifecycle import RESTATEMENTS
from eeds.runs.restatements.operations import RESULTS, request_restatement
from eeds.runs.restatements.steps import CAUSES, LIBRARY, PERIODS, READINGS, SETTINGS, UNEXPLAINED, WEATHER
from eeds.weather.store import store
from tests.workers.datastore import FIRST, ROOF, Datastore, day, project_with_weather
from workers.claimed_job import failing
from workers.restatement_jobs import compare_and_store

ELECTRICITY = "ELECTRICITY_CONSUMPTION_SUPPLIED"
OPTIONS = LoadOptions(LoadLimits(rows=1000, dry_run_rows=1000, refused_rows=1000))
SETTINGS_OF_RUNS = {"ignore_disqualification": True, "baseline_days": 30}


@pytest.fixture
def datastore(database: Database) -> Datastore:
    """A project with a result of a month before and a month after."""
    datastore = project_with_weather(database)
    datastore.change(reporting_period_end=day("2014-03-05"))
    temperature, rng = 50 - 30 * np.cos(np.arange(500) * 2 * np.pi / 365), np.random.default_rng(1)
    trace = datastore.trace(np.zeros(0))
    load(datastore, trace, FIRST, 20 + 0.5 * np.maximum(60 - temperature, 0) + rng.normal(0, 2, 500))
    assert datastore.run(**SETTINGS_OF_RUNS).status == "SUCCESS"
    return datastore


def load(datastore: Datastore, trace: int, first: np.datetime64, values: np.ndarray) -> None:  # type: ignore[type-arg]
    """Load daily readings, as the API does."""
    starts = first + np.arange(len(values)) * np.timedelta64(1, "D")
    records = [
        {"metadata_id": trace, "start": f"{start}Z", "value": value, "estimated": False}
        for start, value in zip(starts.astype("datetime64[s]"), values.tolist(), strict=True)
    ]
    with datastore.database.session() as session:
        body = BytesIO(msgspec.json.encode(records))
        load_records(session, principal_of(session, 1), CONSUMPTION, JSON, body, OPTIONS)


def correct_readings(datastore: Datastore) -> None:
    """Ten kWh more on ten days of the reporting period."""
    load(datastore, 1, np.datetime64("2014-02-10T00", "s"), np.full(10, 50.0))


def correct_weather(datastore: Datastore) -> None:
    """A warmer February."""
    with datastore.database.connection() as connection:
        hours = np.datetime64("2014-02-01T00", "s") + np.arange(24 * 20) * np.timedelta64(3600, "s")
        store(connection, [ROOF] * len(hours), hours, np.full(len(hours), 40.0))


def move_periods(datastore: Datastore) -> None:
    """The reporting period ends earlier."""
    datastore.change(reporting_period_end=day("2014-02-25"))


def forget_history(datastore: Datastore) -> None:
    """Change a reading without keeping what it was."""
    correct_readings(datastore)
    with datastore.database.connection() as connection:
        connection.execute("DELETE FROM record_versions")


def request(datastore: Datastore) -> int:
    """A comparison of the first result with the last."""
    first, *_, last = datastore.results()
    with datastore.database.session() as session:
        return request_restatement(session, principal_of(session, 1), RESULTS, first.id, last.id)


def restate(datastore: Datastore) -> dict[str, RestatedSavings]:
    """What moved metered and normalized savings."""
    id = request(datastore)
    with datastore.database.connection() as connection:
        held = leases.claim_job(connection, RESTATEMENTS, id)
    assert held is not None
    with failing(datastore.database, held):
        compare_and_store(datastore.database, held)
    with datastore.database.session() as session:
        ended = session.get_one(Restatement, id)
        assert (ended.status, ended.message) == ("SUCCESS", None)
        assert (ended.projects_done, ended.projects_total) == (1, 1)
        rows = session.scalars(select(RestatedSavings).where(RestatedSavings.trace_interpretation == ELECTRICITY))
        return {row.method: row for row in rows}


def causes_of(row: RestatedSavings) -> set[str]:
    """What has moved savings."""
    moved = (row.after or 0) - (row.before or 0)
    assert sum(getattr(row, cause) for cause in CAUSES) == pytest.approx(moved, abs=1e-6)
    return {cause for cause in CAUSES if getattr(row, cause)}


def test_each_change_moves_the_savings_by_its_part(datastore: Datastore) -> None:
    changes = ((correct_readings, READINGS), (correct_weather, WEATHER), (move_periods, PERIODS))
    for change, _ in changes:
        change(datastore)
    assert datastore.run(**{**SETTINGS_OF_RUNS, "baseline_days": 40}).status == "SUCCESS"
    row = restate(datastore)["metered"]
    assert causes_of(row) == {READINGS, WEATHER, PERIODS, SETTINGS}
    assert row.notes == []
    before = 365 * 20.0
    assert row.readings < 0, "more was used"
    assert abs(row.readings) < before


def test_what_is_stored_is_not_computed_again(datastore: Datastore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a change of readings alone both ends are known."""
    correct_readings(datastore)
    assert datastore.run(**SETTINGS_OF_RUNS).status == "SUCCESS"
    monkeypatch.setattr("workers.restatement_jobs.compute", None)
    rows = restate(datastore)
    assert causes_of(rows["metered"]) == {READINGS}
    assert rows["metered"].before != rows["metered"].after


def test_another_release_moves_what_nothing_else_does(datastore: Datastore) -> None:
    with datastore.database.session() as session:
        (result,) = session.scalars(select(ProjectResult))
        assert result.provenance
        result.provenance = {**result.provenance, "versions": {"opendsm": "1.0"}}
        for row in session.scalars(select(SavingsAggregation)):
            row.metered_value = (row.metered_value or 0) - 7
    assert datastore.run(**SETTINGS_OF_RUNS).status == "SUCCESS"
    row = restate(datastore)["metered"]
    assert causes_of(row) == {LIBRARY}
    assert row.library == pytest.approx(7)


def test_settings_that_an_earlier_release_had_not_yet(datastore: Datastore) -> None:
    """Its hash of the input is one without them."""
    with datastore.database.session() as session:
        (result,) = session.scalars(select(ProjectResult))
        assert result.provenance
        run = session.get_one(ProjectRun, result.project_run_id)
        input = input_of(session, 1, run.meter_settings)
        settings = {name: value for name, value in result.provenance["settings"].items() if name != "as_of"}
        _, *rest = input_parts(input.traces, input.weather.weather, input.periods, input.settings)
        sha256 = hash_of([json.dumps(dict(sorted(settings.items())), separators=(",", ":")).encode(), *rest]).hex()
        earlier = {"settings": settings, "versions": {"opendsm": "1.0"}, "input_sha256": sha256}
        result.provenance = {**result.provenance, **earlier}
    correct_readings(datastore)
    assert datastore.run(**SETTINGS_OF_RUNS).status == "SUCCESS"
    row = restate(datastore)["metered"]
    assert (causes_of(row), row.notes) == ({READINGS}, [])


def test_the_library_is_not_to_blame_for_what_is_not_known(datastore: Datastore) -> None:
    with datastore.database.session() as session:
        (result,) = session.scalars(select(ProjectResult))
        assert result.provenance
        result.provenance = {**result.provenance, "versions": {"opendsm": "1.0"}}
    forget_history(datastore)
    assert datastore.run(**SETTINGS_OF_RUNS).status == "SUCCESS"
    row = restate(datastore)["metered"]
    assert causes_of(row) == {UNEXPLAINED}


def test_settings_that_there_are_not_any_more(datastore: Datastore) -> None:
    with datastore.database.session() as session:
        (result,) = session.scalars(select(ProjectResult))
        assert result.provenance
        settings = {**result.provenance["settings"], "model": "seasonal"}
        result.provenance = {**result.provenance, "settings": settings}
    correct_readings(datastore)
    assert datastore.run(**SETTINGS_OF_RUNS).status == "SUCCESS"
    row = restate(datastore)["metered"]
    assert causes_of(row) == {UNEXPLAINED}
    assert "was computed with settings that there are not any more" in row.notes[0]


def test_what_cannot_be_put_together_again_is_said(datastore: Datastore) -> None:
    forget_history(datastore)
    assert datastore.run(**SETTINGS_OF_RUNS).status == "SUCCESS"
    row = restate(datastore)["metered"]
    assert UNEXPLAINED in causes_of(row)
    assert "could not be put together again exactly" in row.notes[0]


def test_results_of_two_projects_are_not_compared(datastore: Datastore) -> None:
    with datastore.database.session() as session:
        principal = principal_of(session, 1)
        with pytest.raises(Invalid, match="Compare it with another one"):
            request_restatement(session, principal, RESULTS, 1, 1)
        with pytest.raises(Invalid, match="does not exist"):
            request_restatement(session, principal, RESULTS, 1, 2)


def test_savings_that_are_gone_are_moved_by_what_took_them_away(datastore: Datastore) -> None:
    """A reporting period of nothing but zeros has no model: there are no savings in a normal year any more."""
    load(datastore, 1, np.datetime64("2014-02-01T00", "s"), np.zeros(40))
    assert datastore.run(**SETTINGS_OF_RUNS).status == "SUCCESS"
    row = restate(datastore)["normalized"]
    assert row.after is None
    assert causes_of(row) == {READINGS}
