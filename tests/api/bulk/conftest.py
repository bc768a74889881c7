"""An app that takes small bodies only, made once for all tests of a module: emptying the database takes longer than
they do. Each test finds the database as the first of them did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from eeds.accounts.operations import create_user
from eeds.accounts.tokens import store_token
from eeds.app import create_app
from eeds.config.settings import Settings
from eeds.db.engine import Database
from tests import statements
from tests.api.conftest import SECRET, Api
from tests.conftest import emptied
from tests.readings import forget_readings

pytest.register_assert_rewrite("tests.api.bulk.cells")

LIMIT_MB, TOKEN = 1, "a token of the admin"
TRACE = {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "label": "main"}


@dataclass(frozen=True)
class Bulk:
    """An admin's client, who has the trace 1: the one named main, E_C_S in KWH, of the project ABC."""

    api: Api
    database: Database

    kind: str = "consumption_records"

    def send(self, body: bytes, media_type: str, encoding: str = "identity", query: str = "") -> TestResponse:
        """POST a body as it is."""
        headers = {"Content-Encoding": encoding}
        return self.api.call("POST", f"{self.kind}/sync2/{query}", data=body, content_type=media_type, headers=headers)

    def stored(self) -> list[Mapping[str, Any]]:
        """All consumption records."""
        return list(self.api.get("consumption_records/").json or ())

    def values(self) -> list[tuple[Any, ...]]:
        """Of all of them: trace, start, value, and whether it is estimated."""
        return [(r["metadata"], r["start"], r["value"], r["estimated"]) for r in self.stored()]

    def forget_records(self) -> None:
        """Leave no record stored."""
        with self.database.connection() as connection:
            forget_readings(connection)

    def forget(self) -> None:
        """Leave nothing stored but the trace 1."""
        self.forget_records()
        with self.database.connection() as connection:
            connection.execute("DELETE FROM consumption_metadatas WHERE id <> 1")
            connection.execute("DELETE FROM weather_years")


@pytest.fixture(scope="module")
def started(settings: Settings, database_url: str) -> Iterator[Bulk]:
    """The app with all that its tests need."""
    app = create_app(replace(settings, max_upload_mb=LIMIT_MB))
    statements.watch(app)
    with emptied(database_url) as database:
        with database.session() as session:
            store_token(session, SECRET, create_user(session, "admin", is_admin=True), TOKEN, ("read", "write"), None)
        api = Api(app.test_client(), TOKEN)
        api.post("projects/", {"project_id": "ABC", "project_owner": 1})
        assert api.post("consumption_metadatas/", TRACE).status_code == 201
        yield Bulk(api, database)
    app.extensions["eeds.database"].engine.dispose()


@pytest.fixture
def bulk(started: Bulk) -> Bulk:
    """The same without what the test before has stored."""
    started.forget()
    return started
