"""Projects: the story of one, its filters, its sync."""

from typing import Any

import pytest

from tests.api.conftest import Api, AppWith, MakeApi

KEYS = [
    "id",
    "project_owner",
    "project_id",
    "baseline_period_start",
    "baseline_period_end",
    "reporting_period_start",
    "reporting_period_end",
    "zipcode",
]
ABC = {
    "project_id": "ABC",
    "project_owner": 1,
    "zipcode": "50321",
    "baseline_period_end": "2013-06-01T00:00:00+0000",
    "reporting_period_start": "2013-07-01T00:00:00+0000",
}
SYNC = {
    "project_id": "S1",
    "project_owner_id": 1,
    "zipcode": "01234",
    "baseline_period_end": "2015-01-01T00:00:00+0000",
    "reporting_period_start": "2015-02-01T00:00:00+0000",
}
WRONG_TIME = (
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)


def test_story(api: Api) -> None:
    assert api.get("projects/").json == []

    created = api.post("projects/", ABC)
    assert created.status_code == 201
    assert list(created.json) == KEYS
    assert created.json == {
        "id": created.json["id"],
        "project_owner": 1,
        "project_id": "ABC",
        "baseline_period_start": None,
        "baseline_period_end": "2013-06-01T00:00:00Z",
        "reporting_period_start": "2013-07-01T00:00:00Z",
        "reporting_period_end": None,
        "zipcode": "50321",
    }
    path = f"projects/{created.json['id']}/"

    again = api.post("projects/", ABC)
    assert (again.status_code, again.json) == (400, {"project_id": ["project with this project id already exists."]})

    assert api.get("projects/").json == [created.json]
    assert api.get(path).json == created.json

    assert api.patch(path, {"zipcode": "50322", "id": 99}).json == {**created.json, "zipcode": "50322"}
    assert api.put(path, {"project_id": "ABC", "project_owner": 1}).json["zipcode"] == "50322"
    refused = api.put(path, {"zipcode": "1"})
    assert (refused.status_code, list(refused.json)) == (400, ["project_owner", "project_id"])

    assert api.delete(path).status_code == 204
    for gone in (api.get(path), api.patch(path, {}), api.put(path, {}), api.delete(path)):
        assert (gone.status_code, gone.json) == (404, {"detail": "Not found."})


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"project_owner": ["This field is required."], "project_id": ["This field is required."]}),
        ({**ABC, "project_id": None}, {"project_id": ["This field may not be null."]}),
        ({**ABC, "project_id": " "}, {"project_id": ["This field may not be blank."]}),
        ({**ABC, "project_id": "x" * 256}, {"project_id": ["Ensure this field has no more than 255 characters."]}),
        ({**ABC, "zipcode": "x" * 11}, {"zipcode": ["Ensure this field has no more than 10 characters."]}),
        ({**ABC, "project_id": True}, {"project_id": ["Not a valid string."]}),
        ({**ABC, "project_id": "\0"}, {"project_id": ["Null characters and unpaired surrogates are not allowed."]}),
        ({**ABC, "baseline_period_end": "2013-06-01"}, {"baseline_period_end": [WRONG_TIME]}),
        ({**ABC, "baseline_period_end": "2013-13-41T00:00:00Z"}, {"baseline_period_end": [WRONG_TIME]}),
        ({**ABC, "baseline_period_end": "0001-01-01T00:00:00+14:00"}, {"baseline_period_end": [WRONG_TIME]}),
        ({**ABC, "project_owner": 999}, {"project_owner": ['Invalid pk "999" - object does not exist.']}),
        ({**ABC, "project_owner": 10**30}, {"project_owner": [f'Invalid pk "{10**30}" - object does not exist.']}),
        ({**ABC, "project_owner": "x"}, {"project_owner": ["Incorrect type. Expected pk value, received str."]}),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        (3, {"non_field_errors": ["Invalid data. Expected a dictionary, but got int."]}),
    ],
)
def test_refusals(api: Api, body: Any, errors: dict[str, list[str]]) -> None:
    answer = api.post("projects/", body)
    assert (answer.status_code, answer.json) == (400, errors)


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"project_id": 123, "zipcode": 50321}, {"project_id": "123", "zipcode": "50321"}),
        ({"project_owner": "1"}, {"project_owner": 1}),
        ({"baseline_period_end": "2013-06-01T00:00:00"}, {"baseline_period_end": "2013-06-01T00:00:00Z"}),
        ({"baseline_period_end": "2013-06-01T00:00:00-06:00"}, {"baseline_period_end": "2013-06-01T06:00:00Z"}),
        ({"baseline_period_end": "2013-06-01T00:00:00.5Z"}, {"baseline_period_end": "2013-06-01T00:00:00.500000Z"}),
        ({"zipcode": None, "baseline_period_end": None}, {"zipcode": None, "baseline_period_end": None}),
        ({"project_id": "Ünï-✓", "color": "red"}, {"project_id": "Ünï-✓"}),
    ],
)
def test_what_is_accepted(api: Api, sent: dict[str, Any], stored: dict[str, Any]) -> None:
    answer = api.post("projects/", {**ABC, **sent})
    assert answer.status_code == 201
    assert {key: answer.json[key] for key in stored} == stored


def test_form_is_accepted_like_json(api: Api) -> None:
    answer = api.call("POST", "projects/", data={"project_id": "FORM", "project_owner": "1", "zipcode": "50321"})
    assert (answer.status_code, answer.json["project_id"]) == (201, "FORM")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "ABC"),
        ("project_id=A", "A"),
        ("project_id=a", ""),
        ("project_id=%00", ""),
        ("zipcode=50321", "AB"),
        ("zipcode=", "ABC"),
        ("project_owner=1", "ABC"),
        ("project_owner=99", ""),
        ("project_owner=x", ""),
        ("projects=1", "A"),
        ("projects=1+3-999999999999", "AC"),
        ("projects=3-1", ""),
        ("projects=1,2", ""),
        ("projects=abc", ""),
        ("projects=", ""),
        ("baseline_period_end_0=2014-01-01", "BC"),
        ("baseline_period_end_0=2014-01-01&baseline_period_end_1=2014-01-01", "B"),
        ("baseline_period_end_1=2013-06-01", "A"),
        ("baseline_period_end_0=bad", ""),
        ("baseline_period_end_1=9999-12-31", "ABC"),
        ("baseline_period_end_0=9999-12-31", ""),
        ("baseline_period_end_1=0001-01-01", ""),
        ("reporting_period_start_0=2015-01-02&reporting_period_start_1=2015-02-01", "C"),
    ],
)
def test_filters(api: Api, query: str, found: str) -> None:
    ends = {"A": "2013-06-01", "B": "2014-01-01", "C": "2015-01-01"}
    for name, day in ends.items():
        body = {**ABC, "project_id": name, "zipcode": "10001" if name == "C" else "50321"}
        body |= {"baseline_period_end": f"{day}T23:59:59Z", "reporting_period_start": "2015-02-01T00:00:00Z"}
        if name != "C":
            body["reporting_period_start"] = "2015-01-01T00:00:00Z"
        assert api.post("projects/", body).status_code == 201
    answer = api.get(f"projects/?{query}")
    assert (answer.status_code, "".join(p["project_id"] for p in answer.json)) == (200, found)


def test_filters_hold_for_one_project_too(api: Api) -> None:
    id = api.post("projects/", ABC).json["id"]
    assert api.get(f"projects/{id}/?zipcode=50321").status_code == 200
    assert api.get(f"projects/{id}/?zipcode=00001").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "projects/"), ("HEAD", "projects/1/"), ("PATCH", "projects/1/"), ("DELETE", "projects/1/")],
)
def test_an_unknown_parameter_is_refused(api: Api, app_with: AppWith, method: str, path: str) -> None:
    api.post("projects/", ABC)
    answer = api.call(method, f"{path}?zip=50321&color=red&with_attributes=True&format=json", {})
    assert answer.status_code == 400
    if method == "GET":
        assert list(answer.json) == ["color", "zip"]
        assert answer.json["zip"][0].startswith("There is no such parameter; there are: baseline_period_end_0, ")
    lenient = Api(app_with(EEDS_LENIENT_FILTERS="1").test_client(), api.token)
    assert lenient.call(method, f"{path}?zip=50321&color=red", {}).status_code in (200, 204)


def test_an_operation_may_have_no_parameters_at_all(api: Api) -> None:
    answer = api.get("projects/upload/?zip=1")
    assert answer.status_code == 405
    answer = api.post("projects/sync/?zip=1", [])
    assert (answer.status_code, answer.json) == (400, {"zip": ["There is no such parameter; there are: none."]})


def test_impossible_range_is_named(api: Api) -> None:
    answer = api.get("projects/?projects=a-b")
    assert (answer.status_code, list(answer.json)) == (400, ["projects"])


def test_sync_story(api: Api) -> None:
    created = api.post("projects/sync/", [SYNC])
    assert created.status_code == 200
    assert list(created.json[0]) == [*KEYS, "status"]
    assert created.json[0]["status"] == "created"

    other_offset = {**SYNC, "baseline_period_end": "2014-12-31T19:00:00-05:00"}
    assert api.post("projects/sync/", [other_offset]).json[0]["status"] == "unchanged - same record"

    updated = api.post("projects/sync/", [{**SYNC, "zipcode": "99999"}])
    assert updated.json == [{**created.json[0], "zipcode": "99999", "status": "updated"}]
    assert api.get("projects/").json == [{key: updated.json[0][key] for key in KEYS}]
    assert api.post("projects/sync/", []).json == []


def test_sync_takes_a_batch_in_order(api: Api) -> None:
    twice = [{**SYNC, "project_id": "T"}, {**SYNC, "project_id": "T", "zipcode": "2"}, {**SYNC, "project_id": "U"}]
    answer = api.post("projects/sync/", twice).json
    assert [(p["project_id"], p["zipcode"], p["status"]) for p in answer] == [
        ("T", "01234", "created"),
        ("T", "2", "updated"),
        ("U", "01234", "created"),
    ]
    assert answer[0]["id"] == answer[1]["id"] != answer[2]["id"]


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"zipcode": ...}, "error - missing field", "'zipcode'"),
        ({"project_owner_id": ...}, "error - missing field", "'project_owner_id'"),
        ({"baseline_period_end": ...}, "error - missing field", "'baseline_period_end'"),
        ({"project_owner_id": 999}, "error - integrity error - create", None),
        ({"project_owner_id": None}, "error - integrity error - create", None),
        ({"project_id": None}, "error - integrity error - create", None),
        ({"project_owner_id": "demo"}, "error - bad field value - create", None),
        ({"zipcode": "x" * 11}, "error - bad field value - create", None),
        ({"baseline_period_end": "garbage"}, "error - bad field value - create", None),
        ({"baseline_period_end": 5}, "error - bad field value - create", None),
        ({"project_id": "KNOWN", "zipcode": "x" * 11}, "error - bad field value - update", None),
    ],
)
def test_sync_tells_errors_and_stores_the_rest(api: Api, change: Any, status: str, message: str | None) -> None:
    api.post("projects/sync/", [{**SYNC, "project_id": "KNOWN"}])
    bad = {key: value for key, value in {**SYNC, **change}.items() if value is not ...}
    answer = api.post("projects/sync/", [{**SYNC, "project_id": "before"}, bad, {**SYNC, "project_id": "after"}])
    assert answer.status_code == 400
    assert [row["status"] for row in answer.json] == ["created", status, "created"]
    assert list(answer.json[1]) == ["project_id", "status", "message"]
    assert answer.json[1]["project_id"] == bad["project_id"]
    assert message is None or answer.json[1]["message"] == message
    assert [p["project_id"] for p in api.get("projects/").json] == ["KNOWN", "before", "after"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (SYNC, {"non_field_errors": ['Expected a list of items but got type "dict".']}),
        (5, {"non_field_errors": ['Expected a list of items but got type "int".']}),
    ],
)
def test_sync_wants_a_list(api: Api, body: Any, errors: Any) -> None:
    answer = api.post("projects/sync/", body)
    assert (answer.status_code, answer.json) == (400, errors)


def test_sync_of_a_scalar_in_the_list(api: Api) -> None:
    answer = api.post("projects/sync/", [5])
    assert answer.status_code == 400
    assert answer.json[0]["status"] == "error - bad field value - create"


def test_owners_do_not_see_each_other(api: Api, login: MakeApi) -> None:
    ann, bob = login("ann"), login("bob")
    owner = ann.get("project_owners/").json[0]["id"]
    mine = ann.post("projects/", {**ABC, "project_owner": owner}).json

    assert bob.get("projects/").json == []
    path = f"projects/{mine['id']}/"
    assert {bob.get(path).status_code, bob.patch(path, {}).status_code, bob.delete(path).status_code} == {404}
    foreign = bob.post("projects/", {**ABC, "project_id": "X", "project_owner": owner})
    assert foreign.json == {"project_owner": [f'Invalid pk "{owner}" - object does not exist.']}

    assert api.get("projects/").json == [mine]
