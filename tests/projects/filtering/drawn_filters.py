"""A small datastore with gaps everywhere, filters drawn at random, and what they mean, evaluated object by object."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy.orm import Session

from eeds.accounts.operations import create_user
from eeds.db.tables import (
    ConsumptionMetadata,
    Project,
    ProjectAttribute,
    ProjectAttributeKey,
    ProjectBlock,
    ProjectBlockProject,
    ProjectResult,
    ProjectRun,
    ProjectWeather,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAYS = [datetime(2013, 6, day, tzinfo=UTC) for day in (1, 2, 3)]
TEXTS = ["Acme", "acme", "Best %", "be_st", "", "Łódź", "50"]
# IECC and California zones: 5A, 2A, 3C and CA_03, none; the last is no ZIP code
ZONES = {"50321": "5A", "33101": None, "77002": "2A", "94110": "3C"}
ZIPCODES = ["50321", "50321-1234", " 77002", "94110", "00000", "none", None]
VALUES: Mapping[str, Sequence[Any]] = {
    "CHAR": TEXTS,
    "FLOAT": [-1.5, 0.0, 3.0, 1e300],
    "INTEGER": [-1, 0, 3, 2**62],
    "BOOLEAN": [True, False],
    "DATE": [date(2013, 6, 1), date(2013, 6, 2)],
    "DATETIME": DAYS,
}


@dataclass
class Known:
    """What is known of a project or of a trace: the values of each field, none, one or several."""

    id: int
    values: dict[str, list[Any]] = field(default_factory=dict)


@dataclass
class World:
    """All projects and traces that are stored."""

    projects: list[Known]
    traces: list[Known]


def build(session: Session) -> World:
    """Twelve projects of two owners, some with everything, some with nothing."""
    owners = {create_user(session, name, is_admin=name == "root").id: name for name in ("root", "ann", "bob")}
    names = list(owners.values())
    blocks = [ProjectBlock(project_owner_id=2, name=name) for name in ("North", "South")]
    keys = [
        ProjectAttributeKey(name=kind.lower(), display_name=kind, data_type=kind, project_owner_id=None)
        for kind in VALUES
    ]
    # a name that two owners have, in two types
    keys += [
        ProjectAttributeKey(name="size", display_name="Size", data_type=kind, project_owner_id=owner)
        for owner, kind in ((2, "CHAR"), (3, "FLOAT"))
    ]
    session.add_all([*blocks, *keys])
    session.flush()
    world = World([], [])
    for number in range(12):
        project = Project(
            project_id=TEXTS[number % 7] + str(number // 7),
            project_owner_id=2 + number % 2,
            zipcode=ZIPCODES[number % 7],
            baseline_period_end=DAYS[number % 3] if number % 4 else None,
            reporting_period_start=DAYS[number % 2] if number % 3 else None,
        )
        session.add(project)
        session.flush()
        known = Known(project.id, column_values(project))
        known.values["owner"] = [project.project_owner_id, names[project.project_owner_id - 1]]
        known.values["climate_zone"] = [zone for zone in [zone_of(project.zipcode)] if zone]
        world.projects.append(known)
        add_blocks(session, known, [block for block, bit in zip(blocks, (1, 2), strict=True) if number & bit])
        add_station(session, known, number)
        add_jobs(session, known, number)
        add_attributes(session, known, keys, number)
        for n in range(number % 3):
            add_trace(session, world, known, number + n)
    add_trace(session, world, None, 0)
    session.flush()
    return world


def column_values(row: Any) -> dict[str, list[Any]]:
    """The values of its columns, by their names."""
    return {
        column.name: [] if (value := getattr(row, column.name)) is None else [value] for column in row.__table__.columns
    }


def zone_of(zipcode: str | None) -> str | None:
    """The zone of a ZIP code of this datastore."""
    digits = (zipcode or "").strip()[:5]
    return ZONES.get(digits)


def add_blocks(session: Session, known: Known, blocks: Sequence[ProjectBlock]) -> None:
    """Put a project into blocks."""
    session.add_all(ProjectBlockProject(project_block_id=block.id, project_id=known.id) for block in blocks)
    known.values["block"] = [value for block in blocks for value in (block.id, block.name)]


def add_station(session: Session, known: Known, number: int) -> None:
    """Pin a station to some."""
    known.values["station"] = ["725460"] if number % 3 == 1 else []
    if number % 3 == 1:
        session.add(ProjectWeather(project_id=known.id, station="725460", method="x"))


def add_jobs(session: Session, known: Known, number: int) -> None:
    """Runs and results, of which the latest count."""
    statuses = ["SUCCESS", "FAILED", "PENDING"][: number % 4]
    for status in statuses:
        session.add(ProjectRun(project_id=known.id, meter_class="x", status=status))
        session.flush()
    known.values["run_status"] = [statuses[-1] if statuses else "NONE"]
    ages = [30, 3][: number % 3]
    stale = number % 2 == 0
    for age in ages:
        added = NOW - timedelta(days=age)
        is_last = age == ages[-1]
        session.add(ProjectResult(project_id=known.id, added=added, stale_since=added if stale == is_last else None))
        session.flush()
    known.values["result_age"] = [float(ages[-1])] if ages else []
    known.values["stale"] = [stale] if ages else []


def add_attributes(session: Session, known: Known, keys: Sequence[ProjectAttributeKey], number: int) -> None:
    """Attributes of some keys; one has no value, and one two."""
    for at, key in enumerate(keys):
        values = VALUES[key.data_type]
        name = f"attribute.{key.name}"
        known.values.setdefault(name, [])
        is_of_other = key.project_owner_id not in (None, known.values["project_owner_id"][0])
        if is_of_other or (number + at) % 3 == 0:
            continue
        chosen = [values[number % len(values)]] + ([values[0]] if number == 5 else [])
        if number == 7:
            chosen = [None]
        for value in chosen:
            column = {f"{key.data_type.lower()}_value": value}
            session.add(ProjectAttribute(project_id=known.id, key_id=key.id, **column))
        known.values[name] += [value for value in chosen if value is not None]


def add_trace(session: Session, world: World, project: Known | None, number: int) -> None:
    """A trace of a project, or of none."""
    trace = ConsumptionMetadata(
        project_id=project.id if project else None,
        interpretation=["E_C_S", "NG_C_S"][number % 2],
        unit=["KWH", "THM"][number % 2],
        label=[None, "main", "Main"][number % 3],
    )
    session.add(trace)
    session.flush()
    own = {name: values for name, values in column_values(trace).items() if name in ("interpretation", "unit", "label")}
    world.traces.append(Known(trace.id, {**(project.values if project else {}), **own}))
    if project:
        for name, values in own.items():
            world.projects[-1].values.setdefault(name, []).extend(values)


# --- what a filter means ---

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def meets(known: Known, filter: Any) -> bool:
    """Whether a project or trace meets a filter, as JSON has it."""
    return all(meets_part(known, name, content) for name, content in filter.items())


def meets_part(known: Known, name: str, content: Any) -> bool:
    """Whether it meets one member of an object."""
    if name == "and":
        return all(meets(known, each) for each in content)
    if name == "or":
        return any(meets(known, each) for each in content)
    if name == "not":
        return not meets(known, content)
    operators = content if isinstance(content, dict) else {"==": content}
    return all(compares(known.values.get(name, []), *each) for each in operators.items())


def compares(values: Sequence[Any], operator: str, operand: Any) -> bool:
    """Whether the values of a field compare so."""
    match operator:
        case "==":
            return not values if operand is None else any(same(value, operand) for value in values)
        case "!=":
            return not compares(values, "==", operand)
        case "in":
            return any(compares(values, "==", each) for each in operand)
        case "not_in":
            return not compares(values, "in", operand)
        case "contains":
            return any(isinstance(value, str) and operand.lower() in value.lower() for value in values)
    return any(COMPARE[operator](value, like(value, operand)) for value in values if comparable(value, operand))


def same(value: Any, operand: Any) -> bool:
    """Whether a value is what JSON says."""
    return comparable(value, operand) and bool(value == like(value, operand))


def comparable(value: Any, operand: Any) -> bool:
    """Whether they are of one type: texts, booleans, or numbers."""
    kinds = [
        str if isinstance(each, str | date) else bool if isinstance(each, bool) else float for each in (value, operand)
    ]
    return kinds[0] is kinds[1]


def like(value: Any, operand: Any) -> Any:
    """The operand in the type of the value."""
    if isinstance(value, datetime):
        return datetime.fromisoformat(operand).replace(tzinfo=UTC)
    return date.fromisoformat(operand) if isinstance(value, date) else operand


# --- filters ---

EQUALITY, ORDER = ("==", "!="), ("<", "<=", ">", ">=")
DAY_TEXTS = [f"{day:%Y-%m-%d}" for day in DAYS]


def comparisons(name: str, values: Sequence[Any], *operators: str) -> st.SearchStrategy[Any]:
    """A comparison of a field with one of some values, with a list of them, or with null."""
    nullable, value = st.sampled_from([*values, None]), st.sampled_from(list(values))
    lists = st.lists(nullable, max_size=3)
    choices = [
        st.tuples(st.sampled_from(EQUALITY), nullable),
        st.tuples(st.sampled_from(("in", "not_in")), lists),
        *([st.tuples(st.sampled_from(operators), value)] if operators else []),
    ]
    return st.one_of(choices).map(lambda pair: {name: {pair[0]: pair[1]}})


TEXT_PARTS = [*TEXTS, "%", "b", "0"]
COMPARISONS = st.one_of(
    comparisons("project_id", [*(text + "0" for text in TEXTS), "x"], *ORDER, "contains"),
    comparisons("zipcode", ["50321", " 77002", "3"], *ORDER, "contains"),
    comparisons("station", ["725460", "7"], *ORDER, "contains"),
    comparisons("climate_zone", ["5A", "3C", "4"], *ORDER, "contains"),
    comparisons("owner", [2, 3, 99, "ann", "root"]),
    comparisons("owner", ["an", "OO"], "contains"),
    comparisons("block", [1, 2, "North", "South", "East"]),
    comparisons("block", ["th", "ST"], "contains"),
    comparisons("baseline_period_end", DAY_TEXTS, *ORDER),
    comparisons("reporting_period_start", DAY_TEXTS, *ORDER),
    comparisons("run_status", ["SUCCESS", "FAILED", "PENDING", "NONE"]),
    comparisons("result_age", [3, 10, 30.5, 1e300, -1], *ORDER),
    comparisons("stale", [True, False]),
    comparisons("interpretation", ["E_C_S", "NG_C_S"]),
    comparisons("unit", ["KWH", "THM"]),
    comparisons("label", ["main", "Main", "m"], *ORDER, "contains"),
    comparisons("attribute.char", TEXT_PARTS, *ORDER, "contains"),
    comparisons("attribute.float", [0, 3, 1e300, -2.5], *ORDER),
    comparisons("attribute.integer", [0, 3, 2**62], *ORDER),
    comparisons("attribute.boolean", [True, False]),
    comparisons("attribute.date", DAY_TEXTS, *ORDER),
    comparisons("attribute.datetime", DAY_TEXTS, *ORDER),
    comparisons("attribute.size", [3, 0.0], *ORDER),
    comparisons("attribute.size", ["Acme", "50"], *ORDER, "contains"),
)
FILTERS = st.recursive(
    COMPARISONS,
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda all: {"and": all}),
        st.lists(parts, min_size=1, max_size=3).map(lambda all: {"or": all}),
        parts.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)
