"""Browsers without scripts: they log in, follow pages and send forms."""

import re
import secrets
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from eeds.accounts.operations import create_user
from eeds.db.engine import Database
from tests.api.conftest import api, app, app_with, login, settings, statements_of  # noqa: F401 - fixtures

PASSWORD = "correct horse battery staple"
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """A browser at an address of its own, so that no test is kept waiting for the logins of another."""

    def __init__(self, app: Flask, address: str = "") -> None:  # noqa: F811
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = address or f"address-{secrets.token_hex(4)}"

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """A page; `path` is below /portal/ unless it starts with a slash."""
        return self.client.get(url(path), buffered=True, **kwargs)

    def post(self, path: str, form: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form as a page of ours has it."""
        data = {"csrf_token": self.csrf_token(), **(form or {})}
        return self.client.post(url(path), data=data, buffered=True, **kwargs)

    def csrf_token(self) -> str:
        """The secret of this browser's forms."""
        found = CSRF.search(self.get("login/", follow_redirects=True).text)
        assert found
        return found.group(1)

    def log_in(self, name: str, password: str = PASSWORD, **form: str) -> TestResponse:
        """Send the form of the login."""
        return self.post("login/", {"name": name, "password": password, **form})


def url(path: str) -> str:
    """The path of a page."""
    return path if path.startswith("/") else f"/portal/{path}"


def text_of(response: TestResponse) -> str:
    """What a reader sees of a page: no tags, blanks in place of line breaks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def send(
    browser: Browser, content: bytes, kind: str, do: str = "load", name: str = "f.csv", **form: str
) -> TestResponse:
    """Send a file by the form of uploads."""
    sent = {"csrf_token": browser.csrf_token(), "file": FileStorage(BytesIO(content), name), "kind": kind, "do": do}
    # in memory: the client keeps larger forms in a file, which it does not close
    body, _, boundary = stream_encode_multipart({**sent, **form}, use_tempfile=False)
    kind_of_body = f"multipart/form-data; boundary={boundary}"
    return browser.client.post("/portal/upload/", data=body.read(), content_type=kind_of_body, buffered=True)


MakeBrowser = Callable[..., Browser]


@pytest.fixture
def browser_of(app: Flask, database: Database) -> MakeBrowser:  # noqa: F811
    """Makes a user with PASSWORD, and a browser that has logged in."""

    def make(name: str, *, admin: bool = False) -> Browser:
        with database.session() as session:
            create_user(session, name, PASSWORD, is_admin=admin)
        browser = Browser(app)
        assert browser.log_in(name).status_code == 303
        return browser

    return make


@pytest.fixture
def stranger(app: Flask, database: Database) -> Browser:  # noqa: F811
    """A browser that has not logged in."""
    return Browser(app)
