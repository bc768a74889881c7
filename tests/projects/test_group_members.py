"""Groups: whose they are, which members they have, live and frozen."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.operations import create_user
from eeds.accounts.principal import Principal, principal_of
from eeds.db.engine import Database
from eeds.db.tables import ConsumptionMetadata, Group, GroupProject, Project, ProjectAttributeKey
from eeds.errors import Conflict, Invalid, NotFound
from eeds.projects.groups import (
    PROJECTS,
    TRACES,
    change_group,
    count_members,
    create_group,
    find_group,
    freeze_group,
    members_condition,
    thaw_group,
)

NORTH = {"zipcode": "50321"}


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Ann's and Bob's projects A, B and C, of which A and B lie in the north; A has two traces, B one."""
    with database.session() as session:
        for owner, name in enumerate(("root", "ann", "bob"), start=1):
            create_user(session, name, is_admin=name == "root")
            for project_id in "ABC" if name != "root" else "":
                zipcode = "94110" if project_id == "C" else "50321"
                session.add(Project(project_id=project_id, project_owner_id=owner, zipcode=zipcode))
        session.flush()
        for project, unit in ((1, "KWH"), (1, "THM"), (2, "THM")):
            session.add(ConsumptionMetadata(project_id=project, interpretation="E_C_S", unit=unit))
        session.flush()
        yield session


@pytest.fixture
def ann(session: Session) -> Principal:
    return principal_of(session, 2)


@pytest.fixture
def root(session: Session) -> Principal:
    return principal_of(session, 1)


def projects_of(session: Session, principal: Principal, group: int | str) -> list[int]:
    condition = members_condition(session, principal, group)
    return list(session.scalars(select(Project.id).where(condition).order_by(Project.id)))


def traces_of(session: Session, principal: Principal, group: int | str) -> list[int]:
    trace = ConsumptionMetadata
    condition = members_condition(session, principal, group, trace)
    return list(session.scalars(select(trace.id).where(condition).order_by(trace.id)))


def test_a_live_group_has_the_members_of_its_owner(session: Session, ann: Principal, root: Principal) -> None:
    group = create_group(session, ann, "North", PROJECTS, NORTH)
    assert projects_of(session, ann, "North") == projects_of(session, ann, group.id) == [1, 2]
    assert projects_of(session, root, str(group.id)) == [1, 2]
    session.get_one(Project, 2).zipcode = None
    session.flush()
    assert projects_of(session, ann, "North") == [1]
    create_group(session, root, "North", PROJECTS, NORTH)
    assert projects_of(session, root, "North") == [1, 4, 5]  # the admin's own, of all owners


def test_a_frozen_group_keeps_its_members(session: Session, ann: Principal) -> None:
    group = create_group(session, ann, "North", PROJECTS, NORTH)
    freeze_group(session, ann, group.id)
    session.get_one(Project, 2).zipcode = None
    session.flush()
    assert (projects_of(session, ann, "North"), count_members(session, ann, group)) == ([1, 2], 2)
    session.delete(session.get_one(Project, 1))
    session.flush()
    assert projects_of(session, ann, "North") == [2]
    with pytest.raises(Conflict, match="is frozen since"):
        freeze_group(session, ann, group.id)
    thaw_group(session, ann, group.id)
    assert (projects_of(session, ann, "North"), session.scalars(select(GroupProject)).all()) == ([], [])
    with pytest.raises(Conflict, match="is live"):
        thaw_group(session, ann, group.id)


def test_what_is_given_away_is_no_member_of_a_frozen_group(session: Session, ann: Principal, root: Principal) -> None:
    groups = [create_group(session, ann, members, members, {"unit": "THM"}) for members in (PROJECTS, TRACES)]
    for group in groups:
        freeze_group(session, ann, group.id)
    given = session.get_one(Project, 2)
    given.project_owner_id, given.project_id = 3, "D"
    session.flush()
    for group in groups:
        assert projects_of(session, root, group.id) == projects_of(session, ann, group.id) == [1]
        assert traces_of(session, root, group.id) == traces_of(session, ann, group.id) != []
        assert count_members(session, root, group) == count_members(session, ann, group) == 1


def test_a_group_of_traces_is_of_their_projects_too(session: Session, ann: Principal) -> None:
    group = create_group(session, ann, "Gas", TRACES, {"unit": "THM"})
    for _ in ("live", "frozen"):
        assert (traces_of(session, ann, "Gas"), projects_of(session, ann, "Gas")) == ([2, 3], [1, 2])
        assert count_members(session, ann, group) == 2
        if not group.frozen:
            freeze_group(session, ann, group.id)
    create_group(session, ann, "A", PROJECTS, {"project_id": "A"})
    assert traces_of(session, ann, "A") == [1, 2]


@pytest.mark.parametrize("which", ["South", "9", 9, "\0", "\ud800", "9" * 99])
def test_an_unknown_group(session: Session, ann: Principal, which: int | str) -> None:
    with pytest.raises(Invalid) as raised:
        members_condition(session, ann, which)
    assert list(raised.value.messages) == ["group"]


def test_the_groups_of_others_are_not_there(session: Session, ann: Principal, root: Principal) -> None:
    bob = principal_of(session, 3)
    group = create_group(session, bob, "North", PROJECTS, NORTH)
    with pytest.raises(Invalid, match='There is no group "North"'):
        find_group(session, ann, "North")
    with pytest.raises(NotFound):
        freeze_group(session, ann, group.id)
    own = create_group(session, ann, "North", PROJECTS, NORTH)
    with pytest.raises(Invalid, match=f"say which by its id, one of {group.id}, {own.id}"):
        find_group(session, root, "North")


def test_a_filter_that_means_nothing_any_more_says_so(session: Session, ann: Principal) -> None:
    key = ProjectAttributeKey(name="size", display_name="Size", data_type="FLOAT", project_owner_id=2)
    session.add(key)
    create_group(session, ann, "Large", PROJECTS, {"attribute.size": {">": 3}})
    session.delete(key)
    session.flush()
    with pytest.raises(Invalid) as raised:
        members_condition(session, ann, "Large")
    message = 'Group Large: filter.attribute.size: There is no attribute "size"; there are none yet.'
    assert raised.value.messages == {"group": [message]}


@pytest.mark.parametrize("name", ["", "x" * 256, "a\0", "17", "North"])
def test_names_that_cannot_be(session: Session, ann: Principal, name: str) -> None:
    create_group(session, ann, "North", PROJECTS, NORTH)
    with pytest.raises(Invalid) as raised:
        create_group(session, ann, name, PROJECTS, NORTH)
    assert list(raised.value.messages) == ["name"]


def test_changes(session: Session, ann: Principal) -> None:
    group = create_group(session, ann, "North", PROJECTS, NORTH)
    with pytest.raises(Invalid, match="There is no field"):
        change_group(session, ann, group.id, {"filter": {"zip": "5"}})
    change_group(session, ann, group.id, {"name": "West", "filter": {"zipcode": "94110"}})
    assert projects_of(session, ann, "West") == [3]
    freeze_group(session, ann, group.id)
    change_group(session, ann, group.id, {"name": "Far west", "filter": group.filter})
    with pytest.raises(Conflict, match="make it live"):
        change_group(session, ann, group.id, {"members": TRACES})
    assert session.scalars(select(Group.name)).all() == ["Far west"]
