"""Loads: who sent what, what it changed, the readings as of a time, and undoing."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eeds.db.engine import Database
from tests.api.conftest import Api, MakeApi

RECORD = {"start": "2016-01-01T00:00:00Z", "value": 1.5, "estimated": False}
DAY = timedelta(days=1)


@pytest.fixture
def trace(api: Api) -> int:
    """A trace of the admin's project ABC."""
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    return int(api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH"}).json["id"])


@pytest.fixture
def now(database: Database) -> Callable[[], str]:
    """The time of the database."""

    def ask() -> str:
        with database.connection() as connection:
            (time,) = connection.execute("SELECT clock_timestamp()").fetchone() or ()
        return str(time.isoformat().replace("+00:00", "Z"))

    return ask


def records(trace: int, *values: float | None, first: int = 1) -> list[dict[str, Any]]:
    """A reading a day of January 2016."""
    return [
        {"metadata_id": trace, "start": f"2016-01-{first + n:02}T00:00:00Z", "value": value, "estimated": False}
        for n, value in enumerate(values)
    ]


def load(api: Api, body: list[dict[str, Any]], query: str = "") -> dict[str, Any]:
    """Send records in bulk; the load that it was."""
    sent = json.dumps(body).encode()
    answer = api.call("POST", f"consumption_records/sync2/{query}", data=sent, content_type="application/json")
    assert answer.status_code == 200, answer.text
    return dict(api.get("loads/?limit=1").json[0])


def values(api: Api, query: str = "") -> list[float | None]:
    """The stored values, by start."""
    answer = api.get(f"consumption_records/{query}")
    assert answer.status_code == 200, answer.text
    return [each["value"] for each in answer.json]


def test_story(api: Api, trace: int, now: Callable[[], str]) -> None:
    body = records(trace, 1.0, 2.0, None, 4.0)
    first = load(api, body, "?file_name=januar%20%C3%BC.json")
    sent = json.dumps(body).encode()
    assert first == {
        "id": first["id"],
        "kind": "energy",
        "user": "admin",
        "file_name": "januar ü.json",
        "size": len(sent),
        "sha256": hashlib.sha256(sent).hexdigest(),
        "request_id": first["request_id"],
        "dry_run": False,
        "status": "SUCCESS",
        "message": None,
        "counts": {"created": 4, "updated": 0, "unchanged": 0, "duplicates": 0, "deleted": 0, "refused": 0},
        "energy": {"KWH": {"added": 7.0, "removed": 0.0}},
        "undoes": None,
        "undone_by": None,
        "added": first["added"],
        "ended": first["changed"],
        "changed": first["changed"],
    }
    then = now()
    again = load(api, body)
    assert (again["counts"]["unchanged"], again["energy"], again["changed"]) == (4, {}, None)
    assert again["sha256"] == first["sha256"]
    corrected = load(api, records(trace, 2.5, 3.5, first=2))
    assert corrected["energy"] == {"KWH": {"added": 6.0, "removed": 2.0}}
    assert values(api) == [1.0, 2.5, 3.5, 4.0]
    assert values(api, f"?as_of={then}") == [1.0, 2.0, None, 4.0]

    detail = api.get(f"loads/{corrected['id']}/").json
    span = {"trace": trace, "first": "2016-01-02T00:00:00Z", "last": "2016-01-03T00:00:00Z"}
    assert detail == {**corrected, "traces_changed": 1, "traces": [span]}
    changes = api.get(f"loads/{corrected['id']}/changes/").json
    assert [(each["start"][:10], each["change"], each["before"], each["after"]) for each in changes] == [
        ("2016-01-02", "changed", 2.0, 2.5),
        ("2016-01-03", "changed", None, 3.5),
    ]

    refused = api.post(f"loads/{first['id']}/undo/")
    assert refused.status_code == 409
    assert f"by load {corrected['id']}. Undo the later loads first" in refused.json["detail"]
    undone = api.post(f"loads/{corrected['id']}/undo/")
    assert undone.status_code == 201
    assert (undone.json["kind"], undone.json["undoes"]) == ("undo", corrected["id"])
    assert undone.json["counts"]["updated"] == 2
    assert api.get(f"loads/{corrected['id']}/").json["undone_by"] == undone.json["id"]
    assert values(api) == [1.0, 2.0, None, 4.0]
    assert api.post(f"loads/{first['id']}/undo/").json["counts"]["deleted"] == 4
    assert values(api) == []
    assert api.post(f"loads/{undone.json['id']}/undo/").status_code == 409
    assert values(api, f"?as_of={then}") == [1.0, 2.0, None, 4.0]


def test_an_undo_is_undone(api: Api, trace: int) -> None:
    first = load(api, records(trace, 1.0, 2.0))
    undo = api.post(f"loads/{first['id']}/undo/").json
    redo = api.post(f"loads/{undo['id']}/undo/")
    assert redo.json["counts"]["created"] == 2
    assert values(api) == [1.0, 2.0]


def test_changes_come_in_pages(api: Api, trace: int) -> None:
    load(api, records(trace, 1.0, 2.0))
    big = load(api, records(trace, *map(float, range(10, 20)), first=2))
    path, found = f"loads/{big['id']}/changes/?limit=3", []
    while path:
        answer = api.get(path)
        found += answer.json
        assert len(answer.json) <= 3
        link = answer.headers.get("Link", "")
        path = link[1 : link.index(">")].partition("/api/v1/")[2] if link else ""
    assert [each["after"] for each in found] == [float(value) for value in range(10, 20)]
    kinds = [each["change"] for each in found]
    assert kinds == ["changed", *["added"] * 9]
    assert [each["before"] for each in api.get(f"loads/{big['id']}/changes/?change=changed").json] == [2.0]
    assert api.get(f"loads/{big['id']}/changes/?change=moved").status_code == 400


def test_single_records_leave_history(api: Api, trace: int, now: Callable[[], str]) -> None:
    id = api.post("consumption_records/", {**RECORD, "metadata": trace}).json["id"]
    created = now()
    api.patch(f"consumption_records/{id}/", {"value": 2.5, "estimated": True})
    changed = now()
    api.delete(f"consumption_records/{id}/")
    deleted = now()
    assert [values(api, f"?as_of={time}") for time in (created, changed, deleted)] == [[1.5], [2.5], []]
    assert api.get(f"consumption_records/{id}/?as_of={changed}").json["estimated"] is True
    assert api.get(f"consumption_records/{id}/?as_of={deleted}").status_code == 404
    loads = api.get("loads/?kind=records").json
    assert [each["counts"]["deleted"] for each in loads] == [1, 0, 0]
    assert api.post(f"loads/{loads[0]['id']}/undo/").status_code == 201
    assert values(api) == [2.5]
    nested = api.get(f"consumption_metadatas/{trace}/?as_of={created}").json["records"]
    assert [each["value"] for each in nested] == [1.5]
    (listed,) = api.get(f"consumption_metadatas/?as_of={deleted}").json
    assert listed["records"] == []


def test_as_of_is_never_ignored(api: Api, trace: int, now: Callable[[], str]) -> None:
    later = (datetime.now(UTC) + DAY).isoformat().replace("+00:00", "Z")
    for query, message in (
        ("as_of=yesterday", '"yesterday" is no time'),
        ("as_of=", '"" is no time'),
        ("as_of=2010-01-01", "The history of readings begins at "),
        (f"as_of={later}", "what will be stored"),
    ):
        for path in ("consumption_records/", "consumption_metadatas/", f"consumption_metadatas/{trace}/"):
            answer = api.get(f"{path}?{query}")
            assert answer.status_code == 400, path
            assert message in answer.json["as_of"][0]
        settings = {"project": 1, "meter_settings": {"as_of": query.partition("=")[2]}}
        assert api.post("project_runs/", settings).status_code == 400
    assert api.get(f"consumption_metadatas/?summary=True&as_of={now()}").status_code == 400
    assert api.post("project_runs/", {"project": 1, "meter_settings": {"as_of": now()}}).status_code == 201


def test_as_of_comes_in_pages_and_in_every_span(api: Api, trace: int, now: Callable[[], str]) -> None:
    load(api, records(trace, 1.0, 2.0, 3.0))
    then = now()
    load(api, records(trace, 5.0, 6.0, first=2))
    assert values(api, f"?as_of={then}&start_0=2016-01-02&start_1=2016-01-02") == [2.0]
    assert values(api, f"?as_of={then}&start_0=nonsense") == []
    assert values(api, f"?as_of={then}&metadata={trace + 1}") == []
    page = api.get(f"consumption_records/?as_of={then}&limit=2")
    assert [each["value"] for each in page.json] == [1.0, 2.0]
    link = page.headers["Link"]
    following = api.get(link[1 : link.index(">")].partition("/api/v1/")[2])
    assert [each["value"] for each in following.json] == [3.0]
    csv = api.get(f"consumption_records/?as_of={then}", headers={"Accept": "text/csv"})
    assert [line.split(",")[2] for line in csv.text.splitlines()[1:]] == ["1", "2", "3"]


def test_loads_are_seen_by_their_owner(api: Api, login: MakeApi, trace: int) -> None:
    first = load(api, records(trace, 1.0))
    bob = login("bob")
    assert bob.get("loads/").json == []
    for method, path in (("GET", ""), ("GET", "changes/"), ("POST", "undo/")):
        assert bob.call(method, f"loads/{first['id']}/{path}").status_code == 404
    assert values(api) == [1.0]


def test_what_changed_nothing_cannot_be_undone(api: Api, trace: int) -> None:
    body = records(trace, 1.0)
    load(api, body)
    same = load(api, body)
    answer = api.post(f"loads/{same['id']}/undo/")
    assert (answer.status_code, answer.json) == (
        409,
        {"detail": f"Load {same['id']} changed no readings, so there is nothing to undo."},
    )
