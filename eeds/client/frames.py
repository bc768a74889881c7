"""Data frames and what the API sends and takes: the two ways between them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from numbers import Integral
from typing import Any

import pandas as pd

from eeds.client.columns import Column, Columns, Problem, Row, UnfitColumns
from eeds.client.errors import RowsRefused
from eeds.errors import EedsError

LISTED = 5
TIME = "time"  # stands for the type of a column of times, in UTC
ZIPCODE_DIGITS = 5


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


def rows_of(frame: pd.DataFrame, kind: Mapping[str, Column]) -> tuple[list[Row], list[Problem]]:
    """The rows of a frame as those of a file of that kind, numbered from 0, and what is wrong with the others."""
    table = flat(frame, {})
    header = [name.strip().lower() for name in names_of(table)]
    try:
        columns = Columns(kind, header)
    except UnfitColumns as error:
        raise EedsError(f"The frame {error}") from error
    cells = [texts(table.iloc[:, place], name) for place, name in enumerate(header)]
    found = [columns.row(number, row) for number, row in enumerate(zip(*cells, strict=True))]
    problems = [problem for row in found if not isinstance(row, Row) for problem in row]
    return [row for row in found if isinstance(row, Row)], problems


def texts(series: "pd.Series[Any]", name: str) -> Sequence[str]:
    """The values of a column as a file has them; "" for a missing one."""
    if pd.api.types.is_datetime64_dtype(series.dtype) and (series.dropna() == series.dropna().dt.normalize()).all():
        series = series.dt.date  # a column of days
    return ["" if pd.isna(value) else text(value, name) for value in series]


def text(value: Any, name: str) -> str:
    """A value as a file has it."""
    if name == "zipcode" and isinstance(value, Integral | float) and value == int(value):
        return f"{int(value):0{ZIPCODE_DIGITS}d}"  # read as a number, it has lost the zeros it begins with
    if isinstance(value, date):  # times are dates too
        return value.isoformat()
    return str(value)


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


def in_words(problems: Iterable[Problem]) -> dict[int, str]:
    """What is wrong with each of the rows that have problems."""
    found: dict[int, list[str]] = {}
    for line, column, value, reason in problems:
        found.setdefault(line, []).append(f"{column}: {reason} ({value!r})" if column else reason)
    return {line: "; ".join(said) for line, said in found.items()}
