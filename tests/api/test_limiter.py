"""A token that asks too often is asked to wait; without Redis nobody is counted."""

from pathlib import Path

import pytest
from flask import Flask

from tests.api.conftest import Api, AppWith, MakeApi

LIMIT = 5


@pytest.fixture
def limited(app_with: AppWith, queue: object) -> Flask:
    return app_with(EEDS_RATE_LIMIT=str(LIMIT))


def test_a_token_that_asks_too_often_has_to_wait(limited: Flask, login: MakeApi) -> None:
    one, other = (Api(limited.test_client(), login(name).token) for name in ("one", "other"))
    # a minute may end in between, but not twice
    answers = [one.get("projects/") for _ in range(2 * LIMIT + 1)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {200, 429}
    seconds = int(refused[0].headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert refused[0].json == {"detail": f"Request was throttled. Expected available in {seconds} seconds."}
    assert other.get("projects/").status_code == 200


def test_without_redis_nobody_is_counted(app_with: AppWith, login: MakeApi, tmp_path: Path) -> None:
    app = app_with(REDIS_URL=f"unix://{tmp_path}/none", EEDS_RATE_LIMIT=str(LIMIT))
    api = Api(app.test_client(), login("one").token)
    assert [api.get("projects/").status_code for _ in range(LIMIT + 1)] == [200] * (LIMIT + 1)
