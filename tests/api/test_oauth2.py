"""OAuth2: a program gets a token for its credentials."""

import base64
from typing import Any

import pytest

from eeds.accounts.expiry import delete_expired_access
from eeds.accounts.operations import create_client
from eeds.accounts.users import user_named
from eeds.db.engine import Database
from tests.api.conftest import SECRET, Api, AppWith

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


def test_credentials_are_wanted_by_tls_alone(nobody: Api, credentials: dict[str, str]) -> None:
    form = FORM | credentials
    answer = nobody.call("POST", PATH, data=form, base_url="http://eeds.example")
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert "EEDS_TRUSTED_PROXIES" in answer.json["error_description"]
    assert nobody.call("POST", PATH, data=form, base_url="https://eeds.example").status_code == 200


def test_a_proxy_in_front_says_whether_there_is_tls(app_with: AppWith, credentials: dict[str, str]) -> None:
    form, proxy = FORM | credentials, {"X-Forwarded-Proto": "https"}
    trusting = {number: Api(app_with(EEDS_TRUSTED_PROXIES=number).test_client(), None) for number in "012"}
    statuses = {
        number: api.call("POST", PATH, data=form, headers=proxy, base_url="http://eeds.example").status_code
        for number, api in trusting.items()
    }
    assert statuses == {"0": 400, "1": 200, "2": 400}  # of two proxies one has said nothing


@pytest.mark.parametrize("pair", ["//8=", "w6k", "é", "=", "", "7aCAOu2ggA=="])
def test_credentials_that_are_no_text(nobody: Api, pair: str) -> None:
    answer = nobody.call("POST", PATH, data=FORM, headers={"Authorization": f"Basic {pair}".encode().decode("latin-1")})
    assert (answer.status_code, answer.json) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize("host", ["[", "a b", "::1", "[::1", "é", "localhost:x", ""])
def test_hosts_that_are_none(nobody: Api, credentials: dict[str, str], host: str) -> None:
    answer = nobody.call("POST", PATH, data=FORM | credentials, environ_overrides={"HTTP_HOST": host})
    assert answer.status_code in (200, 400)


def test_of_many_tokens_of_a_client_the_latest_are_valid(
    nobody: Api, credentials: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eeds.accounts.tokens.CLIENT_TOKENS", 2)
    tokens = [nobody.call("POST", PATH, data=FORM | credentials).json["access_token"] for _ in range(3)]
    statuses = [Api(nobody.client, token).get("projects/").status_code for token in tokens]
    assert statuses == [401, 200, 200]
    assert Api(nobody.client, "token-of-admin").get("projects/").status_code == 200


def test_expired_tokens_of_clients_are_cleared(
    nobody: Api, credentials: dict[str, str], database: Database, api: Api
) -> None:
    nobody.call("POST", PATH, data=FORM | credentials)
    with database.connection() as connection:
        connection.execute("UPDATE tokens SET expires = now() - interval '2 days'")
        delete_expired_access(connection)
        assert connection.execute("SELECT client_id FROM tokens").fetchall() == [(None,)]
