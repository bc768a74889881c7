"""Selections of projects: what people may write, and which ids it means."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.operations import create_user
from eeds.accounts.principal import principal_of
from eeds.db.engine import Database
from eeds.db.tables import Project
from eeds.errors import Invalid
from eeds.formats.id_ranges import format_id_ranges, parse_id_range, split_id_ranges
from eeds.projects.selection import NO_PROJECTS, WHICH, parse_selection, select_block


@given(st.sets(st.integers(0, 200)))
def test_ids_as_text_mean_the_same_ids(ids: set[int]) -> None:
    parts = split_id_ranges(format_id_ranges(sorted(ids)))
    ranges = [parse_id_range(part if "-" in part else f"{part}-{part}") for part in parts]
    assert {id for first, last in ranges for id in range(first, last + 1)} == ids


@pytest.fixture
def projects(database: Database) -> list[int]:
    """The ids of six projects, three of ann's and three of bob's."""
    with database.session() as session:
        for owner, name in enumerate(("ann", "bob"), start=1):
            create_user(session, name)
            session.add_all(Project(project_id=f"{name}-{n}", project_owner_id=owner) for n in range(3))
            session.flush()
        return list(session.scalars(select(Project.id).order_by(Project.id)))


def selected(session: Session, value: Any) -> list[int]:
    statement = select(Project.id).where(parse_selection(value).condition)
    return list(session.scalars(statement.order_by(Project.id)))


def test_all_ids_and_ranges(database: Database, projects: list[int]) -> None:
    first, last = projects[0], projects[-1]
    with database.session() as session:
        assert selected(session, "all") == projects
        assert selected(session, f"{first}+{projects[2]}-{last}") == [first, *projects[2:]]
        assert selected(session, f"{first} {last}") == [first, last]
        assert selected(session, [first, str(last)]) == [first, last]
        assert selected(session, last) == [last]
        assert selected(session, f"{last + 1}-{last + 9}") == []
        assert session.scalars(select(Project.id).where(select_block(1).condition)).all() == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", WHICH),
        ("+", WHICH),
        ("1+b-2", '"b-2" is not a range of ids; give it as 3-5.'),
        ("-5", '"-5" is not a range of ids; give it as 3-5.'),
        ("1+b", "Incorrect type. Expected pk value, received str."),
        ([1, True], "Incorrect type. Expected pk value, received bool."),
        (1.5, "Incorrect type. Expected pk value, received float."),
        (None, "Incorrect type. Expected pk value, received NoneType."),
    ],
)
def test_what_is_no_selection(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parse_selection(value)
    assert str(refused.value) == message


def test_an_id_of_another_owner_is_unknown_but_a_range_passes_it_over(database: Database, projects: list[int]) -> None:
    with database.session() as session:
        ann = principal_of(session, 1)
        assert parse_selection(projects).unknown(session, ann) == projects[3:]
        assert parse_selection(f"{projects[0]}-{projects[-1]}").unknown(session, ann) == []
        assert parse_selection("all").unknown(session, ann) == []
        with pytest.raises(Invalid) as refused:
            parse_selection(str(projects[3])).require_all(session, ann)
        assert refused.value.messages == {"projects": [f'Invalid pk "{projects[3]}" - object does not exist.']}
        assert select_block(1).invalid([NO_PROJECTS]).messages == {"project_block": [NO_PROJECTS]}
