"""Bodies by names in several batches, in every format of columns: traces are made once, refusals say where."""

import io
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from sqlalchemy import event, insert, select

from eeds.accounts.operations import create_user
from eeds.accounts.principal import Principal
from eeds.db.engine import Database
from eeds.db.tables import ConsumptionMetadata, Project, ProjectOwner
from eeds.formats.media_types import ARROW, CSV, PARQUET
from eeds.records import table_body
from eeds.records.consumption import CONSUMPTION
from eeds.records.limits import LoadLimits
from eeds.records.operations import LoadOptions, load_records
from eeds.records.refusals import Counts
from eeds.records.refused_rows import Loaded, Refused
from tests.readings import ConsumptionRecord

HOURS = 300
LIMITS = LoadLimits(rows=100_000, dry_run_rows=100_000, refused_rows=100_000)
WHOLE = LoadOptions(LIMITS)
TRACES = [("ABC", "E_C_S", "main", "KWH"), ("ABC", "E_C_S", None, "KWH"), ("DEF", "NG_C_S", "main", "THM")]


def as_csv(table: pa.Table) -> bytes:
    target = io.BytesIO()
    pa.csv.write_csv(table, target)
    return target.getvalue()


def as_arrow(table: pa.Table) -> bytes:
    target = io.BytesIO()
    with pa.ipc.new_stream(target, table.schema) as stream:
        stream.write_table(table)
    return target.getvalue()


def as_parquet(table: pa.Table) -> bytes:
    target = io.BytesIO()
    pa.parquet.write_table(table, target)
    return target.getvalue()


FORMATS: dict[str, Callable[[pa.Table], bytes]] = {CSV: as_csv, ARROW: as_arrow, PARQUET: as_parquet}
every_format = pytest.mark.parametrize("media_type", FORMATS)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of some hundred records goes in several."""
    monkeypatch.setattr(table_body, "BATCH_BYTES", 16 * 1024)
    monkeypatch.setattr(table_body, "BATCH_RECORDS", 100)


@pytest.fixture
def owner(database: Database) -> Principal:
    """A user with the projects ABC and DEF."""
    with database.session() as session:
        user = create_user(session, "ann")
        owner = session.scalars(select(ProjectOwner.id)).one()
        rows = [{"project_id": name, "project_owner_id": owner} for name in ("ABC", "DEF")]
        session.execute(insert(Project), rows)
        return Principal(user.id, owner, False, frozenset({"write"}), 1)


def records(hours: int = HOURS) -> dict[str, list[Any]]:
    """Records of three traces, one after the other, as columns."""
    columns = {name: [trace[i] for trace in TRACES for _ in range(hours)] for i, name in enumerate(NAMES)}
    starts = [f"2015-01-{1 + h // 24:02}T{h % 24:02}:00:00Z" for h in range(hours)]
    return columns | {"start": starts * 3, "value": [str(i / 8) for i in range(3 * hours)]}


NO_XYZ = '"project_id: There is no project ""XYZ"". Load it with: eeds upload projects"'
NAMES = ("project_id", "interpretation", "label", "unit")

Send = Callable[..., Loaded]


@pytest.fixture
def send(database: Database, owner: Principal) -> Send:
    """Loads columns in a format."""

    def load_columns(media_type: str, columns: dict[str, list[Any]], options: LoadOptions = WHOLE) -> Loaded:
        with database.session() as session:
            body = io.BytesIO(FORMATS[media_type](pa.table(columns)))
            return load_records(session, owner, CONSUMPTION, media_type, body, options)

    return load_columns


def stored(database: Database) -> dict[tuple[str | None, ...], list[float | None]]:
    """The values of each trace, in order of time."""
    trace, record = ConsumptionMetadata, ConsumptionRecord
    found: dict[tuple[str | None, ...], list[float | None]] = {}
    columns = Project.project_id, trace.interpretation, trace.label, trace.unit, record.value
    with database.session() as session:
        joined = select(*columns).join(trace, trace.project_id == Project.id)
        rows = session.execute(joined.join(record, record.metadata_id == trace.id).order_by(trace.id, record.start))
        for *name, value in rows:
            found.setdefault(tuple(name), []).append(value)
    return found


@every_format
def test_traces_are_made_and_found_again(database: Database, send: Send, media_type: str) -> None:
    assert send(media_type, records()).counts == Counts(created=3 * HOURS)
    values = [i / 8 for i in range(3 * HOURS)]
    assert stored(database) == {
        trace: values[number * HOURS : (number + 1) * HOURS] for number, trace in enumerate(TRACES)
    }
    assert send(media_type, records()).counts == Counts(unchanged=3 * HOURS)


@every_format
def test_refused_records_are_named_wherever_they_stand(database: Database, send: Send, media_type: str) -> None:
    columns = records()
    last = 3 * HOURS - 1
    for place, name, value in (
        (0, "project_id", "XYZ"),
        (150, "interpretation", "E_X_X"),
        (151, "project_id", "XYZ"),
        (420, "value", "x"),
        (640, "unit", "KWH"),  # in a batch that is read in columns
        (last, "label", "z" * 256),
    ):
        columns[name][place] = value
    with pytest.raises(Refused, match=r"^6 of 900 records refused, none stored$") as caught:
        send(media_type, columns)
    refusals = caught.value.refused.listed
    assert [(r.row, r.field, r.value, r.message) for r in refusals] == [
        (0, "project_id", "XYZ", 'There is no project "XYZ".'),
        (150, "interpretation", "E_X_X", '"E_X_X" is not a valid choice.'),
        (151, "project_id", "XYZ", 'There is no project "XYZ".'),
        (420, "value", "x", "A valid number is required."),
        (640, "unit", "KWH", "The trace has the unit THM."),
        (last, "label", "z" * 256, "Ensure this field has no more than 255 characters."),
    ]
    assert stored(database) == {}
    loaded = send(media_type, columns, LoadOptions(LIMITS, partial=True))
    assert (loaded.counts, loaded.refused.records) == (Counts(created=3 * HOURS - 6), 6)
    assert loaded.refused.listed == refusals
    assert {trace: len(values) for trace, values in stored(database).items()} == {
        TRACES[0]: HOURS - 3,
        TRACES[1]: HOURS - 1,
        TRACES[2]: HOURS - 2,
    }


def test_refused_records_can_be_sent_again(database: Database, send: Send) -> None:
    columns = records(2)
    columns["project_id"][1] = columns["project_id"][4] = "XYZ"
    columns["value"][4] = ""
    with TemporaryFile() as refused:
        send(CSV, columns, LoadOptions(LIMITS, partial=True, refused=refused))
        refused.seek(0)
        assert refused.read().decode().splitlines() == [
            "line,project_id,interpretation,label,unit,start,value,error",
            f"3,XYZ,E_C_S,main,KWH,2015-01-01T01:00:00Z,0.125,{NO_XYZ}",
            f"6,XYZ,NG_C_S,main,THM,2015-01-01T00:00:00Z,,{NO_XYZ}",
        ]


def test_every_name_is_looked_up_once(database: Database, send: Send) -> None:
    """However many batches have it: before the lock, behind it, and when it is made. Two names come one by one."""
    asked: list[str] = []

    def listen(*arguments: Any) -> None:
        if "FROM projects" in arguments[2] or "FROM consumption_metadatas" in arguments[2]:
            asked.append(arguments[2])

    columns = records()
    del columns["label"]
    columns["interpretation"] = ["E_C_S"] * 2 * HOURS + ["NG_C_S"] * HOURS
    columns["start"] = [*columns["start"][:HOURS], *(s.replace("2015", "2016") for s in columns["start"][HOURS:])]
    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        assert send(CSV, columns).counts == Counts(created=3 * HOURS)
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
    names = [statement for statement in asked if "consumption_metadatas.interpretation" in statement]
    assert len(names) == 2 * 3, names


def test_projects_of_others_are_not_there(database: Database, owner: Principal) -> None:
    other = Principal(owner.user_id + 1, owner.owner_id + 1, False, frozenset({"write"}), 2)
    body = io.BytesIO(as_parquet(pa.table(records(1))))
    with database.session() as session, pytest.raises(Refused) as caught:
        load_records(session, other, CONSUMPTION, PARQUET, body, WHOLE)
    assert [refusal.message for refusal in caught.value.refused.listed] == [
        'There is no project "ABC".',
        'There is no project "ABC".',
        'There is no project "DEF".',
    ]
