"""Records of traces and temperatures of stations as data frames: up in Arrow, piece by piece, and down."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from eeds.client.columns import UnfitColumns
from eeds.client.frames import flat, instant, names_of, raise_refused
from eeds.client.http import Http
from eeds.client.progress import hides
from eeds.client.record_columns import RecordKind, Wording, Words, columns_of
from eeds.errors import EedsError
from eeds.formats.media_types import ARROW
from eeds.formats.messages import BLANK

# What one request carries: enough that its own cost is small, little enough to be lost when interrupted.
ROWS_A_PIECE = 100_000


class FrameUpload:
    """The upload of a frame of records; with `dry_run` all is checked and nothing stored. Raises UnfitColumns.

    `counts` says what became of the rows, and `errors` what is wrong with those that were refused, by their place.
    """

    def __init__(self, http: Http, frame: pd.DataFrame, kind: RecordKind, *, dry_run: bool) -> None:
        self.http = http
        self.frame = frame
        self.kind = kind
        self.dry_run = dry_run
        self.columns = columns_of(names_of(frame), kind)
        self.wording = Wording(self.columns)
        self.counts: Counter[str] = Counter(dict.fromkeys(("created", "updated", "unchanged", "duplicates"), 0))
        self.errors: dict[int, str] = {}

    def run(self, *, hidden: bool | None) -> None:
        """Send it, piece by piece, with a progress bar unless that is `hidden`."""
        verb = "checking" if self.dry_run else "uploading"
        with tqdm(total=len(self.frame), desc=verb, unit=f" {self.kind.noun}", leave=False, disable=hidden) as bar:
            for first in range(0, len(self.frame), ROWS_A_PIECE):
                piece = self.frame.iloc[first : first + ROWS_A_PIECE]
                self.send(piece, [first + place for place in self.complete(piece, first)])
                bar.update(len(piece))

    def complete(self, piece: pd.DataFrame, first: int) -> list[int]:
        """The places in a piece of the rows that have all they must have; the others are refused."""
        empty = pd.Series(False, index=range(len(piece)))
        for field, column in self.columns.items():
            if field.name in self.kind.never_empty:
                blank = (piece[column].isna() | (piece[column].astype(str).str.strip() == "")).to_numpy()
                empty |= blank
                self.errors |= {first + place: f"{column}: {BLANK}" for place in blank.nonzero()[0].tolist()}
        return [place for place, is_empty in enumerate(empty) if not is_empty]

    def send(self, piece: pd.DataFrame, places: list[int]) -> None:
        """Send the rows of a piece that are at these places of the frame; ask for the reasons if some are refused."""
        if not places:
            return
        body = stream(self.table(self.frame.iloc[places] if len(places) < len(piece) else piece))
        answer = self.http.load(self.kind.path, body, ARROW, dry_run=self.dry_run)
        self.counts.update({name: answer[name] for name in self.counts})
        if answer["refused"]:
            told = csv.DictReader(io.StringIO(self.http.refused_rows(self.kind.path, body, ARROW), newline=""))
            self.errors |= {places[int(row["line"]) - 1]: self.wording.in_own_words(row["error"]) for row in told}

    def table(self, rows: pd.DataFrame) -> pa.Table:
        """The rows in the API's words."""
        return pa.table({field.name: column_of(rows[name], field.words) for field, name in self.columns.items()})


def stream(table: pa.Table) -> bytes:
    """A table as an Arrow stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def column_of(series: "pd.Series[Any]", words: Words | None) -> pa.Array:
    """A column as Arrow has it: numbers, flags and times as they are, anything else as texts in
    the API's words, of which an empty one is missing."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object)
    if not (pd.api.types.is_object_dtype(series.dtype) or pd.api.types.is_string_dtype(series.dtype)):
        return pa.Array.from_pandas(series)
    known = {value: str(value) if words is None else words[str(value)] for value in series.dropna().unique()}
    return pa.array([known.get(value) or None for value in series], pa.string())


def upload(
    http: Http,
    frame: pd.DataFrame,
    constants: Mapping[str, Any],
    kind_of: Callable[[Sequence[str]], RecordKind],
    *,
    dry_run: bool,
    progress: bool | None,
) -> dict[str, int]:
    """Load the records of a frame; gives how many became what. `constants` are columns that have the same value in
    every row. Raises RowsRefused with those that were not stored."""
    whole = flat(frame, constants, "start")
    try:
        sending = FrameUpload(http, whole, kind_of(names_of(whole)), dry_run=dry_run)
    except UnfitColumns as error:
        raise EedsError(f"The frame {error}") from error
    require_used(constants, sending)
    sending.run(hidden=hides(progress))
    counts = {**sending.counts, "refused": len(sending.errors)}
    stored = "Nothing was stored, this was a dry run." if dry_run else f"The others were stored. {sending.kind.loss}"
    raise_refused(frame, sending.errors, counts, stored)
    return counts


def require_used(constants: Mapping[str, Any], sending: FrameUpload) -> None:
    """Raises EedsError for a keyword that is no column of such records: a slip would lose what was meant."""
    unused = sorted(constants.keys() - set(sending.columns.values()))
    if unused:
        known = ", ".join(" or ".join(field.columns) for field in sending.kind.fields)
        raise EedsError(f"{', '.join(unused)}: no column of {sending.kind.noun}; these are: {known}.")


def records(http: Http, trace: int, start: Any, end: Any, timezone: str) -> pd.DataFrame:
    """See Client.records."""
    span = {name: instant(value) for name, value in (("start_0", start), ("start_1", end)) if value is not None}
    http.get(f"consumption_metadatas/{int(trace)}/", summary="True")  # an unknown trace has no records to tell it by
    with pa.ipc.open_stream(http.read("consumption_records/", ARROW, metadata=str(int(trace)), **span)) as reader:
        frame: pd.DataFrame = reader.read_pandas()
    return frame.drop(columns="metadata_id").set_index("start").tz_convert(timezone)
