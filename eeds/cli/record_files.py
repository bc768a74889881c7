"""Files of records, cut into pieces of whole rows that a server takes one by one: CSV in UTF-8, packed by gzip or not,
and Parquet."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from eeds.errors import EedsError
from eeds.formats.media_types import ARROW, CSV, PARQUET, type_of_table

# What one request carries: enough that its own cost is small, little enough to be held, and lost when interrupted.
PIECE_BYTES = 4 * 2**20
# What is sent as a whole, where rows are not read each by itself: a million temperatures.
WHOLE_BYTES = 32 * 2**20
ROWS_A_PIECE = 25_000  # of Parquet
# Without one, a column is read a row group at a time, and that may be the whole file.
BUFFER_BYTES = 2**20
MAX_TEXT_BYTES = 128 * 1024  # of a cell in quotes: what is longer is a quote that is not closed
# A cell in quotes that goes on behind its line; any cell in quotes; the beginning of one that does not end.
MANY_LINES = re.compile(rb'(?<![^,\n])"[^"\n]*(?:""[^"\n]*)*\n')
IN_QUOTES = re.compile(rb'(?<![^,\n])"[^"]*(?:""[^"]*)*"(?!")')
OPENED = re.compile(rb'(?<![^,\n])"')


@dataclass(frozen=True)
class Piece:
    """Consecutive rows of a file, as a body that begins with its header: `lines_before` is how many lines further down
    they stand in the file than in the body, and `position` says how many bytes of the file are read with the last."""

    media_type: str
    body: bytes
    lines_before: int
    position: int


def header_of(path: Path) -> Piece:
    """A file's header as a body without rows; raises EedsError if the file cannot be read."""
    if is_parquet(path):
        with opened_parquet(path) as file:
            return Piece(ARROW, arrow_body(file.schema_arrow), 0, 0)
    with opened_csv(path) as (_, text):
        return Piece(CSV, first_row(text), 0, 0)


def pieces(path: Path) -> Iterator[Piece]:
    """All rows of a file, in pieces of bounded size, at least one; raises EedsError for what cannot be read."""
    return parquet_pieces(path) if is_parquet(path) else csv_pieces(path)


def whole_file(path: Path) -> Piece | None:
    """All of a file in one piece, as it is; None if that has more than WHOLE_BYTES, unpacked. Raises EedsError."""
    with readable(path):
        size = path.stat().st_size
        if is_parquet(path):
            return Piece(PARQUET, path.read_bytes(), 0, size) if size <= WHOLE_BYTES else None
        with opened_csv(path) as (_, text):
            body = text.read(WHOLE_BYTES + 1)
    return Piece(CSV, body, 0, size) if len(body) <= WHOLE_BYTES else None


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet does; raises EedsError if it cannot be read."""
    with readable(path), path.open("rb") as raw:
        return type_of_table(raw)[0] == PARQUET


def csv_pieces(path: Path) -> Iterator[Piece]:
    """The rows of a CSV file."""
    with opened_csv(path) as (raw, text):
        header = first_row(text)
        lines_before = 0
        rest, is_first = b"", True
        while True:
            more = text.read(PIECE_BYTES)
            rest += more
            end = end_of_rows(rest, header.count(b"\n") + lines_before + 1) if more else len(rest)
            if end or (is_first and not more):
                rest[:end].decode()  # raises UnicodeDecodeError before anything of it is sent
                yield Piece(CSV, header + rest[:end], lines_before, raw.tell())
                lines_before += rest.count(b"\n", 0, end)
                rest, is_first = rest[end:], False
            if not more:
                return


def first_row(text: IO[bytes]) -> bytes:
    """The lines of the first row, and blank ones before it."""
    lines = b""
    while line := text.readline(MAX_TEXT_BYTES):
        lines += line
        if lines.strip() and end_of_rows(lines, 1) == len(lines):
            break
    lines.decode()
    return lines if lines.endswith(b"\n") else lines + b"\n"


def end_of_rows(text: bytes, line: int) -> int:
    """Where the last whole row of a text ends that begins in the given line; 0 if none does. Raises csv.Error for a
    quote that is not closed."""
    if not MANY_LINES.search(text):
        return text.rfind(b"\n") + 1
    bare = IN_QUOTES.sub(lambda quoted: b"x" * len(quoted[0]), text)
    opened = OPENED.search(bare)
    end = opened.start() if opened else len(text)
    if len(text) - end > MAX_TEXT_BYTES:
        begins = line + text.count(b"\n", 0, bare.rfind(b"\n", 0, end) + 1)
        raise csv.Error(f"the row that begins on line {begins} has a quote that is not closed")
    return bare.rfind(b"\n", 0, end) + 1


def parquet_pieces(path: Path) -> Iterator[Piece]:
    """The rows of a Parquet file, which are numbered from 1."""
    size, done = path.stat().st_size, 0
    with opened_parquet(path) as file:
        rows = file.metadata.num_rows
        for batch in file.iter_batches(ROWS_A_PIECE, use_threads=False):
            yield Piece(ARROW, arrow_body(batch.schema, batch), done, size * (done + batch.num_rows) // rows)
            done += batch.num_rows
    if not done:
        yield header_of(path)


def arrow_body(schema: Any, *batches: Any) -> bytes:
    """Batches as an Arrow stream."""
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()


@contextmanager
def opened_csv(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A CSV file, and its unpacked bytes. Raises EedsError."""
    with readable(path), path.open("rb") as raw:
        encoding = type_of_table(raw)[1]
        yield raw, cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if encoding else raw


@contextmanager
def opened_parquet(path: Path) -> Iterator[Any]:
    """A Parquet file. Raises EedsError."""
    # pyarrow takes a while to import, and most files do not need it
    import pyarrow as pa
    import pyarrow.parquet

    # Arrow's own allocator holds on to far more than these pieces need
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        with pa.parquet.ParquetFile(path, buffer_size=BUFFER_BYTES) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        raise EedsError(f"{path} cannot be read as Parquet: {error} Make or copy it again.") from error


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Says in words why a file cannot be read, and what to do; raises EedsError."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise EedsError(f"{path} is not text in UTF-8: {error}. Save it as CSV in UTF-8, or as Parquet.") from error
    except csv.Error as error:
        raise EedsError(f"{path} is not CSV: {error}.") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise EedsError(f"{path} was cut short or damaged: {error}. Pack or copy it again.") from error
    except OSError as error:
        raise EedsError(f"Cannot read {path}: {error.strerror}.") from error
