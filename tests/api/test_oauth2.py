"""OAuth2: a program gets a token for its credentials."""

import base64
from typing import Any

import pytest

from eeds.accounts.operations import create_client
from eeds.accounts.users import user_named
from eeds.db.engine import Database
from tests.api.conftest import SECRET, Api

PATH = "/oauth2/token/"
FORM = {"grant_type": "client_credentials"}


@pytest.fixture
def credentials(api: Api, database: Database) -> dict[str, str]:
    with database.session() as session:
        client_id, secret = create_client(session, SECRET, user_named(session, "admin"), ["read"])
    return {"client_id": client_id, "client_secret": secret}


def basic(credentials: dict[str, str]) -> dict[str, str]:
    pair = f"{credentials['client_id']}:{credentials['client_secret']}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def test_story(nobody: Api, credentials: dict[str, str]) -> None:
    answer = nobody.call("POST", PATH, data=FORM | credentials)
    assert answer.status_code == 200
    assert {key: answer.json[key] for key in ("token_type", "scope")} == {"token_type": "Bearer", "scope": "read"}
    assert answer.headers["Cache-Control"] == "no-store"
    program = Api(nobody.client, answer.json["access_token"])
    assert program.get("projects/").status_code == 200
    assert program.post("projects/", {}).status_code == 403
    in_header = nobody.call("POST", PATH, data=FORM | {"scope": "read"}, headers=basic(credentials))
    assert in_header.json["scope"] == "read"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "\0"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"scope": "admin"}, 400, "invalid_scope"),
    ],
)
def test_refusals(nobody: Api, credentials: dict[str, str], form: dict[str, Any], status: int, error: str) -> None:
    answer = nobody.call("POST", PATH, data=FORM | credentials | form)
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert status == 400 or (list(answer.json) == ["error"] and "Basic" in answer.headers["WWW-Authenticate"])


def test_a_client_gives_no_more_than_it_has(nobody: Api, credentials: dict[str, str]) -> None:
    answer = nobody.call("POST", PATH, data=FORM | credentials | {"scope": "read write"})
    assert answer.json["scope"] == "read"


def test_without_anything(nobody: Api) -> None:
    assert nobody.call("POST", PATH).status_code == 400
    assert nobody.call("GET", PATH).status_code == 405
