"""Logging in and out, and what keeps others out."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from eeds.accounts import users
from eeds.accounts.attempts import network_of
from eeds.accounts.operations import create_user
from eeds.db.engine import Database
from eeds.db.tables import User
from eeds.portal.security import POLICY
from tests.api.conftest import AppWith
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


def test_logging_out_ends_a_cookie_that_was_copied(browser_of: MakeBrowser, app: Flask) -> None:
    ada, thief = browser_of("ada"), Browser(app)
    other = Browser(app)
    other.log_in("ada")
    stolen = ada.client.get_cookie("eeds_portal", path="/portal")
    assert stolen is not None
    thief.client.set_cookie("eeds_portal", stolen.value, path="/portal")
    assert thief.get("").status_code == 200
    ada.post("logout/")
    assert thief.get("").status_code == 303
    assert other.get("").status_code == 200


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


@pytest.fixture
def ada(database: Database) -> None:
    with database.session() as session:
        create_user(session, "ada", PASSWORD)


def guess(browser: Browser, times: int = 12, **headers: str) -> list[int]:
    """Send wrong passwords; the statuses of the answers."""
    form = {"name": "ada", "password": "wrong"}
    return [browser.post("login/", form, headers=headers).status_code for _ in range(times)]


@pytest.mark.usefixtures("ada")
def test_guessing_a_password_is_slowed_down_for_who_guesses(app: Flask) -> None:
    guesser, owner = Browser(app, "198.51.100.7"), Browser(app, "203.0.113.9")
    assert set(guess(guesser)) == {403, 429}
    refused = guesser.log_in("ada")
    assert "Too many attempts to log in. Try again in" in text_of(refused)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert owner.log_in("ada").status_code == 303


@pytest.mark.usefixtures("ada")
def test_every_guess_makes_the_next_one_wait_longer(app: Flask, database: Database) -> None:
    guesser, waits = Browser(app), []
    guess(guesser, 4)
    for _ in range(14):
        assert guess(guesser, 1) == [403]
        waits.append(int(guesser.log_in("ada").headers["Retry-After"]))
        with database.connection() as connection:  # the time passes
            connection.execute("UPDATE login_attempts SET next = clock_timestamp()")
    assert waits[0] <= 1
    assert waits == sorted(waits)
    assert 800 < waits[-1] <= 900


@pytest.mark.usefixtures("ada")
def test_who_has_logged_in_starts_afresh(app: Flask) -> None:
    browser = Browser(app)
    for _ in range(2):
        assert guess(browser, 3) == [403] * 3
        assert browser.log_in("ada").status_code == 303
        browser.post("logout/")


@pytest.mark.usefixtures("ada")
def test_guessing_is_slowed_down_without_redis_too(app_with: AppWith, tmp_path: Path) -> None:
    assert 429 in guess(Browser(app_with(REDIS_URL=f"unix://{tmp_path}/none")))


@pytest.mark.usefixtures("ada")
def test_only_proxies_that_are_there_say_where_somebody_is(app: Flask, app_with: AppWith) -> None:
    for web, expected in ((app, 429), (app_with(EEDS_TRUSTED_PROXIES="1"), 403)):
        statuses = [guess(Browser(web, "127.0.0.1"), 1, X_Forwarded_For=f"192.0.2.{n}")[0] for n in range(12)]
        assert statuses[-1] == expected


def test_guessing_names_is_slowed_down(stranger: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eeds.accounts.attempts.FREE_BY_ADDRESS", 10)
    assert {stranger.log_in(f"name {number}").status_code for number in range(12)} == {403, 429}


@pytest.mark.usefixtures("ada")
def test_passwords_are_hashed_a_few_at_a_time(stranger: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eeds.accounts.users.PATIENCE_SECONDS", 0.01)
    with users.HASHES_AT_ONCE, users.HASHES_AT_ONCE:
        answer = stranger.log_in("ada")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert stranger.log_in("ada").status_code == 303


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("", "unix", False),
    ],
)
def test_what_one_person_has_of_addresses(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


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
