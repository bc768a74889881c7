"""A POST that is sent again with its Idempotency-Key is answered again, not done again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from eeds.db.engine import Database
from eeds.db.tables import IdempotencyKey, ProjectRun
from tests.api.conftest import Api, MakeApi
from tests.readings import ConsumptionRecord

RUN = {"project": 1}


@pytest.fixture
def project(api: Api) -> Api:
    body = {"project_id": "ABC", "project_owner": 1, "baseline_period_end": "2013-01-01T00:00:00Z"}
    assert api.post("projects/", body).status_code == 201
    return api


def order(api: Api, key: str, body: Any = RUN, path: str = "project_runs/") -> TestResponse:
    return api.post(path, body, headers={"Idempotency-Key": key})


def runs(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count(ProjectRun.id))) or 0


def test_the_same_request_is_done_once_and_answered_alike(project: Api, database: Database) -> None:
    first, second = order(project, "a"), order(project, "a")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert first.mimetype == second.mimetype
    assert runs(database) == 1
    assert order(project, "b").json["id"] != first.json["id"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "body"), [("project_runs/", {"project": 1, "meter_settings": {"model": "daily"}}), ("projects/", RUN)]
)
def test_a_key_is_for_one_request(project: Api, database: Database, path: str, body: Any) -> None:
    order(project, "a")
    other = order(project, "a", body, path)
    assert other.status_code == 422
    assert other.json == {"detail": 'The Idempotency-Key "a" was sent with another request; take a new one for this.'}
    assert runs(database) == 1


def test_keys_of_users_are_their_own(project: Api, login: MakeApi) -> None:
    order(project, "a")
    other = login("other")
    assert order(other, "a").json == {"project": ['Invalid pk "1" - object does not exist.']}


def test_a_request_that_failed_may_be_sent_again(api: Api, database: Database) -> None:
    assert order(api, "a").status_code == 400
    api.post("projects/", {"project_id": "ABC", "project_owner": 1})
    assert order(api, "a").status_code == 201


def test_an_answer_is_forgotten_after_a_day(project: Api, database: Database) -> None:
    order(project, "a")
    with database.session() as session:
        session.execute(update(IdempotencyKey).values(added=func.now() - timedelta(hours=25)))
    assert order(project, "a").json["id"] == 2  # type: ignore[index]
    assert order(project, "a").json["id"] == 2  # type: ignore[index]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_bad_key_is_refused(project: Api, database: Database, key: str) -> None:
    refused = order(project, key)
    assert (refused.status_code, refused.json) == (400, {"Idempotency-Key": ["Give 1 to 255 printable characters."]})
    assert runs(database) == 0


def test_twins_at_the_same_time(app: Flask, project: Api, database: Database) -> None:
    def send(_: int) -> Any:
        return order(Api(app.test_client(), project.token), "twins").json

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(8)))
    assert answers == [answers[0]] * 8
    assert runs(database) == 1


def test_an_upload_is_compared_by_its_body(project: Api, database: Database) -> None:
    trace = project.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH"}).json
    assert trace
    path = "consumption_records/sync2/"
    body = [{"metadata_id": trace["id"], "start": "2014-01-01T00:00:00Z", "value": 1.0}]
    first = order(project, "load", body, path)
    assert first.json == {"status": "success", "created": 1, "updated": 0, "unchanged": 0, "duplicates": 0}
    assert order(project, "load", body, path).json == first.json  # done again it would be unchanged
    assert order(project, "load", [{**body[0], "value": 2.0}], path).status_code == 422
    with database.session() as session:
        assert session.scalars(select(ConsumptionRecord.value)).all() == [1.0]


def test_refused_rows_as_a_file_are_told_anew(project: Api) -> None:
    """What is not kept is done again, which for an upload is the same."""
    path = "consumption_records/sync2/?format=csv"
    body = [{"metadata_id": 77, "start": "2014-01-01T00:00:00Z", "value": 1.0}]
    answers = [order(project, "load", body, path) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].data == answers[1].data
