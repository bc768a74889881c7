"""Aggregations: sums by rules, against what numpy makes of the same savings, and what they are made of."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from eeds.db.engine import Database
from eeds.db.tables import Project, ProjectResult, SavingsAggregation
from eeds.meter.names import ALL_FUELS, KWH_PER_UNIT
from eeds.meter.spread import COSINES, Spread, add_spreads
from eeds.meter.types import Savings
from eeds.runs.portfolio.members import ELECTRICITY, GAS
from tests.api.conftest import Api, MakeApi
from tests.runs.portfolio_results import add_attributes, add_project, add_result, both_fuels, found, owner_of, savings

PROJECTS = 100
STATIONS, CONTRACTORS = ["725460", "725461", "725462"], ["Miller", "Smith", None]
FUELS = {"combined": ALL_FUELS, "electricity": ELECTRICITY, "gas": GAS}


@pytest.fixture
def session(api: Api, database: Database) -> Iterator[Session]:
    """The unit of work that stores projects with results of the admin."""
    with Session(database.engine, expire_on_commit=False) as session:
        yield session


def project(session: Session, name: str, *, owner: str = "admin", value: float = 100.0, **fit: Any) -> int:
    """A project that saved as much electricity as gas, with a result whose savings have such columns."""
    made = add_project(session, owner_of(session, owner), name)
    result = add_result(session, made, *both_fuels(value, value))
    if fit:
        theirs = SavingsAggregation.project_result_id == result
        session.execute(update(SavingsAggregation).where(theirs).values(**fit))
    session.commit()
    return made.id


def make(api: Api, status: int = 201, **body: Any) -> Any:
    """A new aggregation."""
    answer = api.post("aggregations/", body)
    assert answer.status_code == status, answer.text
    return answer.json


def fuel_of(made: Any, word: str) -> Any:
    """What an aggregation says of a fuel."""
    (fuel,) = (each for each in made["result"]["fuels"] if each["trace_interpretation"] == FUELS[word])
    return fuel


def members(api: Api, made: Any, query: str = "") -> Any:
    """Its members."""
    return api.get(f"aggregations/{made['id']}/members/{query}").json


def test_story_of_an_aggregation(api: Api, session: Session) -> None:
    first, second = project(session, "a", value=100), project(session, "b", value=300)
    made = make(api, name="pilot", unit="MWh", projects="all")
    assert list(made) == ["id", "name", "project_owner", "user", "selection", "settings", "result", "added"]
    assert (made["name"], made["selection"], made["settings"]["unit"]) == ("pilot", {"projects": "all"}, "MWh")
    result = made["result"]
    assert {name: result[name] for name in ("projects", "results", "accepted", "rejected", "stale", "unit")} == {
        "projects": 2,
        "results": 2,
        "accepted": 2,
        "rejected": 0,
        "stale": 0,
        "unit": "MWh",
    }
    gas = fuel_of(made, "gas")
    metered = gas["metered_savings"]
    assert (metered["value"], metered["baseline"], metered["reporting"]) == pytest.approx((0.4, 4.0, 3.6))
    assert (metered["lower"], metered["upper"]) == pytest.approx((0.4 - 0.03 * 2**0.5, 0.4 + 0.03 * 2**0.5))
    assert metered["percent"] == pytest.approx(10)
    assert gas["normalized_savings"]["value"] == pytest.approx(0.8)
    assert gas["realization"] is None

    path = f"aggregations/{made['id']}/"
    assert api.get(path).json == made
    assert api.get("aggregations/?name=pilot").json == [made]
    assert api.get("aggregations/?name=other").json == []
    # what is stored later changes nothing
    project(session, "c")
    session.delete(session.get_one(Project, first))
    session.commit()
    assert api.get(path).json == made
    rows = members(api, made)
    assert [(row["project"], row["project_id"]) for row in rows] == [(first, None)] * 3 + [(second, "b")] * 3
    assert [row["metered_value"] for row in rows if row["trace_interpretation"] == GAS] == pytest.approx([0.1, 0.3])
    for method in ("put", "patch"):
        assert getattr(api, method)(path, {"name": "x"}).status_code == 405
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == api.get(f"{path}members/").status_code == 404


def test_why_members_are_rejected(api: Api, session: Session) -> None:
    names = {
        "good": {"cvrmse": 0.9, "days": 300, "unmodelled": 0},
        "stale": {},
        "rough": {"cvrmse": 1.1},
        "unmodelled": {"unmodelled": 1},
        "short": {"days": 29},
    }
    ids = {name: project(session, name, **fit) for name, fit in names.items()}
    stale = ProjectResult.project_id == ids["stale"]
    session.execute(update(ProjectResult).where(stale).values(stale_since="2026-01-01", stale_because=["readings"]))
    owner = owner_of(session, "admin")
    ids["none"] = add_project(session, owner, "none").id
    electric = add_project(session, owner, "electric")
    add_result(session, electric, found(ELECTRICITY, savings(1, 1, 10)))
    unknown = add_project(session, owner, "unknown")
    add_result(session, unknown, found(GAS, None, None))
    session.commit()

    made = make(api, fuels=["gas"], minimum_days=30)
    assert {row["project_id"]: (row["status"], row["reasons"]) for row in members(api, made)} == {
        "good": ("ACCEPTED", []),
        "stale": ("REJECTED", ["stale"]),
        "rough": ("REJECTED", ["CVRMSE above the threshold"]),
        "unmodelled": ("REJECTED", ["disqualified"]),
        "short": ("REJECTED", ["too short"]),
        "none": ("REJECTED", ["no result"]),
        "electric": ("REJECTED", ["no such fuel"]),
        "unknown": ("REJECTED", ["no savings", "too short"]),
    }
    (gas,) = made["result"]["fuels"]
    assert (gas["accepted"], gas["rejected"]) == (1, 7)
    assert gas["reasons"]["too short"] == 2
    assert gas["metered_savings"]["projects"] == 1
    assert {name: made["result"][name] for name in ("projects", "results", "accepted", "rejected", "stale")} == {
        "projects": 8,
        "results": 7,
        "accepted": 1,
        "rejected": 7,
        "stale": 1,
    }
    assert [row["project_id"] for row in members(api, made, "?status=ACCEPTED")] == ["good"]
    assert [row["project_id"] for row in members(api, made, f"?projects={ids['short']}")] == ["short"]

    lenient = make(api, fuels="gas", allow_stale=True, allow_disqualified=True, cvrmse_threshold=2)
    assert fuel_of(lenient, "gas")["accepted"] == 5
    # without fuels that are asked for, a project is rejected as a whole where nothing is known of any
    whole = make(api)
    assert whole["result"]["reasons"] == {"no result": 1}
    assert [row["trace_interpretation"] for row in members(api, whole) if row["project_id"] == "none"] == [None]


def test_members_in_pages(api: Api, session: Session) -> None:
    for number in range(3):
        project(session, f"p{number}")
    made = make(api)
    first = api.get(f"aggregations/{made['id']}/members/?limit=5")
    link = first.headers["Link"].partition(">")[0].removeprefix("<http://localhost")
    rest = api.get(link)
    assert "Link" not in rest.headers
    assert first.json + rest.json == members(api, made)
    assert [row["id"] for row in first.json + rest.json] == [*range(1, 10)]


def test_of_some_projects(api: Api, session: Session) -> None:
    ids = [project(session, name, value=value) for name, value in {"a": 1, "b": 10, "c": 100}.items()]
    block = api.post("project_blocks/", {"name": "b", "projects": ids[:2]}).json["id"]
    assert fuel_of(make(api, projects=f"{ids[0]}+{ids[2]}"), "gas")["metered_savings"]["value"] == pytest.approx(101)
    listed = make(api, projects=ids[1:])
    assert listed["selection"] == {"projects": f"{ids[1]}-{ids[2]}"}
    of_block = make(api, project_block=block)
    assert of_block["selection"] == {"project_block": block}
    assert fuel_of(of_block, "gas")["metered_savings"]["value"] == pytest.approx(11)
    north = api.post("groups/", {"name": "north", "members": "projects", "filter": {"project_id": "c"}})
    assert north.status_code == 201, north.text
    assert fuel_of(make(api, group="north"), "gas")["metered_savings"]["value"] == pytest.approx(100)
    filtered = make(api, filter={"project_id": {"in": ["a", "c"]}})
    assert fuel_of(filtered, "gas")["metered_savings"]["value"] == pytest.approx(101)
    assert filtered["selection"] == {"projects": f"{ids[0]}+{ids[2]}"}
    again = make(api, **of_block["selection"])
    assert again["result"] == of_block["result"]


def test_nothing_is_kept_where_it_is_not_wanted(api: Api, session: Session) -> None:
    project(session, "a")
    kept = make(api)
    passing = make(api, status=200, store=False)
    assert passing["id"] is passing["added"] is None
    assert passing["result"] == kept["result"]
    assert len(api.get("aggregations/").json) == 1


def test_names_of_earlier_days(api: Api, session: Session) -> None:
    project(session, "a")
    made = api.post("aggregation_runs/", {}).json
    for path in ("aggregations", "aggregation_runs", "aggregation_results"):
        assert api.get(f"{path}/").json == [made]
        assert api.get(f"{path}/{made['id']}/").json == made


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"fuels": ["coal"]}, "fuels", "'coal' is no fuel; there are combined, electricity, gas"),
        ({"fuels": []}, "fuels", "Name a fuel at least"),
        ({"fuels": [[]]}, "fuels", "is no fuel"),
        ({"unit": "ft3"}, "unit", "'ft3' is no unit of energy"),
        ({"unit": 7}, "unit", "7 is no unit of energy"),
        ({"group_by": ["a", "b"]}, "group_by", "one attribute at most"),
        ({"group_by": {}}, "group_by", "Give the name of an attribute"),
        ({"group_by": "nobody"}, "group_by", 'No attribute is called "nobody"; there are contractor.'),
        ({"confidence_level": 1}, "confidence_level", "Give a number above 0 and below 1."),
        ({"cvrmse_threshold": 0}, "cvrmse_threshold", "Give a number above 0"),
        ({"fsu_threshold": "any"}, "fsu_threshold", "non_wires_alternative (15%), pay_for_performance (25%)"),
        ({"minimum_days": -1}, "minimum_days", "from 0 to 36525"),
        ({"projects": [9999]}, "projects", 'Invalid pk "9999"'),
        ({"projects": "9000-9999"}, "projects", "There are no such projects."),
        ({"projects": "all", "project_block": 1}, "non_field_errors", "Say which projects"),
    ],
)
def test_what_cannot_be_added_up(api: Api, session: Session, body: Any, field: str, message: str) -> None:
    add_attributes(session, session.get_one(Project, project(session, "a")), "CHAR", contractor="Smith")
    session.commit()
    api.post("project_blocks/", {"name": "b", "projects": [1]})
    answer = api.post("aggregations/", body)
    assert answer.status_code == 400
    assert message in " ".join(map(str, answer.json[field]))


def test_others_have_no_part_in_it(api: Api, login: MakeApi, session: Session) -> None:
    ann, bob = login("ann"), login("bob")
    of_ann, of_bob = project(session, "of ann", owner="ann", value=1), project(session, "of bob", owner="bob", value=10)
    of_callers = [make(caller) for caller in (ann, bob, api)]
    values = [fuel_of(made, "gas")["metered_savings"]["value"] for made in of_callers]
    assert values == pytest.approx([1, 10, 11])
    made = of_callers[0]
    assert {row["project"] for row in members(ann, made)} == {of_ann}
    message = f'Invalid pk "{of_bob}" - object does not exist.'
    assert make(ann, 400, projects=[of_ann, of_bob]) == {"projects": [message]}
    path = f"aggregations/{made['id']}/"
    assert bob.get(path).status_code == bob.get(f"{path}members/").status_code == bob.delete(path).status_code == 404
    assert [each["id"] for each in ann.get("aggregations/").json] == [made["id"]]
    assert login("reader", scopes=("read",)).post("aggregations/", {}).status_code == 403


# Against numpy -------------------------------------------------------------------------------------------------------


class Building:
    """What a project has saved of a fuel."""

    def __init__(self, rng: np.random.Generator, number: int) -> None:
        self.station = STATIONS[number % 3]
        self.contractor = CONTRACTORS[number // 3 % 3]
        self.cvrmse = float(rng.uniform(0.2, 1.2))
        self.bias = float(rng.normal())
        self.predicted = float(rng.uniform(50, 150)) if number % 4 else None
        self.metered, self.normalized = (self.savings(rng, fits) for fits in (1, 2))

    def savings(self, rng: np.random.Generator, fits: int) -> Savings:
        """Savings with errors of every kind."""
        cosines = tuple(rng.normal(size=fits * COSINES) + 1)
        own = sum(cosine**2 for cosine in cosines)
        spread = Spread(float(rng.normal()), own, float(rng.uniform(0, 3)), float(rng.uniform(10, 60)), cosines)
        lower, upper = spread.distances(0.95)
        return Savings(float(rng.normal(100, 30)), upper, lower, 365, float(rng.uniform(900, 1100)), spread)

    def is_accepted(self) -> bool:
        """By the default threshold."""
        return self.cvrmse <= 1


@pytest.fixture
def buildings(session: Session) -> list[Building]:
    """A hundred projects with gas."""
    rng = np.random.default_rng(7)
    made = [Building(rng, number) for number in range(PROJECTS)]
    for number, each in enumerate(made):
        stored = add_project(session, owner_of(session, "admin"), f"b{number}")
        result = add_result(session, stored, found(GAS, each.metered, each.normalized), station=each.station)
        theirs = SavingsAggregation.project_result_id == result
        figures = {"cvrmse": each.cvrmse, "bias_squares": (each.bias * 365) ** 2}
        session.execute(update(SavingsAggregation).where(theirs).values(**figures))
        if each.contractor:
            add_attributes(session, stored, "CHAR", contractor=each.contractor)
        if each.predicted:
            therms = each.predicted / KWH_PER_UNIT["THM"]
            add_attributes(session, stored, predicted_natural_gas_savings=therms)
    session.commit()
    return made


def expected(some: list[Building], kind: str, level: float, kwh: float) -> dict[str, Any]:
    """Their sum, by eeds.meter.spread and numpy."""
    own = [getattr(each, kind) for each in some]
    value, baseline = np.sum([each.value for each in own]), np.sum([each.baseline for each in own])
    spread = add_spreads((each.station, getattr(each, kind).spread) for each in some)
    lower, upper = spread.distances(level)
    return {
        "projects": len(some),
        "value": value / kwh,
        "lower": (value - lower) / kwh,
        "upper": (value + upper) / kwh,
        "baseline": baseline / kwh,
        "reporting": (baseline - value) / kwh,
        "percent": 100 * value / baseline,
        "fsu": sum(spread.distances(0.9)) / 2 / value,
        "fsu_met": sum(spread.distances(0.9)) / 2 / value <= 0.15,
    }


def test_sums_are_those_of_numpy(api: Api, buildings: list[Building]) -> None:
    kwh = KWH_PER_UNIT["THM"]
    body = {"unit": "therms", "confidence_level": 0.8, "fsu_threshold": "non_wires_alternative"}
    made = make(api, group_by="contractor", **body)
    accepted = [each for each in buildings if each.is_accepted()]
    gas = fuel_of(made, "gas")
    assert (gas["accepted"], gas["rejected"]) == (len(accepted), PROJECTS - len(accepted))
    groups = [(None, gas, accepted)] + [
        (group["value"], group, [each for each in accepted if each.contractor == group["value"]])
        for group in gas["groups"]
    ]
    assert [name for name, _, _ in groups] == [None, "Miller", "Smith", None]
    for _, found_sums, some in groups:
        bias = found_sums["metered_savings"].pop("fractional_bias_error")
        saved = sum(each.metered.value for each in some)
        assert bias == pytest.approx(np.linalg.norm([each.bias * 365 for each in some]) / saved)
        for kind in ("metered", "normalized"):
            assert found_sums[f"{kind}_savings"] == pytest.approx(expected(some, kind, 0.8, kwh))
        both = [each for each in some if each.predicted]
        predicted, normalized = sum(each.predicted or 0 for each in both), expected(both, "normalized", 0.8, kwh)
        assert found_sums["realization"] == pytest.approx(
            {
                **{name: normalized[name] for name in ("projects", "value", "lower", "upper")},
                "predicted": predicted / kwh,
                "rate": normalized["value"] * kwh / predicted,
            }
        )


def test_months_have_bounds_not_distances(api: Api, session: Session) -> None:
    project(session, "a", value=100)
    january, february = fuel_of(make(api, group_by=["month"], fuels=["gas"]), "gas")["months"]
    assert [january["month"], february["month"]] == ["2014-01", "2014-02"]
    assert (february["value"], february["cumulative_value"]) == (50, 75)
    assert february["cumulative_lower"] < february["cumulative_value"] < february["cumulative_upper"]
    assert february["baseline"] - february["value"] == february["reporting"]
