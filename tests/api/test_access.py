"""Tokens and scopes, and the shape of every refusal that is not about a field."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from eeds.db.engine import Database
from eeds.db.tables import Token
from tests.api.conftest import Api, AppWith, MakeApi
from tests.records.greenbutton.feeds import reading, usual

UNAUTHENTICATED = {"detail": "Authentication credentials were not provided."}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Token token-of-admin", "Basic ZGVtbzpkZW1v"])
def test_without_a_good_token(api: Api, nobody: Api, header: str) -> None:
    answer = nobody.get("projects/", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json) == (401, UNAUTHENTICATED)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": {"Authorization": "bearer token-of-admin"}},
        {"query_string": {"access_token": "token-of-admin"}},
    ],
)
def test_ways_to_send_a_token(api: Api, nobody: Api, sent: dict[str, Any]) -> None:
    assert nobody.get("projects/", **sent).status_code == 200


def test_token_in_a_form(api: Api, nobody: Api) -> None:
    answer = nobody.call("POST", "projects/", data={"access_token": "token-of-admin", "project_id": "X"})
    assert (answer.status_code, answer.json) == (400, {"project_owner": ["This field is required."]})


def test_expired_and_revoked(login: MakeApi, database: Database) -> None:
    old = login("old", expires=datetime.now(UTC) - timedelta(seconds=1))
    gone = login("gone")
    assert gone.get("projects/").status_code == 200
    with database.session() as session:
        session.execute(update(Token).values(revoked=datetime.now(UTC)))
    assert {old.get("projects/").status_code, gone.get("projects/").status_code} == {401}


def test_scopes(login: MakeApi) -> None:
    reader, writer, none = login("r", scopes=("read",)), login("w", scopes=("write",)), login("n", scopes=())
    for client, method, status in [
        (reader, "GET", 200),
        (reader, "HEAD", 200),
        (reader, "OPTIONS", 200),
        (reader, "POST", 403),
        (writer, "GET", 403),
        (writer, "POST", 400),
        (none, "GET", 403),
    ]:
        assert client.call(method, "projects/").status_code == status, (client.token, method)
    assert none.get("projects/").json == FORBIDDEN


def test_use_is_remembered(api: Api, database: Database) -> None:
    api.get("projects/99/")
    with database.session() as session:
        token = session.query(Token).one()
    assert token.last_used is not None
    assert "token-of-admin" not in repr(vars(token))


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "body"),
    [
        ("GET", "projects/99999/", {}, 404, {"detail": "Not found."}),
        ("GET", "projects/abc/", {}, 404, {"detail": "Not found."}),
        ("GET", "projects/99999999999999999999/", {}, 404, {"detail": "Not found."}),
        ("GET", "nothing/", {}, 404, {"detail": "Not found."}),
        ("PUT", "projects/", {"json": []}, 405, {"detail": 'Method "PUT" not allowed.'}),
        ("DELETE", "projects/", {}, 405, {"detail": 'Method "DELETE" not allowed.'}),
        ("GET", "projects/sync/", {}, 405, {"detail": 'Method "GET" not allowed.'}),
        (
            "POST",
            "projects/",
            {"data": "{}", "content_type": "text/plain"},
            415,
            {"detail": 'Unsupported media type "text/plain" in request.'},
        ),
        (
            "GET",
            "projects/",
            {"headers": {"Accept": "application/xml"}},
            406,
            {"detail": "Could not satisfy the request Accept header."},
        ),
        ("POST", "projects/", {"json": None, "data": "null", "content_type": "application/json"}, 400, None),
    ],
)
def test_error_shapes(api: Api, method: str, path: str, sent: Any, status: int, body: Any) -> None:
    answer = api.call(method, path, **sent)
    assert answer.status_code == status
    assert body is None or answer.json == body


@pytest.mark.parametrize("body", ['{"project_id": ', "[" * 100_000, '{"a": 1' + "0" * 5000 + "}", "\xff"])
def test_malformed_json(api: Api, body: str) -> None:
    answer = api.call("POST", "projects/", data=body.encode("latin-1"), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["detail"].startswith("JSON parse error - ")


@pytest.mark.parametrize(("sent", "echoed"), [("job-7.a_B", True), ("", False), ("a b", False), ("x" * 65, False)])
def test_requests_have_an_id(api: Api, sent: str, echoed: bool) -> None:
    answer = api.get("projects/", headers={"X-Request-ID": sent})
    assert (answer.headers["X-Request-ID"] == sent) == echoed
    assert answer.headers["X-Request-ID"]


def test_missing_slash(api: Api) -> None:
    answer = api.get("projects")
    assert (answer.status_code, answer.headers["Location"]) == (301, "http://localhost/api/v1/projects/")
    assert api.post("projects", {}).status_code == 308


def test_indented_json_is_json(api: Api) -> None:
    assert api.get("projects/", headers={"Accept": "application/json; indent=2"}).status_code == 200
    assert api.get("projects/?format=json").status_code == 200
    assert api.get("projects/?format=xml").status_code == 404


def test_who_may_only_write_reads_nothing_by_writing(api: Api, login: MakeApi) -> None:
    api.post("projects/", {"project_id": "A", "project_owner": 1, "zipcode": "50321"})
    writer = login("w", admin=True, scopes=("write",))
    assert writer.patch("projects/1/", {}).json == {"id": 1}
    assert writer.patch("projects/1/?with_attributes=True", {"project_id": "B"}).json == {"id": 1, "project_id": "B"}
    replaced = writer.put("projects/1/", {"project_id": "C", "project_owner": 1})
    assert replaced.json == {"id": 1, "project_id": "C", "project_owner": 1}
    assert api.patch("projects/1/", {}).json["zipcode"] == "50321"


def test_who_may_only_write_reads_nothing_by_uploading(api: Api, login: MakeApi) -> None:
    api.post("projects/", {"project_id": "A", "project_owner": 1, "zipcode": "50321"})
    records = [{"start": "2022-01-31T00:00:00Z", "value": 50321}, {"start": "2022-01-31T01:00:00Z", "value": None}]
    trace = {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "label": "7", "records": records}
    assert api.post("consumption_metadatas/", trace).status_code == 201
    half_an_hour = usual(
        [reading(1643587200 + 1800, 9000, duration=1800)]
    )  # of which the rest of the hour has the rest
    table, xml = "text/csv", "application/atom+xml"
    uploads = [
        (
            "projects/upload/?owner=1",
            b"project_id,zipcode,baseline_period_end,reporting_period_start\nA,50322,,\n",
            table,
        ),
        ("consumption_records/upload/?timezone=UTC", b"metadata_id;start;value\n1;1/31/2022 0:00;9\n", table),
        ("greenbutton/?project=1", half_an_hour, xml),
    ]
    writer = login("w", admin=True, scopes=("write",))
    for path, body, media_type in uploads:
        whole, written = (
            each.post(f"{path}&dry_run=true", data=body, content_type=media_type) for each in (api, writer)
        )
        assert (whole.status_code, written.status_code) == (200, 200), written.text
        assert len(written.json["changes"]) == 1
        assert "50321" in whole.text
        assert not any(stored in written.text for stored in ("50321", "50312")), written.text


@pytest.mark.parametrize("path", ["/health/live", "/api/v1/", "/docs/", "/oauth2/token/", "/nothing", "/", "/metrics"])
def test_no_answer_is_taken_for_another_type_or_framed(nobody: Api, path: str) -> None:
    headers = nobody.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_only_names_that_are_ours_are_answered(app_with: AppWith, api: Api) -> None:
    client = app_with(EEDS_HOSTS="eeds.example .homes.example").test_client()
    statuses = {
        host: client.get("/health/live", headers={"Host": host}).status_code
        for host in ("eeds.example:8000", "a.homes.example", "127.0.0.1:8000", "evil.example", "eeds.example.evil", "[")
    }
    assert list(statuses.values()) == [200, 200, 200, 400, 400, 400]
    assert api.get("/health/live", headers={"Host": "any.example"}).status_code == 200
