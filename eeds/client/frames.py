"""Data frames and what the API sends and takes: the two ways between them."""

import io
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.ipc

from eeds.client.errors import RowsRefused
from eeds.errors import EedsError

LISTED = 5
TIME = "time"  # stands for the type of a column of times, in UTC


def frame_of(items: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Objects of the API as a frame with these columns, each of its type, whether there are any objects or not."""
    frame = pd.DataFrame(list(items), columns=list(columns))
    for name in (name for name, kind in columns.items() if kind == TIME):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame.astype({name: kind for name, kind in columns.items() if kind != TIME})


def flat(frame: pd.DataFrame, constants: Mapping[str, Any], index: str = "") -> pd.DataFrame:
    """A frame whose columns have texts for names, with its index as a column if that has a name, or is one of times and
    there is no column `index`; and with further columns that have the same value in every row."""
    named = frame.rename(columns=str)
    if any(name is not None for name in named.index.names):
        named = named.reset_index(allow_duplicates=True)
    elif index and isinstance(named.index, pd.DatetimeIndex) and index not in named:
        named = named.rename_axis(index).reset_index()
    twice = [name for name in constants if name in named]
    if twice:
        raise EedsError(f"{', '.join(twice)}: given as a keyword, and a column of the frame too; leave one of them.")
    return named.assign(**constants)


def names_of(frame: pd.DataFrame) -> list[str]:
    """The names of the columns."""
    return [str(name) for name in frame.columns]


def arrow_body(frame: pd.DataFrame) -> bytes:
    """A frame, flat, as an Arrow stream."""
    arrays = [arrow_column(frame.iloc[:, position]) for position in range(frame.shape[1])]
    table = pa.Table.from_arrays(arrays, names=names_of(frame))
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def arrow_column(series: "pd.Series[Any]") -> pa.Array:
    """A column as Arrow has it: numbers, flags and times as they are; anything else, and what is mixed, as texts."""
    kind = series.dtype
    is_any = pd.api.types.is_object_dtype(kind)
    if is_any or pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
        with suppress(ValueError, TypeError, OverflowError, NotImplementedError):
            return pa.array(series, from_pandas=True)
    texts = [None if gone else str(value) for value, gone in zip(series, series.isna(), strict=True)]
    return pa.array(texts, pa.string())


def instant(value: Any) -> str:
    """A time for a filter of the API; without a time zone it is UTC, and a day alone is meant whole."""
    if isinstance(value, str) or (isinstance(value, date) and not isinstance(value, pd.Timestamp)):
        return str(value)
    time = pd.Timestamp(value)
    return (time.tz_localize(UTC) if time.tz is None else time.tz_convert(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def raise_refused(frame: pd.DataFrame, errors: Mapping[int, str], counts: dict[str, int], consequence: str) -> None:
    """Raises RowsRefused with the rows at the places that have errors, if there are any."""
    if not errors:
        return
    places = sorted(errors)
    rows = frame.iloc[places].assign(error=[errors[place] for place in places])
    shown = [f"  row {label!r}: {error}" for label, error in zip(rows.index[:LISTED], rows["error"], strict=False)]
    more = [f"  ... and {len(rows) - LISTED} more"] if len(rows) > LISTED else []
    title = f"{len(rows):,} of {len(frame):,} rows were refused. {consequence} All of them are in `rows` of this error."
    raise RowsRefused("\n".join([title, *shown, *more]), rows, counts)
