"""Projects that people of the portal have loaded: a person's browser, and a client of the API with the same rights."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eeds.accounts.tokens import store_token
from eeds.db.engine import Database
from eeds.db.tables import User
from tests.api.conftest import SECRET, Api
from tests.portal.conftest import Browser, MakeBrowser

PROJECT = {
    "project_id": "ABC",
    "zipcode": "50321",
    "baseline_period_end": "2013-03-10T00:00:00Z",
    "reporting_period_start": "2013-03-11T00:00:00Z",
}


@dataclass(frozen=True)
class Person:
    """Somebody who has logged in, and their program."""

    browser: Browser
    api: Api
    owner: int

    def project(self, **changed: Any) -> int:
        """A project of theirs."""
        return int(self.api.post("projects/", {**PROJECT, "project_owner": self.owner, **changed}).json["id"])

    def trace(self, project: int, **changed: Any) -> int:
        """A trace of a project."""
        body = {"project": project, "interpretation": "E_C_S", "unit": "KWH", "label": "main", **changed}
        return int(self.api.post("consumption_metadatas/", body).json["id"])

    def load(self, trace: int, *readings: tuple[str, float | None], estimated: bool = False) -> None:
        """Load readings of a trace: when they start, and what they are."""
        body = [
            {"metadata": trace, "start": start, "value": value, "estimated": estimated} for start, value in readings
        ]
        assert self.api.post("consumption_records/", body).status_code == 201


MakePerson = Callable[..., Person]


@pytest.fixture
def person(app: Flask, database: Database, browser_of: MakeBrowser) -> MakePerson:
    """Makes people."""

    def make(name: str, *, admin: bool = False) -> Person:
        browser = browser_of(name, admin=admin)
        token = f"token-of-{name}"
        with database.session() as session:
            user = session.scalars(select(User).where(User.name == name)).one()
            store_token(session, SECRET, user, token, ("read", "write"), None)
        api = Api(app.test_client(), token)
        owners = {owner["user"]: owner["id"] for owner in api.get("project_owners/").json}
        return Person(browser, api, owners[user.id])

    return make
