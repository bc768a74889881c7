"""Records of traces and temperatures of stations as data frames: up in Arrow, piece by piece, and down."""

import io
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from eeds.client.frames import flat, instant, raise_refused
from eeds.client.http import Http
from eeds.client.progress import hides
from eeds.client.record_tables import TableType, TableUpload
from eeds.errors import EedsError
from eeds.formats.media_types import ARROW

# What one request carries: enough that its own cost is small, little enough to be lost when interrupted.
ROWS_A_PIECE = 100_000


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
    sending.check_columns(ARROW, stream(pa.table([pa.nulls(0)] * whole.shape[1], names=list(whole.columns))))
    require_used(constants, sending)
    used = whole.loc[:, [name not in sending.ignored_columns for name in whole.columns]]
    errors: dict[int, str] = {}
    verb = "checking" if dry_run else "uploading"
    with tqdm(total=len(used), desc=verb, unit=f" {type.noun}", leave=False, disable=hides(progress)) as bar:
        for first in range(0, len(used), ROWS_A_PIECE):
            piece = used.iloc[first : first + ROWS_A_PIECE]
            table = pa.table({name: arrow_column(piece[name]) for name in piece.columns})
            errors |= {first + row.line - 1: row.error for row in sending.send(ARROW, stream(table))}
            bar.update(len(piece))
    stored = "Nothing was stored, this was a dry run." if dry_run else f"The others were stored. {type.loss}"
    raise_refused(frame, errors, dict(sending.counts), stored)
    return dict(sending.counts)


def require_used(constants: Mapping[str, Any], sending: TableUpload) -> None:
    """Raises EedsError for a keyword that is no column of such records: a slip would lose what was meant."""
    unused = sorted(constants.keys() & set(sending.ignored_columns))
    if unused:
        raise EedsError(f"{', '.join(unused)}: no column of {sending.type.noun}; these are: {sending.type.columns}.")


def stream(table: pa.Table) -> bytes:
    """A table as an Arrow stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def arrow_column(series: "pd.Series[Any]") -> pa.Array:
    """A column as Arrow has it: numbers, flags and times as they are, anything else as texts."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object)
    if not (pd.api.types.is_object_dtype(series.dtype) or pd.api.types.is_string_dtype(series.dtype)):
        return pa.Array.from_pandas(series)
    texts = {value: str(value) for value in series.dropna().unique()}
    return pa.array([texts.get(value) for value in series], pa.string())


def records(http: Http, trace: int, start: Any, end: Any, timezone: str) -> pd.DataFrame:
    """See Client.records."""
    span = {name: instant(value) for name, value in (("start_0", start), ("start_1", end)) if value is not None}
    http.get(f"consumption_metadatas/{int(trace)}/", summary="True")  # an unknown trace has no records to tell it by
    with pa.ipc.open_stream(http.read("consumption_records/", ARROW, metadata=str(int(trace)), **span)) as reader:
        frame: pd.DataFrame = reader.read_pandas()
    return frame.drop(columns="metadata_id").set_index("start").tz_convert(timezone)
