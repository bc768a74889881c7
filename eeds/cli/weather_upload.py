"""`eeds upload weather`: files of temperatures as they are, and what is too large for that piece by piece."""

from collections.abc import Sequence
from pathlib import Path

from eeds.cli.record_files import WHOLE_BYTES, header_of, whole_file
from eeds.cli.record_upload import RowsRefused, upload_records
from eeds.client import Client
from eeds.client.record_tables import WEATHER, WEATHER_FILE, TableUpload
from eeds.errors import EedsError


def upload_weather_files(
    client: Client, paths: Sequence[Path], *, station: str | None, dry_run: bool, all_or_nothing: bool
) -> None:
    """Load files, after a look at all of them; `station` is whose temperatures they are, where they do not say it.
    Raises EedsError with what was refused of any."""
    if len(paths) > 1:  # one alone is looked at as it is loaded
        for path in paths:
            check_file(client, path, station)
    refused: list[str] = []
    for path in paths:
        try:
            upload_file(client, path, station, dry_run=dry_run, all_or_nothing=all_or_nothing)
        except RowsRefused as error:
            refused.append(str(error))
    if refused:
        raise EedsError("\n".join(refused))


def check_file(client: Client, path: Path, station: str | None) -> None:
    """Have a file checked; raises EedsError if it cannot be read, or lacks a column."""
    whole = whole_file(path)
    piece = whole or header_of(path)
    table = TableUpload(
        client, WEATHER_FILE if whole else WEATHER, str(path), dry_run=True, further=query(station) if whole else {}
    )
    table.check_columns(piece.media_type, piece.body)


def upload_file(client: Client, path: Path, station: str | None, *, dry_run: bool, all_or_nothing: bool) -> None:
    """Load a file as a whole: between observations is interpolated. A larger one goes piece by piece, and has to be of
    whole hours."""
    whole = whole_file(path)
    if whole:
        options = {"whole": whole, "further": query(station)}
        upload_records(client, WEATHER_FILE, path, dry_run=dry_run, all_or_nothing=all_or_nothing, **options)
    elif station:
        raise EedsError(f"{path}: with --station a file may have {WHOLE_BYTES // 2**20} MB; give fewer years at once.")
    else:
        upload_records(client, WEATHER, path, dry_run=dry_run, all_or_nothing=all_or_nothing)


def query(station: str | None) -> dict[str, str]:
    """What the query has of the station."""
    return {"station": station} if station else {}
