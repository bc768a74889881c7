"""Tokens, users and passwords, as people manage them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eeds.accounts.operations import create_user
from eeds.db.engine import Database
from eeds.db.tables import Token, User
from tests.portal.conftest import PASSWORD, Browser, MakeBrowser, text_of

MADE = re.compile(r'<pre tabindex="0" id="made">([^<]+)</pre>')
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()


def status_with(app: Flask, token: str, method: str = "GET") -> int:
    answer = app.test_client().open("/api/v1/projects/", method=method, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


def test_a_token_is_made_shown_once_and_revoked(browser_of: MakeBrowser, app: Flask) -> None:
    ada = browser_of("ada")
    answer = ada.post("tokens/", {"name": "nightly", "scope": ["read"], "expires": TOMORROW})
    (token,) = MADE.findall(answer.text)
    assert answer.status_code == 201
    assert (status_with(app, token), status_with(app, token, "POST")) == (200, 403)
    page = ada.get("tokens/")
    assert token not in page.text
    assert f"nightly {token[:12]}… read" in text_of(page)
    assert browser_of("eve").post("tokens/1/revoke/").status_code == 404
    assert "The token is revoked." in text_of(ada.post("tokens/1/revoke/", follow_redirects=True))
    assert status_with(app, token) == 401
    assert ada.post("tokens/1/revoke/").status_code == 404


def test_a_token_without_scopes(browser_of: MakeBrowser, app: Flask) -> None:
    (token,) = MADE.findall(browser_of("ada").post("tokens/", {"scope": ["admin"], "expires": TOMORROW}).text)
    assert status_with(app, token) == 403


@pytest.mark.parametrize(
    ("expires", "reason"),
    [
        ("", "Say until which day the token is valid, as 2027-01-31."),
        ("tomorrow", "Say until which day the token is valid"),
        ("9999-12-31", "Say until which day the token is valid"),
        ("2020-01-01", "The day until which the token is valid is over."),
    ],
)
def test_a_day_that_cannot_be(browser_of: MakeBrowser, database: Database, expires: str, reason: str) -> None:
    answer = browser_of("ada").post("tokens/", {"scope": ["read"], "expires": expires})
    assert answer.status_code == 400
    assert reason in text_of(answer)
    with database.session() as session:
        assert session.scalars(select(Token)).all() == []


def test_an_admin_adds_a_user(browser_of: MakeBrowser, stranger: Browser) -> None:
    root = browser_of("root", admin=True)
    answer = root.post("users/", {"name": " Grace ", "password": PASSWORD}, follow_redirects=True)
    assert "Grace can log in now." in text_of(answer)
    assert "Grace 2 no 0 0" in text_of(root.get("users/"))
    assert stranger.log_in("Grace").status_code == 303
    assert "Users" not in text_of(stranger.get(""))


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [
        ("", PASSWORD, "A name has 1 to 255 characters that can be seen."),
        ("x" * 256, PASSWORD, "A name has 1 to 255 characters that can be seen."),
        ("a\0b", PASSWORD, "A name has 1 to 255 characters that can be seen."),
        ("root", PASSWORD, "There is a user root already."),
        ("ada", "too short", "A password must have 12 to 1,024 characters."),
        ("ada", " " * 12, "This password is one of the first that are guessed"),
        ("ada", "password1234", "This password is one of the first that are guessed"),
        ("ada", "qwertyuiopas", "This password is one of the first that are guessed"),
        ("adalovelace", "adalovelace1", "This password is one of the first that are guessed"),
        ("ada", "x" * 1025, "A password must have 12 to 1,024 characters."),
    ],
)
def test_a_user_that_cannot_be(
    browser_of: MakeBrowser, database: Database, name: str, password: str, reason: str
) -> None:
    answer = browser_of("root", admin=True).post("users/", {"name": name, "password": password})
    assert answer.status_code == 400
    assert reason in text_of(answer)
    with database.session() as session:
        assert session.scalars(select(User.name)).all() == ["root"]


def test_users_are_for_admins(browser_of: MakeBrowser, database: Database) -> None:
    ada = browser_of("ada")
    assert ada.get("users/").status_code == 404
    assert ada.post("users/", {"name": "x", "password": PASSWORD, "admin": "yes"}).status_code == 404
    with database.session() as session:
        assert session.scalars(select(User.name)).all() == ["ada"]


def test_the_own_password(app: Flask, database: Database) -> None:
    with database.session() as session:
        create_user(session, "ada", PASSWORD)
    here, there = Browser(app), Browser(app)
    for browser in (here, there):
        browser.log_in("ada")
    refused = here.post("password/", {"old": "wrong", "new": "another long one"})
    assert (refused.status_code, "The old password is wrong." in text_of(refused)) == (400, True)
    refused = here.post("password/", {"old": PASSWORD, "new": "short"})
    assert "A password must have 12 to 1,024 characters." in text_of(refused)
    changed = here.post("password/", {"old": PASSWORD, "new": "another long one"}, follow_redirects=True)
    assert "Your password is changed." in text_of(changed)
    assert here.get("").status_code == 200
    assert there.get("").status_code == 303
    assert there.log_in("ada", "another long one").status_code == 303


def test_an_admin_resets_a_password(browser_of: MakeBrowser, app: Flask, stranger: Browser) -> None:
    root, ada = browser_of("root", admin=True), browser_of("ada")
    assert "ada" in text_of(root.get("users/2/"))
    refused = root.post("users/2/password/", {"password": "short"})
    assert (refused.status_code, "A password must have 12 to 1,024 characters." in text_of(refused)) == (400, True)
    answer = root.post("users/2/password/", {"password": "another long one"}, follow_redirects=True)
    assert "ada has a new password." in text_of(answer)
    assert ada.get("").status_code == 303
    assert stranger.log_in("ada", "another long one").status_code == 303
    assert stranger.get("users/2/").status_code == 404
    assert stranger.post("users/1/password/", {"password": PASSWORD}).status_code == 404


def test_a_user_is_kept_out_and_let_in(browser_of: MakeBrowser, app: Flask) -> None:
    root, ada = browser_of("root", admin=True), browser_of("ada")
    (token,) = MADE.findall(ada.post("tokens/", {"scope": ["read"], "expires": TOMORROW}).text)
    assert "ada is disabled." in text_of(root.post("users/2/disable/", follow_redirects=True))
    assert "disabled since" in text_of(root.get("users/"))
    assert (ada.get("").status_code, status_with(app, token)) == (303, 401)
    assert ada.log_in("ada").status_code == 403
    assert "ada is enabled." in text_of(root.post("users/2/enable/", follow_redirects=True))
    assert (ada.log_in("ada").status_code, status_with(app, token)) == (303, 200)
    own = root.post("users/1/disable/")
    assert (own.status_code, "You cannot disable yourself" in text_of(own)) == (409, True)
    assert "Keep out" not in text_of(root.get("users/1/"))
    assert ada.post("users/1/disable/").status_code == 404
