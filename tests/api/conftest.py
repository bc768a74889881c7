"""The app on the real database, and a client that speaks JSON with a token."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from eeds.accounts.operations import create_user
from eeds.accounts.tokens import store_token
from eeds.app import create_app
from eeds.config.settings import Settings
from eeds.db.engine import Database
from tests import statements

SECRET = "a secret key for the tests, long enough"


@pytest.fixture(scope="session")
def settings(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the app under test."""
    return Settings.from_env(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": SECRET,
            "EEDS_DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "EEDS_RATE_LIMIT": "1000000",
            "EEDS_HEAVY_REQUESTS": "100",
            "EEDS_UPLOAD_WAIT": "60",  # however busy the machine is
        }
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """One app for the whole session, as in production."""
    app = create_app(settings)
    statements.watch(app)
    yield app
    app.extensions["eeds.database"].engine.dispose()


AppWith = Callable[..., Flask]


@pytest.fixture
def app_with(settings: Settings) -> Iterator[AppWith]:
    """Makes an app on the same database with variables of its own."""
    made = []

    def make(**variables: str) -> Flask:
        shared = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url, "SECRET_KEY": SECRET}
        made.append(create_app(Settings.from_env({**shared, "EEDS_RATE_LIMIT": "1000000", **variables})))
        return made[-1]

    yield make
    for app in made:
        app.extensions["eeds.database"].engine.dispose()


@dataclass
class Api:
    """A client with a token; every method gives the answer as it came."""

    client: FlaskClient
    token: str | None
    prefix: str = "/api/v1/"

    def call(self, method: str, path: str, body: Any = None, **kwargs: Any) -> TestResponse:
        """Send a request; `path` is below /api/v1/ unless it starts with a slash."""
        headers = dict(kwargs.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            kwargs["json"] = body
        # read to its end and closed, as a server does it, also where a test looks at nothing but the status
        kwargs.setdefault("buffered", True)
        url = path if path.startswith("/") else self.prefix + path
        return self.client.open(url, method=method, headers=headers, **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """GET"""
        return self.call("GET", path, **kwargs)

    def post(self, path: str, body: Any = None, **kwargs: Any) -> TestResponse:
        """POST"""
        return self.call("POST", path, body, **kwargs)

    def put(self, path: str, body: Any = None) -> TestResponse:
        """PUT"""
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any = None) -> TestResponse:
        """PATCH"""
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> TestResponse:
        """DELETE"""
        return self.call("DELETE", path)


MakeApi = Callable[..., Api]


@pytest.fixture
def login(app: Flask, database: Database) -> MakeApi:
    """Makes a user with a token of the given scopes, and a client for it."""

    def make(name: str, *, admin: bool = False, scopes: tuple[str, ...] = ("read", "write"), **token: Any) -> Api:
        with database.session() as session:
            user = create_user(session, name, is_admin=admin)
            store_token(session, SECRET, user, f"token-of-{name}", scopes, token.get("expires"))
        return Api(app.test_client(), f"token-of-{name}")

    return make


@pytest.fixture
def api(login: MakeApi) -> Api:
    """A client of the admin, whose project owner has id 1."""
    return login("admin", admin=True)


@pytest.fixture
def nobody(app: Flask, database: Database) -> Api:
    """A client without a token."""
    return Api(app.test_client(), None)


CountStatements = Callable[[Callable[[], Any]], list[str]]


@pytest.fixture
def statements_of(app: Flask) -> CountStatements:
    """Gives the SQL statements that a call makes the app send."""
    engine = app.extensions["eeds.database"].engine

    def collect(call: Callable[[], Any]) -> list[str]:
        sent: list[str] = []

        def listen(*args: Any) -> None:
            sent.append(args[2])

        event.listen(engine, "before_cursor_execute", listen)
        try:
            call()
        finally:
            event.remove(engine, "before_cursor_execute", listen)
        return sent

    return collect


@pytest.fixture
def repository() -> Path:
    """The root of the repository."""
    return Path(__file__).parents[2]
