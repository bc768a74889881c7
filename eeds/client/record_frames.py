"""Records of traces and temperatures of stations as data frames: up in Arrow, piece by piece, and down."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from eeds.client.frames import arrow_body, flat, instant, raise_refused
from eeds.client.http import Http
from eeds.client.progress import hides
from eeds.client.record_tables import WEATHER, TableType, TableUpload
from eeds.errors import EedsError
from eeds.formats.media_types import ARROW

# What one request carries: enough that its own cost is small, little enough to be lost when interrupted.
ROWS_A_PIECE = 100_000


class Weather:
    """`client.weather`: the hourly temperatures of stations that runs of the meter use; all projects share them."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def upload(
        self, frame: pd.DataFrame, *, dry_run: bool = False, progress: bool | None = None, **constants: Any
    ) -> dict[str, int]:
        """Load temperatures; for admins. Columns: `station`, `start` (whole hours) and one of `temp_f` and `temp_c`. A
        column that has the same value in every row may be given as a keyword instead, as `station="725460"`. The index
        may hold the starts.

        Gives how many became what. Raises RowsRefused with those that were not stored; the others are.
        """
        return upload(self.http, frame, constants, WEATHER, dry_run=dry_run, progress=progress)


def upload(
    http: Http,
    frame: pd.DataFrame,
    constants: Mapping[str, Any],
    type: TableType,
    *,
    dry_run: bool,
    progress: bool | None,
) -> dict[str, int]:
    """Load the records of a frame; gives how many became what. `constants` are columns that have the same value in
    every row. Raises RowsRefused with those that were not stored."""
    whole = flat(frame, constants, "start")
    sending = TableUpload(http, type, "The frame", dry_run=dry_run)
    sending.check_columns(ARROW, arrow_body(whole.head(0)))
    require_used(constants, sending)
    used = whole.loc[:, [name not in sending.ignored_columns for name in whole.columns]]
    errors: dict[int, str] = {}
    verb = "checking" if dry_run else "uploading"
    with tqdm(total=len(used), desc=verb, unit=f" {type.noun}", leave=False, disable=hides(progress)) as bar:
        for first in range(0, len(used), ROWS_A_PIECE):
            piece = used.iloc[first : first + ROWS_A_PIECE]
            errors |= {first + row.line - 1: row.error for row in sending.send(ARROW, arrow_body(piece))}
            bar.update(len(piece))
    stored = "Nothing was stored, this was a dry run." if dry_run else f"The others were stored. {type.loss}"
    raise_refused(frame, errors, dict(sending.counts), stored)
    return dict(sending.counts)


def require_used(constants: Mapping[str, Any], sending: TableUpload) -> None:
    """Raises EedsError for a keyword that is no column of such records: a slip would lose what was meant."""
    unused = sorted(constants.keys() & set(sending.ignored_columns))
    if unused:
        raise EedsError(f"{', '.join(unused)}: no column of {sending.type.noun}; these are: {sending.type.columns}.")


def records(http: Http, trace: int, start: Any, end: Any, timezone: str) -> pd.DataFrame:
    """See Client.records."""
    span = {name: instant(value) for name, value in (("start_0", start), ("start_1", end)) if value is not None}
    http.get(f"consumption_metadatas/{int(trace)}/", summary="True")  # an unknown trace has no records to tell it by
    with pa.ipc.open_stream(http.read("consumption_records/", ARROW, metadata=str(int(trace)), **span)) as reader:
        frame: pd.DataFrame = reader.read_pandas()
    return frame.drop(columns="metadata_id").set_index("start").tz_convert(timezone)
