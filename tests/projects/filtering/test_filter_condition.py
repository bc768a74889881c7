"""A filter compiled to SQL selects exactly what it means, whatever is missing."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal, principal_of
from eeds.db.engine import Database
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.errors import Invalid
from eeds.projects.filtering.condition import Members, filter_condition
from eeds.projects.filtering.language import parse_filter
from tests.conftest import emptied
from tests.projects.filtering.drawn_filters import FILTERS, NOW, Known, World, build, meets


@pytest.fixture(scope="module")
def filled(database_url: str) -> Iterator[tuple[Database, World]]:
    """A small datastore, for all tests of this file."""
    with emptied(database_url) as database:
        with database.session() as session:
            world = build(session)
        yield database, world


@pytest.fixture(scope="module")
def session(filled: tuple[Database, World]) -> Iterator[Session]:
    """A session that reads it."""
    with filled[0].session() as session:
        yield session


@pytest.fixture(scope="module")
def admin(session: Session) -> Principal:
    """Who sees all of it."""
    return principal_of(session, 1)


def selected(session: Session, principal: Principal, filter: Any, members: Members) -> list[int]:
    condition = filter_condition(session, principal, parse_filter(filter), members, now=NOW)
    return list(session.scalars(select(members.id).where(condition).order_by(members.id)))


def expected(known: list[Known], filter: Any) -> list[int]:
    return [each.id for each in known if meets(each, filter)]


@given(FILTERS)
@settings(max_examples=300)
def test_sql_selects_what_a_filter_means(
    filled: tuple[Database, World], session: Session, admin: Principal, filter: Any
) -> None:
    world = filled[1]
    assert selected(session, admin, filter, Project) == expected(world.projects, filter)
    assert selected(session, admin, filter, ConsumptionMetadata) == expected(world.traces, filter)


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        (
            {"attribute.sise": 3},
            'filter.attribute.sise: There is no attribute "sise"; there are: boolean, char, date, datetime, float, '
            "integer, size.",
        ),
        ({"attribute.": 3}, "filter.attribute.: There is no attribute"),
        ({"not": {"attribute.float": "3"}}, 'filter.not.attribute.float: "3" is not a number.'),
        ({"attribute.char": 3}, 'filter.attribute.char: 3 is not a text, as "50321".'),
        ({"attribute.date": {"in": ["2013-06-01", "June"]}}, '"June" is not a day, as "2014-01-31".'),
        ({"attribute.integer": 1.5}, "1.5 is not a whole number."),
        ({"attribute.float": {"contains": 1}}, "contains does not go with it; there are: ==, !="),
        ({"attribute.size": True}, 'filter.attribute.size: True is not a text, as "50321".'),
    ],
)
def test_attributes_that_there_are_not_and_values_of_other_types(
    session: Session, admin: Principal, filter: Any, message: str
) -> None:
    with pytest.raises(Invalid) as raised:
        filter_condition(session, admin, parse_filter(filter))
    [text] = raised.value.messages["filter"]  # type: ignore[call-overload]
    assert message in text


def test_nobody_asks_for_the_attributes_and_blocks_of_others(session: Session, admin: Principal) -> None:
    ann, bob = (principal_of(session, user) for user in (2, 3))
    assert selected(session, admin, {"block": "North"}, Project) == selected(session, ann, {"block": "North"}, Project)
    assert selected(session, bob, {"block": {"!=": None}}, Project) == []
    with pytest.raises(Invalid, match="is not a number"):  # which it is for bob alone
        filter_condition(session, bob, parse_filter({"attribute.size": "Acme"}))
