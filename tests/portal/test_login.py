"""Logging in and out, and what keeps others out."""

import pytest
from flask import Flask
from sqlalchemy import update

from eeds.accounts.operations import create_user
from eeds.db.engine import Database
from eeds.db.tables import User
from eeds.portal.login import ATTEMPTS_BY_ADDRESS, ATTEMPTS_BY_NAME
from eeds.portal.security import POLICY
from tests.portal.conftest import PASSWORD, Browser, MakeBrowser, text_of


def paths_of_pages(app: Flask) -> list[str]:
    return sorted(
        rule.rule.replace("<int(max=9223372036854775807):id>", "1").replace("<path:path>", "no-such-page")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("portal.") and "GET" in (rule.methods or ()) and "static" not in rule.endpoint
    )


def test_home_leads_to_the_portal(stranger: Browser) -> None:
    assert stranger.get("/").location == "/portal/"


def test_log_in_and_out(stranger: Browser, database: Database) -> None:
    with database.session() as session:
        create_user(session, "ada", PASSWORD)
    assert stranger.get("").location == "/portal/login/?next=/portal/"
    answer = stranger.log_in("ada", next="/portal/projects/?q=x")
    assert (answer.status_code, answer.location) == (303, "/portal/projects/?q=x")
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/portal"))
    assert "Secure" not in cookie
    assert "ada" in text_of(stranger.get(""))
    assert stranger.get("login/").location == "/portal/"
    assert stranger.post("logout/").location == "/portal/login/"
    assert stranger.get("").status_code == 303


def test_behind_tls_the_cookie_stays_there(stranger: Browser, database: Database) -> None:
    with database.session() as session:
        create_user(session, "ada", PASSWORD)
    form = {"name": "ada", "password": PASSWORD}
    assert "Secure" in stranger.post("login/", form, headers={"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong"),
        ("ada", ""),
        ("nobody", PASSWORD),
        ("token only", ""),
        ("", ""),
        ("ada\0", PASSWORD),
        ("é" * 9999, "x"),
    ],
)
def test_wrong_name_or_password(stranger: Browser, database: Database, name: str, password: str) -> None:
    with database.session() as session:
        create_user(session, "ada", PASSWORD)
        create_user(session, "token only")
    answer = stranger.log_in(name, password)
    assert answer.status_code == 403
    assert "Name or password is wrong." in text_of(answer)
    assert stranger.get("").status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/portal/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/docs/",
    ],
)
def test_a_login_leads_nowhere_else(stranger: Browser, database: Database, elsewhere: str) -> None:
    with database.session() as session:
        create_user(session, "ada", PASSWORD)
    assert stranger.log_in("ada", next=elsewhere).location == "/portal/"


def test_guessing_a_password_is_slowed_down(
    stranger: Browser, database: Database, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.session() as session:
        create_user(session, "guessed", PASSWORD)
    monkeypatch.setattr("eeds.portal.login.ATTEMPTS_BY_NAME", ATTEMPTS_BY_NAME)
    # a minute may end in between
    answers = [Browser(app).log_in("guessed", "wrong") for _ in range(2 * ATTEMPTS_BY_NAME + 1)]
    assert {answer.status_code for answer in answers} == {403, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert "Too many attempts to log in. Try again in" in text_of(refused)
    assert 0 < int(refused.headers["Retry-After"]) <= 60


def test_guessing_names_is_slowed_down(stranger: Browser, database: Database) -> None:
    guesses = 2 * ATTEMPTS_BY_ADDRESS + 1
    assert {stranger.log_in(f"name {number}").status_code for number in range(guesses)} == {403, 429}


@pytest.mark.parametrize("token", [None, "", "wrong", "é"])
def test_forms_of_other_sites_are_refused(browser_of: MakeBrowser, token: str | None) -> None:
    browser = browser_of("ada")
    answer = browser.client.post("/portal/logout/", data={} if token is None else {"csrf_token": token})
    assert answer.status_code == 400
    assert "This form was not made for you" in answer.text
    assert browser.get("").status_code == 200


def test_a_login_ends_with_the_password_and_the_user(browser_of: MakeBrowser, database: Database) -> None:
    ada, eve = browser_of("ada"), browser_of("eve")
    with database.session() as session:
        session.execute(update(User).where(User.name == "ada").values(password_hash="another"))
        session.delete(session.query(User).filter_by(name="eve").one())
    assert (ada.get("").status_code, eve.get("").status_code) == (303, 303)


def test_a_cookie_that_is_not_ours(stranger: Browser) -> None:
    stranger.client.set_cookie("eeds_portal", "eyJ1c2VyIjoxfQ.aaaaaa.forged", path="/portal")
    assert stranger.get("").status_code == 303


def test_the_cookie_is_no_token(browser_of: MakeBrowser) -> None:
    assert browser_of("ada", admin=True).get("/api/v1/projects/").status_code == 401


def test_every_page_wants_a_login_and_says_what_browsers_may_do(
    app: Flask, stranger: Browser, browser_of: MakeBrowser
) -> None:
    ada, root = browser_of("ada"), browser_of("root", admin=True)
    for path in paths_of_pages(app):
        asked = stranger.get(path)
        assert asked.status_code == (200 if path == "/portal/login/" else 303), path
        for answer in (asked, ada.get(path), root.get(path)):
            assert answer.status_code < 500, path
            assert answer.headers["Content-Security-Policy"] == POLICY
            assert answer.headers["Cache-Control"] == "no-store"
            assert "<script>" not in answer.text
            assert " style=" not in answer.text


def test_a_page_that_is_not_there(browser_of: MakeBrowser) -> None:
    answer = browser_of("ada").get("no-such-page/")
    assert answer.status_code == 404
    assert "There is no such page, or it is not yours to see." in text_of(answer)


def test_files_of_ours_are_kept_by_browsers_until_they_change(stranger: Browser) -> None:
    page = stranger.get("login/").text
    address = page.split('stylesheet" href="')[1].split('"')[0]
    assert "immutable" in stranger.get(address).headers["Cache-Control"]
