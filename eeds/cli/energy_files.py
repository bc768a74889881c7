"""`eeds upload energy`: any file. A large plain table goes in pieces, so that an interruption keeps what was sent;
every other file goes whole, for all of its rows decide how it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import msgspec

from eeds.cli.file_reports import PLAIN
from eeds.cli.record_files import Piece, pieces, readable
from eeds.cli.record_upload import tell_refused, upload_records
from eeds.client import Client, Refused
from eeds.client.record_tables import ANY_FILE, TableUpload
from eeds.errors import EedsError
from eeds.formats.media_types import JSON

ANY = "application/octet-stream"  # whatever the file is, the server finds out
CHECK = {"mode": "partial", "dry_run": "true"}
PLAIN_PIECE = {"plain": "true"}


@dataclass(frozen=True)
class Sending:
    """How a file goes: whole, or in pieces (None), and what the query has besides."""

    path: Path
    whole: Piece | None
    further: Mapping[str, str]


def upload_energy_files(
    client: Client, paths: Sequence[Path], said: Mapping[str, str], *, dry_run: bool, all_or_nothing: bool
) -> None:
    """Load files, after a look at all of them; `said` are options of the request. Raises EedsError with what was
    refused of any."""
    sendings = [sending_of(client, path, said, is_one=len(paths) == 1) for path in paths]
    tell_refused(
        partial(
            upload_records,
            client,
            ANY_FILE,
            each.path,
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            whole=each.whole,
            further=each.further,
        )
        for each in sendings
    )


def sending_of(client: Client, path: Path, said: Mapping[str, str], *, is_one: bool) -> Sending:
    """How a file goes, by what the server makes of its beginning, or of all of it. One file alone that goes in one
    request is looked at when it is sent. Raises EedsError."""
    head = [] if said else first_pieces(path)
    if len(head) > 1 and is_plain(client, head[0]):
        return Sending(path, None, PLAIN_PIECE)
    with readable(path):
        content = path.read_bytes()
    if not is_one:
        TableUpload(client, ANY_FILE, str(path), dry_run=True, further=said).post(ANY, content, dry_run=True)
    return Sending(path, Piece(ANY, content, 0, len(content)), said)


def first_pieces(path: Path) -> list[Piece]:
    """The first two pieces of a file; none of one that cannot be cut into rows here."""
    try:
        return [*islice(pieces(path), 2)]
    except EedsError:
        return []


def is_plain(client: Client, piece: Piece) -> bool:
    """Whether the server reads the beginning of a file as a plain table."""
    try:
        answer = client.send_table(ANY_FILE.path, piece.body, piece.media_type, CHECK, JSON)
    except Refused as error:
        if error.status not in (400, 413):
            raise
        return False
    return bool(answer["plan"]["kind"] == PLAIN)


def save_mapping(client: Client, name: str, columns: Mapping[str, str]) -> None:
    """Save columns under a name, in place of what has that name."""
    stored = client.get("column_mappings/", name=name)
    body = {"name": name, "columns": columns}
    if stored:
        client.send("PUT", f"column_mappings/{stored[0]['id']}/", msgspec.json.encode(body))
    else:
        client.post("column_mappings/", body)
