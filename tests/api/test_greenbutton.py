"""/api/v1/greenbutton/: Green Button files into the traces of a project."""

import gzip
import io
import zipfile
from types import ModuleType
from typing import Any

import pytest

from eeds.records.greenbutton import feed as feed_module
from eeds.records.greenbutton import trace_readings, traces
from tests.api.conftest import Api, AppWith, MakeApi
from tests.records.greenbutton.feeds import HOUR, block, feed, meter_reading, reading, reading_type, usage_point, usual
from tests.records.greenbutton.test_green_button import UTILITY

PATH = "greenbutton/"
COUNTS = ("created", "updated", "unchanged", "duplicates")
JANUARY, FEBRUARY = 1420070400, 1422748800


@pytest.fixture
def project(api: Api) -> int:
    return int(api.post("projects/", {"project_id": "ABC", "project_owner": 1}).json["id"])


def send(api: Api, body: bytes, query: str = "?project=1", **options: Any) -> Any:
    return api.call("POST", f"{PATH}{query}", data=body, **{"content_type": "application/atom+xml", **options})


def counts(answer: Any) -> tuple[int, ...]:
    assert answer.status_code == 200, answer.text
    return tuple(answer.json[name] for name in COUNTS)


def values(api: Api, trace: int = 1) -> dict[str, float | None]:
    return {r["start"]: r["value"] for r in api.get(f"consumption_records/?metadata={trace}").json}


def hours(first: int, count: int, watt_hours: int = 1000) -> bytes:
    return usual([reading(first + n * HOUR, watt_hours) for n in range(count)])


@pytest.mark.usefixtures("project")
def test_the_file_of_a_utility(api: Api) -> None:
    body = gzip.compress(UTILITY.read_bytes())
    answer = send(api, body, "?project=1&dry_run=true")
    assert counts(answer) == (18, 0, 0, 0)
    assert [trace["id"] for trace in answer.json["traces"]] == [None, None]
    assert api.get("consumption_metadatas/").json == []
    answer = send(api, body, "?project_id=ABC")
    assert counts(answer) == (18, 0, 0, 0)
    stored = api.get("consumption_metadatas/").json
    assert [(t["id"], t["interpretation"], t["unit"], t["label"]) for t in stored] == [
        (t["id"], t["interpretation"], t["unit"], t["label"]) for t in answer.json["traces"]
    ]
    assert [(t["interpretation"], t["label"], t["readings"]) for t in answer.json["traces"]] == [
        ("E_C_S", "1000000001", 10),
        ("E_OSG_U", "1000000001", 5),
    ]
    assert counts(send(api, gzip.decompress(body))) == (0, 0, 18, 0)
    assert counts(send(api, body, headers={"Content-Encoding": "gzip"})) == (0, 0, 18, 0)


@pytest.mark.usefixtures("project")
def test_the_end_of_one_file_does_not_touch_the_beginning_of_the_next(api: Api) -> None:
    last = (FEBRUARY - JANUARY) // HOUR
    january, february = hours(JANUARY, last), hours(FEBRUARY, 24, 2000)
    assert counts(send(api, january)) == (last + 1, 0, 0, 0)
    assert values(api)["2015-02-01T00:00:00Z"] is None
    assert counts(send(api, february)) == (24, 1, 0, 0)
    before = values(api)
    assert before["2015-02-01T00:00:00Z"] == 2.0
    assert counts(send(api, january)) == (0, 0, last + 1, 0)
    assert values(api) == before


@pytest.mark.usefixtures("project")
def test_a_zip(api: Api) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("1.xml", hours(0, 2))
        archive.writestr("2.xml", hours(2 * HOUR, 2, 2000))
    assert counts(send(api, body.getvalue(), content_type="application/zip")) == (5, 0, 0, 0)
    assert list(values(api).values()) == [1.0, 1.0, 2.0, 2.0, None]


@pytest.mark.usefixtures("project")
def test_all_or_nothing_unless_partial(api: Api) -> None:
    body = usual([reading(0, 1000), reading(HOUR, "much")])
    refusal = {"file": None, "line": 2, "index": 1, "field": "value", "value": "much"}
    refusal["message"] = "A valid number is required."
    answer = send(api, body)
    assert (answer.status_code, answer.json) == (
        400,
        {
            "status": "error",
            "message": "1 of 2 readings refused, none stored",
            "errors": [refusal],
            "skipped": [],
        },
    )
    assert api.get("consumption_metadatas/").json == []
    answer = send(api, body, "?project=1&mode=partial")
    assert counts(answer) == (2, 0, 0, 0)
    assert (answer.json["refused"], answer.json["errors"]) == (1, [refusal])


@pytest.mark.usefixtures("project")
def test_nothing_to_store(api: Api) -> None:
    answer = send(api, usual([reading(0, 1)], uom=38))
    assert answer.status_code == 400
    assert answer.json["message"] == "Nothing was stored: the body has no interval readings of energy."
    assert [each["line"] for each in answer.json["skipped"]] == [1]


@pytest.mark.usefixtures("project")
def test_a_trace_in_another_unit(api: Api) -> None:
    api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "THM", "label": "7"})
    answer = send(api, hours(0, 2, 29300100))
    assert [(trace["id"], trace["unit"]) for trace in answer.json["traces"]] == [(1, "THM")]
    assert values(api)["1970-01-01T00:00:00Z"] == pytest.approx(1000)


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("", {"project": ["This field is required."]}),
        ("?project=1&project_id=ABC", {"project": ["Give project or project_id, not both."]}),
        ("?project=x", {"project": ["Incorrect type. Expected pk value, received str."]}),
        ("?project=99", {"project": ['Invalid pk "99" - object does not exist.']}),
        ("?project_id=X", {"project_id": ['There is no project "X".']}),
        ("?project_id=%00", {"project_id": ["Null characters and unpaired surrogates are not allowed."]}),
        ("?project=1&mode=some", {"mode": ['"some" is not a valid choice.']}),
    ],
)
@pytest.mark.usefixtures("project")
def test_which_project(api: Api, query: str, refusal: dict[str, list[str]]) -> None:
    answer = send(api, hours(0, 2), query)
    assert (answer.status_code, answer.json) == (400, refusal)


@pytest.mark.usefixtures("project")
def test_the_project_of_another_owner(api: Api, login: MakeApi) -> None:
    bob = login("bob")
    for query in ("?project=1", "?project_id=ABC"):
        assert send(bob, hours(0, 2), query).status_code == 400
    assert api.get("consumption_metadatas/").json == []


@pytest.mark.usefixtures("project")
def test_hostile_xml(api: Api) -> None:
    body = hours(0, 2).replace(b"?>", b'?><!DOCTYPE feed [<!ENTITY a "ha">]>', 1)
    answer = send(api, body)
    assert answer.status_code == 400
    assert "it has a DOCTYPE" in answer.json["detail"]


@pytest.mark.parametrize("mode", ["partial", "all"])
def test_a_body_of_refused_readings_is_read_no_further_than_others(app_with: AppWith, api: Api, mode: str) -> None:
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    few = Api(app_with(EEDS_MAX_REFUSED_ROWS="3").test_client(), api.token)
    bad = [reading(hour, "x") for hour in range(5)]
    answer = send(few, usual(bad), f"?project=1&mode={mode}")
    assert (answer.status_code, answer.json["message"], len(answer.json["errors"])) == (
        400,
        "4 of the first 4 readings refused, none stored; the rest was not read",
        4,
    )
    # a reading without a duration is refused only when all of the body is known
    endless = usual([reading(hour, 1, duration=None) for hour in range(5)], intervalLength=0)
    answer = send(few, endless, f"?project=1&mode={mode}")
    assert (answer.status_code, answer.json["message"].split(",")[0]) == (400, "5 of the first 5 readings refused")
    assert api.get("consumption_metadatas/").json == []


@pytest.mark.parametrize(
    ("bound", "limit", "reason"),
    [
        (feed_module, "MAX_KEPT", "take more than 0 MB of memory; send the file in parts"),
        (feed_module, "MAX_BLOCKS", "has more than 1 IntervalBlocks; send it in parts."),
        (feed_module, "MAX_READINGS", "has more than 1 readings; send it in parts."),
        (feed_module, "MAX_AT_ONCE", "a block has more than 1 readings; send it in parts."),
        (trace_readings, "MAX_AT_ONCE", "Usage point 7 has more than 1 readings in blocks that overlap"),
        (traces, "MAX_TRACES", "readings of more than 1 usage points; send it in parts."),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_a_body_makes_has_bounds(
    api: Api, monkeypatch: pytest.MonkeyPatch, bound: ModuleType, limit: str, reason: str
) -> None:
    two = [reading(0, 1), reading(HOUR, 1)]
    points = [each for id in ("7", "8") for each in (usage_point(id), meter_reading(id, id), block(two, id, id))]
    body = feed(*points, reading_type())
    monkeypatch.setattr(bound, limit, 1)
    answer = send(api, body)
    assert (answer.status_code, reason in answer.json["detail"]) == (413, True), answer.text
    monkeypatch.undo()
    assert counts(send(api, body)) == (6, 0, 0, 0)
