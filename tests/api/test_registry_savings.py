"""The sums of savings that a registry is told, and what it must not be able to compute from them."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from eeds.db.engine import Database
from eeds.db.tables import Project
from eeds.runs.portfolio.members import GAS
from tests.api.conftest import Api
from tests.runs.portfolio_results import add_project, add_result, found, owner_of, savings

RULE = 15
ALIKE = "the difference could be computed from"


@pytest.fixture
def session(api: Api, database: Database) -> Iterator[Session]:
    """The unit of work that stores the projects."""
    with Session(database.engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def projects(session: Session) -> list[int]:
    """Projects that have saved 10 kWh of gas each."""
    owner = owner_of(session, "admin")
    made = [add_project(session, owner, f"p{number}") for number in range(3 * RULE)]
    for project in made:
        add_result(session, project, found(GAS, savings(10, 1, 100)))
    session.commit()
    return [project.id for project in made]


def rerun(session: Session, projects: Iterable[int], value: float = 10.0, baseline: float = 100.0) -> None:
    """New results of some projects."""
    for id in projects:
        add_result(session, session.get_one(Project, id), found(GAS, savings(value, 1, baseline)))
    session.commit()


def connect(api: Api, projects: Iterable[int]) -> Any:
    """A connection to some projects."""
    return api.post("registry/connections/", {"projects": list(projects)}).json


def gas(nobody: Api, connection: Any) -> Any:
    """What it is told of gas."""
    answer = nobody.get("/registry/savings/", headers={"Authorization": f"Token {connection['token']}"})
    assert answer.status_code == 200
    (told,) = answer.json["savings"]
    assert (told["trace_interpretation"], told["kind"]) == (GAS, "metered")
    return told


def read(nobody: Api, connection: Any) -> tuple[float | None, str]:
    """The metered savings that it is told, and what is said of them."""
    told = gas(nobody, connection)
    return told["savings"] and told["savings"]["value"], told["message"]


def test_enough_projects_are_told_together(api: Api, nobody: Api, projects: list[int]) -> None:
    connection = connect(api, projects[:RULE])
    told = gas(nobody, connection)
    saved = told["savings"]
    assert (saved["projects"], saved["value"], saved["unit"], told["message"]) == (RULE, 150, "kWh", "")
    assert saved["lower"] == pytest.approx(150 - RULE**0.5)
    assert gas(nobody, connection) == told


def test_too_few_and_too_large_are_not_told(api: Api, nobody: Api, session: Session, projects: list[int]) -> None:
    assert read(nobody, connect(api, projects[: RULE - 1])) == (None, "Fewer than 15 projects have these savings.")
    rerun(session, projects[:1], baseline=300.0)
    large = "One of the projects has more than 15 % of the energy."
    assert read(nobody, connect(api, projects[:RULE])) == (None, large)
    assert read(nobody, connect(api, projects[: RULE + 5])) == (200, "")


def test_a_difference_of_few_is_not_told(api: Api, nobody: Api, session: Session, projects: list[int]) -> None:
    """Of a connection at two times, of two connections, and of results that were computed again."""
    connection = connect(api, projects[:RULE])
    path = f"registry/connections/{connection['id']}/"
    assert read(nobody, connection) == (150, "")
    api.patch(path, {"projects": projects[: RULE + 1]})
    value, message = read(nobody, connection)
    assert value == 150
    assert ALIKE in message
    # a connection of the same projects is told the same, one of another more nothing
    assert read(nobody, connect(api, projects[:RULE])) == (150, "")
    value, message = read(nobody, connect(api, projects[: RULE + 1]))
    assert value is None
    assert ALIKE in message
    # as many as the rule wants have joined
    api.patch(path, {"projects": projects[: 2 * RULE]})
    assert read(nobody, connection) == (300, "")
    # one has another result
    rerun(session, projects[:1], value=1000)
    value, message = read(nobody, connection)
    assert value == 300
    assert ALIKE in message


def test_results_of_few_projects_count_once(api: Api, nobody: Api, session: Session, projects: list[int]) -> None:
    """Eight projects that are computed again leave eight results, and bring eight."""
    connection = connect(api, projects[: 2 * RULE])
    assert read(nobody, connection) == (300, "")
    rerun(session, projects[:8], value=20)
    assert read(nobody, connection)[0] == 300
    rerun(session, projects[8:RULE], value=20)
    assert read(nobody, connection) == (450, "")


def test_going_to_and_fro_tells_nothing(api: Api, nobody: Api, projects: list[int]) -> None:
    """Each step changes many, and the last differs from the first by one."""
    connection = connect(api, projects[:RULE])
    path = f"registry/connections/{connection['id']}/"
    assert read(nobody, connection) == (150, "")
    api.patch(path, {"projects": projects[RULE:]})
    assert read(nobody, connection) == (300, "")
    api.patch(path, {"projects": projects[: RULE + 1]})
    value, message = read(nobody, connection)
    assert value == 300
    assert ALIKE in message


def test_what_was_told_outlives_its_connection(api: Api, nobody: Api, projects: list[int]) -> None:
    connection = connect(api, projects[:RULE])
    assert read(nobody, connection) == (150, "")
    assert api.delete(f"registry/connections/{connection['id']}/").status_code == 204
    value, message = read(nobody, connect(api, projects[: RULE + 1]))
    assert value is None
    assert ALIKE in message


def test_only_with_a_token(nobody: Api) -> None:
    assert nobody.get("/registry/savings/").json == {"detail": "Authentication credentials were not provided."}
    refused = nobody.get("/registry/savings/", headers={"Authorization": "Token xx"})
    assert (refused.status_code, refused.json) == (403, {"detail": "Invalid token."})
