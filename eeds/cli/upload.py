"""`eeds upload`: CSV files to a server. A file with an error in it is refused before anything of it is sent."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from eeds.cli.csv_files import Column, CsvFile, Row
from eeds.cli.remote import remote
from eeds.cli.upload_columns import ENERGY, PROJECTS, WEATHER, instant_or_none
from eeds.client import ApiError, Client, batches
from eeds.errors import EedsError

RECORDS_A_REQUEST = 50_000
PROJECTS_A_REQUEST = 1_000
NOTHING_STORED = "Nothing of the file was stored; correct it and run this again."
PARTLY_STORED = (
    "The part of the file with these lines was not stored, what is before it was; correct them and run this again."
)
OTHERS_STORED = "The others were stored; correct these and run this again."
# The period fields that projects/sync/ does not take.
OUTER_PERIODS = ("baseline_period_start", "reporting_period_end")

Files = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
Key = tuple[str, str, str]  # project_id, interpretation and label of a trace


@click.group()
def upload() -> None:
    """Send CSV files to a server. Sending one again changes nothing."""


@upload.command("projects")
@Files
@click.option("--owner", type=int, help="Id of the project owner; needed if you can see several.")
@remote
def upload_projects(client: Client, files: Sequence[Path], owner: int | None) -> None:
    """Create or update projects.

    Columns: project_id, zipcode, baseline_period_end (or retrofit_start_date), reporting_period_start (or
    retrofit_end_date); optional: baseline_period_start, reporting_period_end.
    """
    tables = [opened(file, PROJECTS) for file in files]
    project_owner = owner or only_owner(client)
    for table in tables:
        rows = list(table.rows("checking"))
        table.complaints.raise_any(NOTHING_STORED)
        counts: Counter[str] = Counter()
        for batch in batches(rows, PROJECTS_A_REQUEST):
            counts += sync_projects(client, table, batch, project_owner)
        report(table, "projects", counts)
        table.complaints.raise_any(OTHERS_STORED)


def only_owner(client: Client) -> int:
    """The project owner that new projects get; raises EedsError if there is a choice."""
    owners = [owner["id"] for owner in client.get("project_owners/")]
    if len(owners) != 1:
        raise EedsError(f"Say whose projects these are with --owner; you can see the owners {owners}.")
    return int(owners[0])


def sync_projects(client: Client, table: CsvFile, rows: Sequence[Row], owner: int) -> Counter[str]:
    """Send projects; counts by what became of them."""
    sent = [{**row.values, "project_owner_id": owner} for row in rows]
    counts: Counter[str] = Counter()
    for row, outcome in zip(rows, client.sync("projects/sync/", sent), strict=True):
        status = outcome["status"]
        if status.startswith("error"):
            table.complaints.add(row.line, None, None, f"{status}: {outcome.get('message', '')}")
            continue
        changed = set_outer_periods(client, row, outcome)
        counts["updated" if changed and status != "created" else status.partition(" ")[0]] += 1
    return counts


def set_outer_periods(client: Client, row: Row, project: Mapping[str, Any]) -> bool:
    """Give a project the ends of its periods that sync does not take, where the file has them; whether it changed."""
    wanted = {name: row.values[name] for name in OUTER_PERIODS if row.values[name] is not None}
    changes = {name: time for name, time in wanted.items() if time != instant_or_none(project[name] or "")}
    if changes:
        client.patch(f"projects/{project['id']}/", changes)
    return bool(changes)


@upload.command("energy")
@Files
@remote
def upload_energy(client: Client, files: Sequence[Path]) -> None:
    """Create traces and load their records.

    Columns: project_id, trace_id, start (or date), value (empty: missing), unit (kWh or therm), fuel (electricity or
    natural_gas) or interpretation (as E_C_S); optional: estimated. The projects must be there.
    """
    tables = [opened(file, ENERGY) for file in files]
    for table in tables:
        ids = sync_traces(client, table, traces_of(table))
        report(table, "records", load(client, "consumption_records/sync2/", table, partial(record, ids)))


def record(ids: Mapping[Key, int], values: Mapping[str, Any]) -> dict[str, Any]:
    """A row as sync2 takes it."""
    return {"metadata_id": ids[key_of(values)], **{name: values[name] for name in ("start", "value", "estimated")}}


def key_of(values: Mapping[str, Any]) -> Key:
    """The trace that a row belongs to."""
    return values["project_id"], values["interpretation"], values["trace_id"]


def traces_of(table: CsvFile) -> dict[Key, Row]:
    """The traces of a file that has no errors, each with its first row; raises EedsError."""
    found: dict[Key, Row] = {}
    for row in table.rows("checking"):
        first = found.setdefault(key_of(row.values), row)
        if first.values["unit"] != row.values["unit"]:
            reason = f"Trace {row.values['trace_id']} has the unit {first.values['unit']} on line {first.line}."
            table.complaints.add(row.line, "unit", row.values["unit"], reason)
    table.complaints.raise_any(NOTHING_STORED)
    return found


def sync_traces(client: Client, table: CsvFile, traces: Mapping[Key, Row]) -> dict[Key, int]:
    """The ids of the traces, which are made if they are not there; raises EedsError if one cannot be."""
    ids: dict[Key, int] = {}
    for batch in batches(traces.items(), PROJECTS_A_REQUEST):
        sent = [
            {"project_project_id": key[0], "interpretation": key[1], "label": key[2], "unit": row.values["unit"]}
            for key, row in batch
        ]
        outcomes = client.sync("consumption_metadatas/sync/", sent)
        for (key, row), outcome in zip(batch, outcomes, strict=True):
            if outcome["status"].startswith("error"):
                table.complaints.add(row.line, "trace_id", key[2], trace_error(key, outcome))
            else:
                ids[key] = outcome["id"]
    table.complaints.raise_any("No records of the file were stored.")
    return ids


def trace_error(key: Key, outcome: Mapping[str, Any]) -> str:
    """Why a trace could not be made, and what to do."""
    status = str(outcome["status"])
    if status == "error - no Project found":
        return f"There is no project {key[0]}; load it first with: eeds upload projects"
    return f"{status}: {outcome.get('message', '')}"


@upload.command("weather")
@Files
@remote
def upload_weather(client: Client, files: Sequence[Path]) -> None:
    """Load hourly temperatures of weather stations; for admins.

    Columns: station, start (or date; whole hours), and temp_f or temp_c.
    """
    tables = [opened(file, WEATHER) for file in files]
    units = [temperature_unit(table) for table in tables]
    for table, unit in zip(tables, units, strict=True):
        for _ in table.rows("checking"):
            pass
        table.complaints.raise_any(NOTHING_STORED)
        report(table, "temperatures", load(client, "weather_records/sync2/", table, partial(temperature, unit)))


def temperature(unit: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A row as sync2 takes it."""
    return {name: values[name] for name in ("station", "start", unit)}


def temperature_unit(table: CsvFile) -> str:
    """The column of the temperatures; raises EedsError if there is none, or two."""
    units = [name for name in ("temp_f", "temp_c") if table.names[name]]
    if len(units) != 1:
        raise EedsError(f"{table.path} must have one column of temperatures, temp_f or temp_c; it has {len(units)}.")
    return units[0]


def opened(path: Path, columns: Mapping[str, Column]) -> CsvFile:
    """A file whose header is good; says which of its columns are not used."""
    table = CsvFile(path, columns)
    if table.ignored:
        click.echo(f"{path}: ignoring the columns {', '.join(table.ignored)}", err=True)
    return table


def load(client: Client, path: str, table: CsvFile, item: Callable[[Mapping[str, Any]], Any]) -> Counter[str]:
    """Send the rows of a file to a `sync2/`, batch by batch; raises EedsError with the lines that are refused."""
    counts: Counter[str] = Counter()
    for batch in batches(table.rows("uploading"), RECORDS_A_REQUEST):
        try:
            answer = client.post(path, [item(row.values) for row in batch])
        except ApiError as error:
            complain(table, batch, error)
            raise
        counts.update({name: n for name, n in answer.items() if name != "status"})
    return counts


def complain(table: CsvFile, batch: Sequence[Row], error: ApiError) -> None:
    """Say which lines the server refused; raises EedsError if it named some."""
    refusals: Iterable[Mapping[str, Any]] = error.body.get("errors", ()) if isinstance(error.body, Mapping) else ()
    for refusal in refusals:
        field = refusal["field"]
        table.complaints.add(
            batch[refusal["index"]].line, table.names.get(field) or field, refusal["value"], refusal["message"]
        )
    table.complaints.raise_any(f"{PARTLY_STORED} The server said: {error}")


def report(table: CsvFile, noun: str, counts: Counter[str]) -> None:
    """Print what became of the rows of a file."""
    words = ", ".join(f"{counts[name]:,} {name}" for name in ("created", "updated", "unchanged"))
    again = f", {counts['duplicates']:,} given more than once" if counts["duplicates"] else ""
    click.echo(f"{table.path}: {noun} {words}{again}")
