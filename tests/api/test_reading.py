"""consumption_records/ as it is asked for: which records, and in which format."""

from typing import Any

import pytest
from sqlalchemy import func, literal, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from eeds.db.cursors import chunks_of
from eeds.db.engine import Database
from eeds.formats.media_types import ARROW, CSV, JSON, PARQUET
from tests.api.conftest import Api

PATH = "consumption_records/"
STARTS = [
    "1960-02-29T00:00:00Z",
    "2015-12-31T23:59:59Z",
    "2016-01-01T00:00:00Z",
    "2016-01-01T12:00:00Z",
    "2016-01-02T00:00:00Z",
]


@pytest.fixture
def records(api: Api) -> None:
    """A trace with records at STARTS, another with one at the first of them."""
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    for starts in (STARTS, STARTS[:1]):
        items = [{"start": start, "value": 1} for start in starts]
        api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "records": items})


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("start_0=2016-01-01T00:00:00Z", STARTS[2:]),
        ("start_0=2016-01-01T00:00:01Z", STARTS[3:]),
        ("start_0=2016-01-01", STARTS[2:]),
        ("start_0=2016-01-01T06:00:00%2B06:00", STARTS[2:]),
        ("start_1=2016-01-01T00:00:00Z", STARTS[:2]),
        ("start_1=2016-01-01T00:00:01Z", STARTS[:3]),
        ("start_1=2016-01-01", STARTS[:4]),
        ("start_1=2015-12-31", STARTS[:2]),
        ("start_1=1960-02-29", STARTS[:1]),
        ("start_0=2016-01-01&start_1=2016-01-01", STARTS[2:4]),
        ("start_0=2016-01-01T00:00:00Z&start_1=2016-01-01T12:00:00Z", STARTS[2:3]),
        ("start_0=2016-01-02&start_1=2016-01-01", []),
        ("start_0=2016-01-01&start=2016-01-02", STARTS[4:]),
        ("start_0=0001-01-01&start_1=9999-12-31", STARTS),
        ("start_0=9999-12-31", []),
        ("start_0=2016-02-30", []),
        ("start_1=soon", []),
        ("start_0=&start_1=", STARTS),
    ],
)
def test_ranges(api: Api, query: str, found: list[str]) -> None:
    answer = api.get(f"{PATH}?metadata=1&{query}")
    assert [record["start"] for record in answer.json] == found
    lines = api.get(f"{PATH}?metadata=1&{query}&format=csv").text.splitlines()[1:]
    assert [line.split(",")[1] for line in lines] == found


@pytest.mark.usefixtures("records")
def test_ranges_of_all_traces_and_in_pages(api: Api) -> None:
    first = f"{PATH}?start_1=1960-12-31"
    assert [record["metadata"] for record in api.get(first).json] == [1, 2]
    page = api.get(f"{first}&limit=1")
    assert [record["metadata"] for record in page.json] == [1]
    assert "start_1=1960-12-31" in page.headers["Link"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/*", CSV),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", JSON),
        ("text/csv", CSV),
        ("text/csv; charset=utf-8; header=present", CSV),
        ("text/csv;q=0.5, application/json;q=0.4", CSV),
        ("text/csv;q=0.4, application/json;q=0.5", JSON),
        ("text/csv, */*", CSV),
        ("application/json;q=0, */*", CSV),
        (f"{ARROW}, {PARQUET};q=0.9", ARROW),
        (PARQUET, PARQUET),
    ],
)
def test_accept(api: Api, accept: str | None, media_type: str) -> None:
    answer = api.get(PATH, headers={} if accept is None else {"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, media_type)


@pytest.mark.parametrize(("name", "media_type"), [("json", JSON), ("csv", CSV), ("arrow", ARROW), ("parquet", PARQUET)])
def test_format(api: Api, name: str, media_type: str) -> None:
    for accept in ("*/*", media_type):
        answer = api.get(f"{PATH}?format={name}", headers={"Accept": accept})
        assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert api.get(f"{PATH}?format={name}", headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (PATH, {"Accept": "application/xml"}, 406),
        (PATH, {"Accept": "text/csv;q=0"}, 406),
        (f"{PATH}?format=csv", {"Accept": JSON}, 406),
        (f"{PATH}?format=xml", {}, 404),
        (f"{PATH}?format=", {}, 404),
        (f"{PATH}1/", {"Accept": CSV}, 406),
        (f"{PATH}1/?format=csv", {}, 404),
        ("projects/", {"Accept": CSV}, 406),
        ("projects/", {"Accept": f"{CSV}, {ARROW}, {PARQUET}"}, 406),
        ("projects/?format=csv", {}, 404),
        ("consumption_metadatas/", {"Accept": PARQUET}, 406),
        ("project_results/", {"Accept": ARROW}, 406),
    ],
)
def test_what_is_not_served(api: Api, path: str, headers: dict[str, str], status: int) -> None:
    answer = api.get(path, headers=headers)
    assert (answer.status_code, answer.mimetype, list(answer.json)) == (status, JSON, ["detail"])


def test_what_is_stored_is_answered_as_json(api: Api) -> None:
    assert api.post(PATH, [], headers={"Accept": CSV}).status_code == 406
    assert api.post(f"{PATH}?format=csv", []).status_code == 404


@pytest.mark.parametrize("media_type", [CSV, ARROW, PARQUET])
def test_pages_are_json(api: Api, media_type: str) -> None:
    answer = api.get(f"{PATH}?limit=10", headers={"Accept": media_type})
    message = f"Pages are JSON; for {media_type} choose records by metadata, start_0 and start_1 instead."
    assert (answer.status_code, answer.json) == (400, {"limit": [message]})


def test_a_database_that_goes_away_is_told_as_everywhere(database: Database) -> None:
    """By the exception that becomes a 503, and the lost connection is not kept for others."""
    with Session(database.engine) as session:
        suicide = select(func.pg_terminate_backend(func.pg_backend_pid()))
        with pytest.raises(OperationalError, match="terminating connection"):
            next(chunks_of(session, suicide))
    with Session(database.engine) as session:
        assert next(chunks_of(session, select(literal(1)))) == [(1,)]


def test_the_document_tells_of_the_formats(nobody: Api) -> None:
    operation: dict[str, Any] = nobody.get("openapi.json").json["paths"]["/api/v1/consumption_records/"]["get"]
    assert set(operation["responses"]["200"]["content"]) == {JSON, CSV, ARROW, PARQUET}
    names = {parameter["name"]: parameter["schema"] for parameter in operation["parameters"]}
    assert names["format"]["enum"] == ["json", "csv", "arrow", "parquet"]
    assert {"metadata", "start", "start_0", "start_1", "limit", "cursor"} <= set(names)
    others = nobody.get("openapi.json").json["paths"]["/api/v1/projects/"]["get"]
    assert list(others["responses"]["200"]["content"]) == [JSON]
    assert "404" not in others["responses"]
