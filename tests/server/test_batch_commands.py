"""`eeds export meter-input`, `eeds.meter.batch.run`, `eeds import results`: what comes back is what a worker finds."""

import csv
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import select

from eeds.accounts.principal import principal_of
from eeds.client import Client
from eeds.db.engine import Database
from eeds.db.tables import Base, ProjectRun
from eeds.jobs import leases
from eeds.meter.batch import run, station_weather, waiting, weather_within
from eeds.meter.batch_files import BatchFileError, RowWriter, read_rows
from eeds.meter.batch_rows import StationWeather
from eeds.runs import lifecycle as runs
from eeds.runs.batch.export_input import InputExport, new_directory
from eeds.runs.operations import request_run
from eeds.weather.store import store
from tests.cli.conftest import Eeds, Outcome
from workers.claimed_job import failing
from workers.jobs import compute_and_store

FIRST = np.datetime64("2013-01-01T00", "s")
DAY = np.timedelta64(86_400, "s")
HOUR = np.timedelta64(3600, "s")
SETTINGS = {"weather_station": "roof/1", "ignore_disqualification": True, "baseline_days": 60}
rng = np.random.default_rng(5)
TEMPERATURES = 50 - 30 * np.cos(np.arange(24 * 730) * 2 * np.pi / 8766) + rng.normal(0, 4, 24 * 730)
MEANS = TEMPERATURES.reshape(-1, 24).mean(axis=1)
HEATED = (20 + 0.8 * np.maximum(60 - MEANS, 0) + rng.normal(0, 1, 730))[:500]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Path:
    """The directory of whoever gives the commands, and an environment that names the database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    return tmp_path


def add_project(client: Client, name: str, *traces: Sequence[float], **fields: Any) -> int:
    """A project with a trace of daily readings from FIRST on for each of some series; the first is of electricity."""
    ends = {"baseline_period_end": "2014-01-01T00:00:00Z", "reporting_period_start": "2014-02-01T00:00:00Z"}
    project: int = client.post("projects/", {"project_id": name, "project_owner": 1, **ends, **fields})["id"]
    for values, (interpretation, unit) in zip(traces, (("E_C_S", "KWH"), ("NG_C_S", "THM")), strict=False):
        meter = {"project": project, "interpretation": interpretation, "unit": unit}
        trace = client.post("consumption_metadatas/", meter)["id"]
        records = [reading(trace, i, None if np.isnan(value) else float(value)) for i, value in enumerate(values)]
        client.post("consumption_records/sync2/", records)
    return project


def reading(trace: int, number: int, value: float | None) -> dict[str, Any]:
    """The reading of a trace on that day, every fiftieth of them estimated."""
    start = f"{FIRST + number * DAY}Z"
    return {"metadata_id": trace, "start": start, "value": value, "estimated": number % 50 == 7}


def store_weather(database: Database, temperatures: Any) -> None:
    """The hours of a station from FIRST on, but for a short gap and a long one."""
    hours = FIRST + np.arange(temperatures.size) * HOUR
    known = ~np.isin(np.arange(hours.size), [5000, 5001, *range(9000, 9010)])
    with database.connection() as connection:
        store(connection, ["roof/1"] * int(known.sum()), hours[known], temperatures[known])


@pytest.fixture
def projects(here: Path, client: Client, database: Database) -> list[int]:
    """One of electricity and gas, one that looks at other hours, and one of which nothing can be modelled."""
    store_weather(database, TEMPERATURES)
    gaps = np.where(np.arange(500) % 40 == 3, np.nan, HEATED)
    return [
        add_project(client, "both", HEATED, HEATED[::-1] / 30),
        add_project(client, "gaps", gaps, baseline_period_start="2013-11-01T06:00:00Z", zipcode="50321"),
        add_project(client, "zeros", np.zeros(500)),
    ]


def export(eeds: Eeds, *options: Any, directory: str = "march") -> Outcome:
    """An export for runs of SETTINGS."""
    return eeds("export", "meter-input", directory, "--settings", json.dumps(SETTINGS), *options)


@pytest.fixture
def computed(eeds: Eeds, projects: list[int], here: Path) -> Path:
    """They are exported, and computed."""
    assert export(eeds, "--projects-per-file", 2).status == 0
    for path in waiting("march"):
        run(path)
    return Path("march")


def contents(database: Database, client: Client, result: int) -> list[Any]:
    """All that is stored of a result, but for ids, times, and whether results of runs before it might be used again."""
    found: list[Any] = []
    with database.session() as session:
        for name, table in sorted(Base.metadata.tables.items()):
            if "project_result_id" in table.columns and name not in ("modeling_period_groups", "time_series"):
                columns = [c for c in table.columns if c.name not in ("id", "project_result_id", "modeling_period_id")]
                found += sorted(map(repr, session.execute(select(*columns).where(table.c.project_result_id == result))))
    nested = client.get(f"project_results/{result}/")
    found += [without_ids(nested), without_ids(client.get(f"project_results/{result}/savings/"))]
    for trace in {each["energy_trace"] for each in nested["energy_trace_model_results"]}:
        found.append(client.get(f"project_results/{result}/timeseries/?trace={trace}"))
    return found


def without_ids(value: Any) -> Any:
    """A decoded answer without what differs between any two results."""
    if isinstance(value, list):
        return [without_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    own = {"id", "added", "updated", "project_run", "project_result", "reuse", "meter_settings", "modeling_period"}
    own |= {"modeling_period_group", "baseline_period", "reporting_period"}
    return {name: without_ids(each) for name, each in value.items() if name not in own}


def runs_of(database: Database) -> list[ProjectRun]:
    """All that there are."""
    with database.session() as session:
        return list(session.scalars(select(ProjectRun).order_by(ProjectRun.id)))


def work(database: Database, project: int, settings: dict[str, Any]) -> ProjectRun:
    """A run by a worker, from the beginning."""
    with database.session() as session:
        id = request_run(session, principal_of(session, 1), project, settings)
    with database.connection() as connection:
        held = leases.claim_job(connection, runs.RUNS, id)
    assert held is not None
    with failing(database, held):
        compute_and_store(database, held)
    with database.session() as session:
        return session.get_one(ProjectRun, id)


def test_dask_finds_what_a_worker_finds(
    eeds: Eeds,
    database: Database,
    database_url: str,
    client: Client,
    projects: list[int],
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To the last bit, in processes that reach no database."""
    assert export(eeds, "--projects-per-file", 2).out == "3 projects, 2 files: march\n"
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    tasks = [dask.delayed(run)(path) for path in waiting("march")]
    written = dask.compute(*tasks, scheduler="processes", num_workers=1)
    assert [Path(path).name for path in written] == ["00000.parquet", "00001.parquet"]
    assert waiting("march") == []
    monkeypatch.setenv("DATABASE_URL", database_url)
    outcome = eeds("import", "results", "march")
    assert (outcome.status, outcome.out, outcome.err) == (0, "2 SUCCESS, 1 FAILED\n", "")

    by_dask = runs_of(database)
    by_worker = [work(database, project, {**SETTINGS, "reuse": False}) for project in projects]
    assert [(run.project_id, run.status, run.traceback) for run in by_dask] == [
        (run.project_id, run.status, run.traceback) for run in by_worker
    ]
    assert [run.meter_settings for run in by_dask] == [SETTINGS] * 3
    results = [one["id"] for one in client.get("project_results/")]
    assert len(results) == 4
    for ours, workers_own in zip(results[:2], results[2:], strict=True):
        assert contents(database, client, ours) == contents(database, client, workers_own)


def test_the_weather_of_a_station_is_written_once(eeds: Eeds, projects: list[int], here: Path) -> None:
    """Though each project looks at other hours of it, and some at hours that are not there."""
    export(eeds)
    (weather,) = (here / "march" / "weather").iterdir()
    assert weather.name.startswith("roof%2F1-")
    rows = pq.read_table(here / "march" / "projects" / "00000.parquet")
    assert rows["weather_file"].to_pylist() == [weather.name] * 3
    assert len(set(map(str, rows["hours"].to_pylist()))) == 2
    assert not (here / "march" / "left_out.csv").exists()


def test_weather_that_changes_while_projects_are_exported(
    eeds: Eeds, database: Database, projects: list[int], here: Path
) -> None:
    """Each project is computed in the weather that its hash is of."""
    with new_directory(here / "march") as part:
        written = InputExport(database, part, SETTINGS, 100).write(projects)
        next(written)
        store_weather(database, TEMPERATURES + 1)
        assert len(list(written)) == 2
    assert len(list((here / "march" / "weather").iterdir())) == 2
    run(*waiting("march"))
    outcome = eeds("import", "results", "march")
    assert (outcome.status, outcome.out) == (1, "1 SUCCESS, 1 FAILED\n")
    assert "project 1 (both): Its readings, periods, attributes or weather have changed" in outcome.err


def test_importing_again_changes_nothing(eeds: Eeds, database: Database, computed: Path) -> None:
    assert eeds("import", "results", "march").out == "2 SUCCESS, 1 FAILED\n"
    before = [run.id for run in runs_of(database)]
    for path in (computed, computed / "results", *sorted((computed / "results").iterdir())):
        outcome = eeds("import", "results", path)
        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out.endswith(" already there\n")
    assert [run.id for run in runs_of(database)] == before


def test_what_has_changed_is_not_stored(eeds: Eeds, client: Client, projects: list[int], computed: Path) -> None:
    """Until it is as it was."""
    client.post("consumption_records/sync2/", [reading(1, 400, 99.0)])
    client.patch(f"projects/{projects[1]}/", {"baseline_period_end": None})
    outcome = eeds("import", "results", "march")
    assert (outcome.status, outcome.out) == (1, "1 FAILED\n")
    assert outcome.err.startswith(
        "Error: 2 were not stored:\n"
        "  march/results/00000.parquet, project 1 (both): Its readings, periods, attributes or weather have changed "
        "since it was exported: input_sha256 is "
    )
    assert (
        "  march/results/00000.parquet, project 2 (gaps): It has changed since it was exported, and cannot be computed "
        "any more: Project gaps has no baseline_period_end; set it.\n"
    ) in outcome.err
    assert client.get("project_results/") == []
    client.post("consumption_records/sync2/", [reading(1, 400, float(HEATED[400]))])
    client.delete(f"projects/{projects[1]}/")
    outcome = eeds("import", "results", "march")
    assert (outcome.status, outcome.out) == (1, "1 SUCCESS, 1 already there\n")
    assert "project 2 (gaps): There is no project of that id. Import into the datastore" in outcome.err


def test_a_result_of_before_a_later_one_is_stored_again(
    eeds: Eeds, database: Database, client: Client, projects: list[int], computed: Path
) -> None:
    """The data have been changed, run, and changed back: the latest result is to be that of the data."""
    assert eeds("import", "results", "march").status == 0
    client.patch(f"projects/{projects[0]}/", {"reporting_period_start": "2014-03-01T00:00:00Z"})
    assert work(database, projects[0], SETTINGS).status == "SUCCESS"
    client.patch(f"projects/{projects[0]}/", {"reporting_period_start": "2014-02-01T00:00:00Z"})
    assert eeds("import", "results", "march").out == "1 SUCCESS, 2 already there\n"


def test_what_is_not_computed_yet_is_named(eeds: Eeds, computed: Path) -> None:
    (computed / "results" / "00001.parquet").unlink()
    outcome = eeds("import", "results", "march")
    assert (outcome.status, outcome.out) == (1, "2 SUCCESS\n")
    assert outcome.err == (
        "Error: 1 were not stored:\n"
        "  march/projects/00001.parquet has no results yet; compute it by eeds.meter.batch.run, and import again.\n"
    )
    assert waiting(computed) == [str(computed / "projects" / "00001.parquet")]
    shutil.rmtree(computed / "results")
    outcome = eeds("import", "results", "march")
    assert outcome.err == "Error: march has no results; compute its projects by eeds.meter.batch.run.\n"


def test_files_that_are_none(eeds: Eeds, database: Database, computed: Path) -> None:
    """The others are stored."""
    first = computed / "results" / "00000.parquet"
    content = first.read_bytes()
    model = pq.read_metadata(first).row_group(0)
    series = max((model.column(i) for i in range(model.num_columns)), key=lambda column: column.total_compressed_size)
    place = series.data_page_offset + series.total_compressed_size - 9
    first.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    (computed / "results" / "00002.parquet").write_bytes(content[:-100])
    (computed / "results" / "00003.parquet").write_bytes(b"")
    shutil.copy(computed / "projects" / "00000.parquet", computed / "results" / "00004.parquet")
    outcome = eeds("import", "results", "march")
    assert (outcome.status, outcome.out) == (1, "1 FAILED\n")
    lines = outcome.err.splitlines()
    assert lines[0] == "Error: 4 were not stored:"
    assert lines[1].startswith("  march/results/00000.parquet cannot be read: ")
    assert lines[-1].endswith(
        "00004.parquet is no file of results of this release of eeds; write it again with the release that reads it."
    )


def computed_with(file: Path, name: str, version: str) -> None:
    """Have a file of results say that another version of something has computed them."""
    rows = pq.read_table(file).to_pylist()
    for row in rows:
        row["versions"] = json.dumps({**json.loads(row["versions"]), name: version})
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(file)), file)


def test_other_formulas_are_refused(eeds: Eeds, computed: Path) -> None:
    file = computed / "results" / "00001.parquet"
    computed_with(file, "meter", "0" * 64)
    outcome = eeds("import", "results", file)
    assert (outcome.status, outcome.out) == (1, "nothing stored\n")
    assert f"project 3 (zeros): It was computed by another release: meter {'0' * 64}, which is " in outcome.err


def test_other_versions_of_libraries_are_named(eeds: Eeds, computed: Path) -> None:
    file = computed / "results" / "00001.parquet"
    computed_with(file, "numba", "0.1")
    outcome = eeds("import", "results", file)
    assert outcome.out.startswith(
        "1 FAILED\nComputed with other versions, as the provenance of the results says: numba 0.1 ("
    )


def test_projects_without_input_are_left_out_and_named(eeds: Eeds, client: Client, projects: list[int]) -> None:
    add_project(client, "=empty")
    add_project(client, "open", HEATED, baseline_period_end=None)
    outcome = export(eeds)
    assert (outcome.status, outcome.out) == (1, "3 projects, 1 files: march\n")
    lines = outcome.err.splitlines()
    assert lines[0] == "Error: 2 projects are left out, see march/left_out.csv:"
    assert lines[1].startswith("  project 4 (=empty): The project has no traces with records; load some")
    with Path("march/left_out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["project"], row["project_id"]) for row in rows] == [("4", "'=empty"), ("5", "open")]
    assert rows[1]["reason"] == "Project open has no baseline_period_end; set it."
    nothing = export(eeds, "--projects", "4-5", directory="april")
    assert (nothing.status, nothing.out) == (1, "0 projects, 0 files: april\n")


def test_some_projects(eeds: Eeds, client: Client, projects: list[int]) -> None:
    client.post("project_blocks/", {"name": "b", "projects": [projects[2]]})
    client.post("groups/", {"name": "3rd", "filter": {"block": 1}})
    for number, (options, chosen) in enumerate(
        {
            ("--projects", "1+2-2"): [1, 2],
            ("--block", "1"): [3],
            ("--group", "3rd"): [3],
            ("--filter", '{"block": "b"}'): [3],
        }.items()
    ):
        assert export(eeds, *options, directory=f"d{number}").status == 0
        assert pq.read_table(f"d{number}/projects/00000.parquet")["project"].to_pylist() == chosen


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (
            ["--projects", "1", "--block", "1"],
            2,
            "Say which projects by one of --projects 1+3-5, --block ID, --group NAME or --filter JSON.",
        ),
        (["--projects", "x"], 2, "Incorrect type. Expected pk value"),
        (["--projects", "1+99"], 1, 'Invalid pk "99" - object does not exist.'),
        (["--block", "99"], 1, "There are no such projects."),
        (["--group", "99"], 1, 'There is no group "99"'),
        (["--filter", '{"zip": 1}'], 1, 'filter.zip: There is no field "zip"'),
        (["--settings", '{"model": "x"}'], 2, "model: 'x' is not allowed"),
        (["--settings", "[1]"], 2, "[1] is no JSON object"),
        (["--settings", "{"], 2, "{ is no JSON object, such as {"),
        (["--projects-per-file", "0"], 2, "0 is not in the range x>=1"),
    ],
)
def test_what_cannot_be_exported(
    eeds: Eeds, projects: list[int], here: Path, options: list[str], status: int, message: str
) -> None:
    outcome = eeds("export", "meter-input", "march", *options)
    assert (outcome.status, outcome.out) == (status, "")
    assert message in " ".join(outcome.err.replace("│", "").split())
    assert list(here.iterdir()) == []


def test_where_nothing_can_be_written(eeds: Eeds, projects: list[int], here: Path) -> None:
    (here / "march").mkdir()
    assert export(eeds).err == "Error: march is there already; choose another name.\n"
    (here / "april.part").mkdir()
    assert export(eeds, directory="april").err.startswith("Error: april.part is there, of an export that is at work")
    assert export(eeds, directory="no/where").err == "Error: no/where cannot be written: No such file or directory\n"


def test_no_database(eeds: Eeds, computed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    for command in (("export", "meter-input", "april"), ("import", "results", "march")):
        outcome = eeds(*command)
        assert outcome.status == 1
        assert outcome.err.startswith("Error: The database does not answer: ")
    assert not Path("april.part").exists()


def test_a_database_of_an_earlier_release(
    eeds: Eeds, computed: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", make_conninfo(database_url, dbname="postgres"))
    for command in (("export", "meter-input", "april"), ("import", "results", "march")):
        outcome = eeds(*command)
        assert outcome.status == 1
        assert outcome.err.startswith("Error: The schema lacks 0001_schema, ")
        assert outcome.err.endswith(". Run: eeds db upgrade\n")


def test_input_that_reads_differently_is_not_computed(computed: Path) -> None:
    """Whatever it is that differs, there are no results."""
    shutil.rmtree(computed / "results")
    (file,) = (computed / "weather").iterdir()
    (weather,) = read_rows(file, StationWeather, "file of weather")
    with RowWriter(file, StationWeather) as rows:
        rows.write(replace(weather, observed=weather.observed + 1e-12))
    station_weather.cache_clear()
    weather_within.cache_clear()
    with pytest.raises(
        BatchFileError, match=r"00000.parquet: project 1 \(both\) reads differently here than where it was"
    ):
        run(waiting(computed)[0])
    assert list((computed / "results").iterdir()) == []
    with pytest.raises(BatchFileError, match="has no projects"):
        waiting(computed / "results")
