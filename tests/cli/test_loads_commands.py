"""`eeds loads`: what was sent, what it changed, and undoing it."""

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eeds.client import Client
from tests.cli.conftest import PROJECTS, Eeds

READINGS = """project_id,trace_id,fuel,unit,start,value
ABC,main,electricity,kWh,2014-01-01T00:00:00Z,1.5
ABC,main,electricity,kWh,2014-01-02T00:00:00Z,2.5
"""


@pytest.fixture
def sent(eeds_here: Eeds, client: Client, tmp_path: Path) -> None:
    """Two readings, and a correction of one."""
    projects, readings, corrected = (tmp_path / name for name in ("projects.csv", "january.csv", "corrected.csv"))
    projects.write_text(PROJECTS)
    readings.write_text(READINGS)
    corrected.write_text(READINGS.replace("2.5", "3.5"))
    assert eeds_here("upload", "projects", str(projects)).status == 0
    for file in (readings, corrected):
        assert eeds_here("upload", "energy", str(file)).status == 0


def test_story(eeds_here: Eeds, client: Client, sent: None) -> None:
    listed = eeds_here("loads")
    newest, first, projects = listed.out.splitlines()
    assert newest.endswith("admin  corrected.csv  1 updated, 1 unchanged")
    assert first.endswith("admin  january.csv  2 created")
    assert "projects     SUCCESS  admin  projects.csv" in projects
    assert eeds_here("loads", "--limit", "1").out.splitlines() == [newest]

    ids = [each["id"] for each in client.get("loads/", kind="energy")]
    shown = eeds_here("loads", "show", str(ids[0]))
    assert "records      1 updated, 1 unchanged" in shown.out
    assert "energy       3.5 kWh added, 2.5 removed" in shown.out
    assert "  trace 1, 2014-01-02T00:00:00Z: 2.5 -> 3.5" in shown.out

    refused = eeds_here("loads", "undo", str(ids[1]))
    assert (refused.status, refused.out) == (1, "")
    assert f"by load {ids[0]}. Undo the later loads first" in refused.err
    assert "There is no load 99 that you can see; see: eeds loads" in eeds_here("loads", "undo", "99").err
    undone = eeds_here("loads", "undo", str(ids[0]))
    assert f"Load {ids[0]} is undone by load " in undone.out
    assert client.records(1)["value"].tolist() == [1.5, 2.5]


def test_frames(client: Client, sent: None) -> None:
    loads = client.loads.list(kind="energy")
    assert loads["updated"].tolist() == [1, 0]
    changes = client.loads.changes(int(loads["id"][0]))
    assert changes[["change", "before", "after"]].to_numpy().tolist() == [["changed", 2.5, 3.5]]
    undone = client.loads.undo(int(loads["id"][0]))
    assert client.loads.get(undone["id"])["undoes"] == loads["id"][0]
    assert len(client.loads.list(limit=1)) == 1


def test_a_large_body_is_hashed_as_it_was_sent(eeds_here: Eeds, client: Client, sent: None) -> None:
    """It is received into a file, and taken from there."""
    days = (datetime(2015, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(6000))
    records = [{"metadata_id": 1, "start": day.isoformat(), "value": 0.5, "estimated": False} for day in days]
    body = json.dumps(records).encode()
    for encoding, packed in (("", body), ("gzip", gzip.compress(body, mtime=0))):
        headers = {"Content-Type": "application/json", **({"Content-Encoding": encoding} if encoding else {})}
        client.send("POST", "consumption_records/sync2/", packed, {}, headers)
        (load,) = client.get("loads/", limit="1")
        assert (load["size"], load["sha256"]) == (len(packed), hashlib.sha256(packed).hexdigest())
