"""`eeds upload`: files to a server. A file of projects is stored whole or not at all, records piece by piece."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import click

from eeds.cli import upload_reports
from eeds.cli.energy_files import save_mapping, upload_energy_files
from eeds.cli.file_options import file_options, with_flags
from eeds.cli.green_button import GreenButtonUpload, green_button_files
from eeds.cli.record_files import readable
from eeds.cli.record_upload import RowsRefused
from eeds.cli.remote import remote
from eeds.cli.weather_upload import upload_weather_files
from eeds.client import ApiError, Client, Refused
from eeds.client.project_upload import send_projects
from eeds.errors import EedsError
from eeds.formats.media_types import type_of_table
from eeds.formats.messages import about_cell, about_table

Files = click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))


def checks(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of how to treat rows that are refused."""
    dry_run = click.option("--dry-run", is_flag=True, help="Check everything, and store nothing.")
    whole = click.option(
        "--all-or-nothing", is_flag=True, help="Check a file first; store nothing of it if anything is refused."
    )
    return dry_run(whole(command))


@click.group()
def upload() -> None:
    """Send files to a server. Sending one again changes nothing."""


@upload.command("projects")
@Files
@click.option("--owner", type=int, help="Id of the project owner; needed if you can see several.")
@click.option("--no-attributes", is_flag=True, help="Make no attributes of further columns.")
@click.option("--dry-run", is_flag=True, help="Check everything, print what would change, and store nothing.")
@remote
def upload_projects(
    client: Client, files: Sequence[Path], owner: int | None, no_attributes: bool, dry_run: bool
) -> None:
    """Create or update projects, from CSV files (also packed by gzip), workbooks (XLSX) or Parquet files.

    Columns: project_id, zipcode, baseline_period_end (or retrofit_start_date), reporting_period_start (or
    retrofit_end_date); optional: baseline_period_start, reporting_period_end.

    Every other column becomes an attribute of the projects, of the type that its values have; empty cells are left out.

    ZIP codes that have lost their zeros are repaired, and numbers as 1,850 are read; what was repaired is printed.

    Of a file that is refused nothing is stored.
    """
    for file in files:
        upload_project_file(client, file, owner=owner, attributes=not no_attributes, dry_run=dry_run)


@upload.command("energy")
@Files
@file_options
@click.option("--map", "mapping", metavar="FIELD=COLUMN,...|NAME", help="Which columns mean what, or a saved mapping.")
@click.option("--save-map", metavar="NAME", help="Save the mapping under a name.")
@checks
@remote
def upload_energy(
    client: Client,
    files: Sequence[Path],
    said: dict[str, str],
    mapping: str | None,
    save_map: str | None,
    dry_run: bool,
    all_or_nothing: bool,
) -> None:
    """Load the readings of traces, which are made if they are not there; the projects must be.

    Any table: CSV and its kin, XLSX, XLS, ODS, Parquet, Arrow, as a utility lets people download it; what is recognised
    is in docs/uploads.md. Times without an offset from UTC are those of the project's place. What the file does not say
    may be said by an option.

    Good rows are stored. Refused ones are written to FILE.refused.csv: correct them there and upload that file.
    """
    columns = said_columns(mapping or "")
    if save_map and not columns:
        raise click.UsageError("--save-map saves what --map FIELD=COLUMN,... says.")
    if mapping:
        said |= {"columns" if columns else "mapping": mapping}
    is_read = True
    try:
        upload_energy_files(client, files, said, dry_run=dry_run, all_or_nothing=all_or_nothing)
    except EedsError as error:
        is_read = isinstance(error, RowsRefused)  # the columns were right, whatever is wrong with rows
        raise EedsError(with_flags(str(error))) from error
    finally:
        if save_map and is_read and not dry_run:
            save_mapping(client, save_map, columns)


def said_columns(mapping: str) -> dict[str, str]:
    """The columns that FIELD=COLUMN,... says; none of the name of a mapping."""
    if "=" not in mapping:
        return {}
    parts = (part.partition("=") for part in mapping.split(","))
    return {field.strip(): head.strip() for field, _, head in parts}


@upload.command("weather")
@Files
@click.option("--station", help="Whose temperatures they are, for files of PVGIS and NSRDB.")
@checks
@remote
def upload_weather(
    client: Client, files: Sequence[Path], station: str | None, dry_run: bool, all_or_nothing: bool
) -> None:
    """Load temperatures of weather stations; for admins.

    CSV in UTF-8 (also packed by gzip) or Parquet. Columns: station, start (or date), and temp_f or temp_c. Or CSV files
    of PVGIS and NSRDB, with --station.

    They are stored by the hour. Observations at other times, as at :53 past, are made hourly, in files of up to 32 MB:
    a straight line joins them, and an hour has the mean of its minutes.

    Good rows are stored. Refused ones are written to FILE.refused.csv: correct them there and upload that file.
    """
    upload_weather_files(client, files, station=station, dry_run=dry_run, all_or_nothing=all_or_nothing)


@upload.command("normals")
@Files
@click.option("--station", help="Keep it for this station, not for the one that the file names.")
@remote
def upload_normals(client: Client, files: Sequence[Path], station: str | None) -> None:
    """Load normal years of weather stations, from TMY3, CZ2010, TMY2, EPW, NSRDB or PVGIS files; for admins.

    What a file is, is seen in it. NSRDB and PVGIS files, and some EPW files, name no station: give --station.

    Of a file that is refused nothing is stored.
    """
    if station and len(files) > 1:
        raise click.UsageError("--station is for one file.")
    refused = [reason for file in files if (reason := send_normals(client, file, station))]
    if refused:
        raise EedsError("\n".join(refused))


@upload.command("greenbutton")
@click.argument("paths", nargs=-1, required=True, metavar="FILE|DIR...", type=click.Path(path_type=Path))
@click.option("--project", required=True, metavar="PROJECT_ID", help="Whose readings they are; it must be there.")
@click.option("--heating-value", help="Of gas in volumes, to make energy of it: as '38.5 MJ/m3' or '1035 BTU/ft3'.")
@checks
@remote
def upload_green_button(
    client: Client,
    paths: Sequence[Path],
    project: str,
    heating_value: str | None,
    dry_run: bool,
    all_or_nothing: bool,
) -> None:
    """Load Green Button files (ESPI) into the traces of a project, which are made if they are not there.

    XML, also packed by gzip, or zips of XML; of a directory all .xml, .xml.gz and .zip files in it and below it. The
    project is one of project_id PROJECT_ID.

    Good readings are stored. Refused ones are listed, each with its line and what is wrong with it.
    """
    files = green_button_files(paths)
    GreenButtonUpload(client, project, heating_value, dry_run=dry_run, all_or_nothing=all_or_nothing).run(files)


def upload_project_file(client: Client, path: Path, *, owner: int | None, attributes: bool, dry_run: bool) -> None:
    """Send one file, and print what became of it; raises EedsError with what is wrong with it."""
    with readable(path):
        content = path.read_bytes()
    media_type, encoding = type_of_table(BytesIO(content))
    try:
        answer = send_projects(
            client,
            content,
            media_type,
            encoding,
            owner=owner,
            attributes=attributes,
            dry_run=dry_run,
            file_name=path.name,
        )
    except Refused as error:
        raise refusal_of_file(path, error) from error
    upload_reports.print_ignored(path, answer["ignored_columns"])
    upload_reports.print_repairs(path, answer)
    if answer["new_attributes"]:
        new = ", ".join(f"{name} {data_type}" for name, data_type in answer["new_attributes"].items())
        click.echo(f"{path}: new attributes {new}")
    if dry_run:
        upload_reports.print_changes(path, answer["changes"])
    only = upload_reports.checked_only(dry_run)
    click.echo(f"{path}: projects {upload_reports.describe_counts(answer['projects'])}{only}")
    if any(answer["attributes"].values()):
        click.echo(f"{path}: values of attributes {upload_reports.describe_counts(answer['attributes'])}{only}")


def refusal_of_file(path: Path, error: Refused) -> EedsError:
    """Why nothing of a file was stored, with the first errors by line and column."""
    body: Any = error.body if isinstance(error.body, Mapping) else {}
    if "detail" in body:
        return EedsError(about_table(str(path), body["detail"]))
    if "errors" not in body:
        return error
    errors = [about_cell(each["line"], each["field"], each["value"], each["message"]) for each in body["errors"]]
    stored = "Nothing of the file was stored; correct it and run this again."
    return EedsError(upload_reports.list_errors(path, stored, body["error_count"], errors))


def send_normals(client: Client, file: Path, station: str | None) -> str | None:
    """Send one file, and print what became of it; gives why it was refused."""
    params = {"file_name": file.name, **({"station": station} if station else {})}
    try:
        stored = client.send("POST", "weather_normals/", file_bytes(file), params, {"Content-Type": "text/plain"})
    except ApiError as error:
        if error.status != 400:
            raise
        return "\n  ".join([f"{file}: not stored.", *(reason for said in error.body.values() for reason in said)])
    click.echo(f"{file}: {stored['kind']} year of station {stored['station']} {stored['status']}")
    for note in stored.get("notes", ()):
        click.echo(f"{file}: {note}")
    return None


def file_bytes(file: Path) -> bytes:
    """What is in a file; raises EedsError if it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise EedsError(f"{file} cannot be read: {error.strerror}") from error
