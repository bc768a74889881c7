"""What loads and reads are compared with: a row a reading, in a table made for that, and COPY in and out of it.

It has the layout that a table of readings had here before they were kept in blocks, and no checks: the limit of any
load into rows.
"""

import time

import numpy as np
import psycopg

from eeds.db.binary_copy import HEADER, POSTGRES_EPOCH, TRAILER, Columns

PARTITIONS = 8
TABLE = """
    CREATE TABLE reading_rows (
        start       timestamptz(0)   NOT NULL,
        value       double precision,
        metadata_id bigint           NOT NULL,
        estimated   boolean          NOT NULL DEFAULT false,
        PRIMARY KEY (metadata_id, start)
    ) PARTITION BY HASH (metadata_id)
"""
PARTITION = "CREATE TABLE reading_rows_{0} PARTITION OF reading_rows FOR VALUES WITH (MODULUS {1}, REMAINDER {0})"
COPY = "COPY reading_rows (metadata_id, start, value, estimated) FROM STDIN (FORMAT {})"
FIELDS = {"metadata_id": ">i8", "start": ">i8", "value": ">f8", "estimated": "u1"}
ROW = np.dtype(
    [("fields", ">i2"), *(part for name in FIELDS for part in ((f"{name}_length", ">i4"), (name, FIELDS[name])))]
)
PIECE = 256 * 1024


def make_row_table(url: str) -> None:
    """The table, empty."""
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS reading_rows")
        connection.execute(TABLE)
        for part in range(PARTITIONS):
            connection.execute(PARTITION.format(part, PARTITIONS).encode())


def encoded_rows(readings: Columns) -> bytes:
    """Readings without missing values as rows in the binary format of COPY."""
    rows = np.empty(len(readings["start"]), ROW)
    rows["fields"] = len(FIELDS)
    for name in FIELDS:
        rows[f"{name}_length"] = ROW[name].itemsize
        rows[name] = readings[name] if name != "start" else 0
    rows["start"] = (readings["start"] - POSTGRES_EPOCH).astype(np.int64) * 1_000_000
    return HEADER + rows.tobytes() + TRAILER


def copy_rows(url: str, readings: Columns) -> float:
    """Seconds of a COPY of encoded rows, committed."""
    body = encoded_rows(readings)
    with psycopg.connect(url) as connection:
        started = time.perf_counter()
        with connection.cursor().copy(COPY.format("BINARY").encode()) as target:
            for start in range(0, len(body), PIECE):
                target.write(body[start : start + PIECE])
        connection.commit()
        return time.perf_counter() - started
