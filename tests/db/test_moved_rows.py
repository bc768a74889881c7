"""Readings that were rows are moved into blocks, a few traces at a time, whatever interrupts it."""

from typing import Any

import psycopg
import pytest
from psycopg.errors import UndefinedTable

from eeds.config.data_dir import Urls
from eeds.db import migrate as module
from eeds.db.migrate import migrate
from eeds.db.tables import ConsumptionMetadata
from tests.db.earlier import earlier_database

TRACES = 5
# Of each trace: quarters of an hour over two months, every seventh missing, NaN or estimated; a gap behind the first
# hundred of the second trace; bills of the third; one reading of the fourth; none of the fifth.
ROWS = """
    INSERT INTO consumption_metadatas (project_id, interpretation, unit) SELECT 1, 'E_C_S', 'KWH'
    FROM generate_series(1, {traces});
    INSERT INTO consumption_records (metadata_id, start, value, estimated)
    SELECT ids.id, '2014-01-25Z'::timestamptz + n * interval '15 minutes',
        CASE n % 7 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' ELSE n / 7.0 END, n % 5 = 0 AND ids.id = {first}
    FROM (VALUES ({first}), ({first} + 1)) AS ids (id), generate_series(1, 1000) AS n
    WHERE ids.id = {first} OR n NOT BETWEEN 100 AND 120;
    INSERT INTO consumption_records (metadata_id, start, value)
    SELECT {first} + 2, '2010-01-17Z'::timestamptz + n * interval '1 month', n FROM generate_series(0, 30) AS n;
    INSERT INTO consumption_records (metadata_id, start, value) VALUES ({first} + 3, '1900-01-01Z', -5e-324);
"""
RECORDS = "SELECT metadata_id, start, nullif(value, 'NaN'), estimated FROM consumption_records ORDER BY 1, 2"
EXTENTS = "SELECT metadata_id, first_start, last_start, readings FROM trace_extents ORDER BY 1"
OF_RECORDS = "SELECT metadata_id, min(start), max(start), count(*) FROM consumption_records GROUP BY 1 ORDER BY 1"


class Interrupted(Exception):
    """Somebody ends the upgrade."""


def interrupt(told: str) -> None:
    """At the first word."""
    raise Interrupted(told)


def ask(url: str, statement: str) -> list[Any]:
    """The rows of an answer."""
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_rows_become_blocks_and_an_upgrade_goes_on(servers: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TRACES_AT_ONCE", 2)
    with earlier_database(servers, "0019_loads") as url:
        ((first,),) = ask(url, f"SELECT max(id) + 1 FROM {ConsumptionMetadata.__tablename__}")
        with psycopg.connect(url) as connection:
            connection.execute(ROWS.format(traces=TRACES, first=first).encode())
        before, extents = ask(url, RECORDS), ask(url, OF_RECORDS)
        for _ in range(2):
            with pytest.raises(Interrupted, match=r"readings moved into blocks: those of the traces up to \d+ of \d+"):
                migrate(url, interrupt)
        with pytest.raises(UndefinedTable):  # rather than a part of them
            ask(url, RECORDS)
        ((moved,),) = ask(url, "SELECT sum(readings) FROM new_blocks")
        assert 0 < moved < len(before)
        told: list[str] = []
        assert migrate(url, told.append)[-1] == module.migration_files()[-1][0]
        last = first + TRACES - 1
        assert told[-1] == f"readings moved into blocks: those of the traces up to {last} of {last}"
        assert ask(url, RECORDS) == [row for row in before if row[0] != 99]  # whose trace had been deleted
        assert ask(url, EXTENTS) == [row for row in extents if row[0] != 99]
        assert ask(url, "SELECT count(*) FROM consumption_blocks WHERE step IS NULL") == [(1,)]
        assert ask(url, "SELECT to_regclass('record_rows')") == [(None,)]
