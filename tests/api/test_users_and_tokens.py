"""Users that are kept out, passwords that are reset, and tokens with names, over the API."""

import base64
from typing import Any

import pytest

from eeds.accounts.logins import begin_login, logged_in, login_proof
from eeds.accounts.operations import create_client, create_user
from eeds.accounts.users import user_named, user_with
from eeds.db.engine import Database
from tests.api.conftest import SECRET, Api, MakeApi

PASSWORD, OTHER = "correct horse battery staple", "another of those long ones"


@pytest.fixture
def ada(login: MakeApi, api: Api) -> Api:
    """Ada, whose user has id 2."""
    return login("ada")


def test_who_is_disabled_is_kept_out_until_enabled(api: Api, ada: Api, nobody: Api, database: Database) -> None:
    with database.session() as session:
        user = user_named(session, "ada")
        browser, proof = begin_login(session, user), login_proof(SECRET, user)
        client_id, secret = create_client(session, SECRET, user)
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()

    def ways_in() -> list[Any]:
        grant = nobody.client.post(
            "/oauth2/token/", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
        )
        with database.session() as session:
            return [
                ada.get("projects/").status_code,
                grant.status_code,
                logged_in(session, SECRET, browser, proof) is not None,
            ]

    assert ways_in() == [200, 200, True]
    answer = api.patch("users/2/", {"disabled": True})
    assert (answer.status_code, answer.json["disabled"], answer.json["name"]) == (200, True, "ada")
    assert answer.json["disabled_since"] is not None
    assert ways_in() == [401, 401, False]
    assert api.patch("users/2/", {"disabled": False}).json["disabled_since"] is None
    assert ways_in() == [200, 200, False]  # a login that has ended does not come back


def test_a_password_does_not_open_what_is_disabled(api: Api, database: Database) -> None:
    with database.session() as session:
        create_user(session, "bob", PASSWORD)
    assert api.patch("users/2/", {"password": OTHER}).status_code == 200
    with database.session() as session:
        assert user_with(session, "bob", PASSWORD) is None
        assert user_with(session, "bob", OTHER) is not None
    api.patch("users/2/", {"disabled": True})
    with database.session() as session:
        assert user_with(session, "bob", OTHER) is None


def test_what_is_refused(api: Api, ada: Api) -> None:
    assert api.patch("users/1/", {"disabled": True}).json == {
        "detail": "You cannot disable yourself; another admin can."
    }
    short = {"password": ["A password must have 12 to 1,024 characters."]}
    assert api.patch("users/2/", {"password": "short"}).json == short
    assert ada.patch("users/2/", {"password": OTHER}).status_code == 403
    assert ada.patch("users/1/", {"disabled": True}).status_code == 404
    assert [user["name"] for user in ada.get("users/").json] == ["ada"]
    assert [user["name"] for user in api.get("users/").json] == ["admin", "ada"]
    assert "password" not in api.get("users/1/").json


def test_tokens_have_names_and_end(api: Api, ada: Api) -> None:
    (token,) = ada.get("tokens/").json
    assert (token["name"], token["prefix"], token["scopes"]) == (None, "token-of-ada", ["read", "write"])
    assert "digest" not in token
    assert ada.patch(f"tokens/{token['id']}/", {"name": "nightly"}).json["name"] == "nightly"
    assert api.get(f"tokens/{token['id']}/").json["name"] == "nightly"
    assert ada.post("tokens/1/revoke/").status_code == 404
    assert ada.patch("tokens/1/", {"name": "mine"}).status_code == 404
    assert ada.post("tokens/", {"name": "more"}).status_code == 405
    assert api.post(f"tokens/{token['id']}/revoke/").json["revoked"] is not None
    assert api.post(f"tokens/{token['id']}/revoke/").status_code == 409
    assert ada.get("tokens/").status_code == 401
