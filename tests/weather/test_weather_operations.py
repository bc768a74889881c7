"""Who may change what is stored of stations, whichever face asks."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from eeds.accounts.operations import create_user
from eeds.accounts.tokens import authenticate, store_token
from eeds.db.engine import Database
from eeds.errors import Forbidden, Invalid
from eeds.weather.operations import list_normal_years, load_normal_year, may_change_stations
from tests.weather.normal_files import tmy3

SECRET = "a secret key for the tests, long enough"
Login = Callable[..., Any]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One unit of work."""
    with database.session() as session:
        yield session


@pytest.fixture
def login(session: Session) -> Login:
    """Makes a user, and gives the principal."""

    def make(name: str, *, admin: bool) -> Any:
        store_token(session, SECRET, create_user(session, name, is_admin=admin), name, ("read", "write"), None)
        return authenticate(session, SECRET, name)

    return make


def test_normal_years_are_the_business_of_admins(session: Session, login: Login) -> None:
    ann, root = login("ann", admin=False), login("root", admin=True)
    assert (may_change_stations(ann), may_change_stations(root)) == (False, True)
    with pytest.raises(Forbidden):
        load_normal_year(session, ann, tmy3(), None)
    with pytest.raises(Forbidden):
        list_normal_years(session, ann)
    stored = {"station": "roof", "kind": "TMY3", "utc_offset": -8.0}
    assert load_normal_year(session, root, tmy3(), "roof") == {**stored, "status": "created"}
    assert list_normal_years(session, root) == [stored]


def test_what_is_refused_is_said_by_field(session: Session, login: Login) -> None:
    root = login("root", admin=True)
    with pytest.raises(Invalid) as raised:
        load_normal_year(session, root, tmy3(), "a b")
    assert list(raised.value.messages) == ["station"]
    with pytest.raises(Invalid) as raised:
        load_normal_year(session, root, "", None)
    assert list(raised.value.messages) == ["non_field_errors"]
    assert list_normal_years(session, root) == []
