"""Which results a portfolio adds up: the latest of each of its projects, fuel by fuel, if nothing speaks against it.

    portfolio = choose(session, and_(selection.condition, visible(principal, Project)))
    print(counts(portfolio).accepted)
    for total in totals(portfolio):
        print(total.interpretation, total.metered)

The condition has to restrict the projects to those that the caller may see. The members are in a temporary table, which
all that is asked of the portfolio reads, until the transaction ends or the next portfolio of the session is chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, distinct, func, null, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import Project
from eeds.errors import Invalid
from eeds.meter.names import INTERPRETATIONS, KWH_PER_UNIT
from eeds.meter.settings import MeterSettings
from eeds.projects.attributes import values_as_text
from eeds.runs.portfolio.members_table import MEMBERS, PROJECTS
from eeds.runs.portfolio.sums import add_up_members

Condition = ColumnElement[bool]

USUAL_LEVEL = MeterSettings().confidence_level
# CalTRACK 4.3.2.1: the CVRMSE of a building's model that is recommended as a limit where a portfolio counts.
CVRMSE_LIMIT = 1.0
# Why a member is refused, as sql/queries/portfolio/choose_members.sql has it, in the order in which it looks.
REASONS = (
    "no result",
    "no such fuel",
    "stale",
    "disqualified",
    "no savings",
    "CVRMSE above the threshold",
    "too short",
)
MAX_GROUPS = 1000
ELECTRICITY, GAS = (INTERPRETATIONS[code] for code in ("E_C_S", "NG_C_S"))
# The attributes for predicted savings of a year, and their units.
PREDICTED = {"predicted_electricity_savings": (ELECTRICITY, "KWH"), "predicted_natural_gas_savings": (GAS, "THM")}


@dataclass(frozen=True)
class Rules:
    """What a result has to be to be added up."""

    fuels: tuple[str, ...] | None = None  # long names, as ELECTRICITY_CONSUMPTION_SUPPLIED; None: all that there are
    cvrmse_threshold: float = CVRMSE_LIMIT  # of the baseline models
    minimum_days: int = 0  # that each trace has to report
    allow_stale: bool = False
    allow_disqualified: bool = False  # a fuel some traces of which have no baseline model


@dataclass(frozen=True)
class Portfolio:
    """A portfolio that was chosen, with the session whose transaction has it."""

    session: Session
    rules: Rules
    is_grouped: bool
    accepted: Sequence[int]  # ids of the savings of the accepted members, ascending


@dataclass(frozen=True)
class Counts:
    """How many projects there are, how many have a result, and of how many a fuel is accepted; how many results are
    stale, accepted or not; and the confidence levels of the bounds in all results."""

    projects: int
    results: int
    accepted: int
    stale: int
    confidence_levels: Sequence[float]

    @property
    def confidence_level(self) -> float:
        """At which bounds of all of them together are given, unless another is asked for: the highest."""
        return max(self.confidence_levels, default=USUAL_LEVEL)

    @property
    def rejected(self) -> int:
        """How many projects have no fuel that is accepted."""
        return self.projects - self.accepted


@dataclass(frozen=True)
class Tally:
    """Of the members of a fuel how many are accepted and refused, and how often for each reason."""

    accepted: int
    rejected: int
    reasons: Mapping[str, int]


def choose(
    session: Session, condition: Condition, rules: Rules = Rules(), group_keys: Sequence[int] | None = None
) -> Portfolio:
    """The portfolio of the projects that meet the condition, by rules: some statements, however many projects.

    `group_keys`: the ids of attribute keys whose values, as text, part it into groups; raises Invalid if these are more
    than MAX_GROUPS.
    """
    connection = psycopg_connection(session)
    connection.execute(query("portfolio/members_table"))
    values = None if group_keys is None else values_as_text(group_keys)
    chosen = select(Project.id, null() if values is None else values.c.value).where(condition)
    if values is not None:
        chosen = chosen.outerjoin(values, values.c.project_id == Project.id)
    session.execute(PROJECTS.insert().from_select(["project_id", "group_value"], chosen))
    if values is not None:
        require_few_groups(session)
    connection.execute(query("portfolio/choose_members"), parameters_of(rules))
    # without these Postgres sorts what it had better hash
    connection.execute("ANALYZE portfolio_members (savings_id, is_accepted)")
    # With the ids as a parameter Postgres reads these savings by their index, in order, and not those of all results.
    savings_ids = func.array_agg(aggregate_order_by(MEMBERS.c.savings_id, MEMBERS.c.savings_id))
    accepted = session.scalars(select(savings_ids).where(MEMBERS.c.is_accepted)).one() or []
    add_up_members(session, accepted)
    return Portfolio(session, rules, values is not None, accepted)


def require_few_groups(session: Session) -> None:
    """Raises Invalid if an attribute has too many values to part a portfolio by."""
    number = session.execute(select(func.count(distinct(PROJECTS.c.group_value)))).scalar_one()
    if number > MAX_GROUPS:
        message = f"The attribute has {number:,} values in these projects; groups are at most {MAX_GROUPS:,}."
        raise Invalid({"group_by": [message]})


def parameters_of(rules: Rules) -> dict[str, Any]:
    """What the statement that chooses takes."""
    return {
        "fuels": None if rules.fuels is None else list(rules.fuels),
        "cvrmse_threshold": rules.cvrmse_threshold,
        "minimum_days": rules.minimum_days,
        "allow_stale": rules.allow_stale,
        "allow_disqualified": rules.allow_disqualified,
        "predicted": list(PREDICTED),
        "predicted_fuels": [fuel for fuel, _ in PREDICTED.values()],
        "predicted_kwh": [KWH_PER_UNIT[unit] for _, unit in PREDICTED.values()],
    }


def counts(portfolio: Portfolio) -> Counts:
    """The numbers of projects behind the sums: one statement."""
    c = MEMBERS.c
    projects = (
        select(
            func.bool_or(c.result_id.is_not(None)).label("has_result"),
            func.bool_or(c.is_accepted).label("is_accepted"),
            func.bool_or(c.is_stale).label("is_stale"),
            func.max(c.confidence_level).label("level"),
        )
        .group_by(c.project_id)
        .subquery("of_projects")
    )
    found = projects.c
    statement = select(
        func.count().label("projects"),
        func.count().filter(found.has_result).label("results"),
        func.count().filter(found.is_accepted).label("accepted"),
        func.count().filter(found.is_stale).label("stale"),
        func.array_agg(distinct(found.level)).filter(found.level.is_not(None)).label("levels"),
    ).select_from(projects)
    row = portfolio.session.execute(statement).one()
    return Counts(row.projects, row.results, row.accepted, row.stale, sorted(row.levels or ()))


def tallies(portfolio: Portfolio) -> Mapping[tuple[str | None, str | None], Tally]:
    """What became of the members, by fuel and group: one statement. The fuel is None for projects of which nothing is
    known of any, the group for those without a value, or where there are no groups."""
    c = MEMBERS.c
    keys = c.interpretation, c.group_value, c.reasons
    rows: dict[tuple[str | None, str | None], list[Any]] = {}
    for row in portfolio.session.execute(select(*keys, func.count().label("number")).group_by(*keys)):
        rows.setdefault((row.interpretation, row.group_value), []).append(row)
    return {key: tally_of(some) for key, some in rows.items()}


def rejected_members(portfolio: Portfolio, interpretation: str, count: int) -> Sequence[Row[int, str, list[str]]]:
    """Id and name of the first projects, by name, whose savings of a fuel are not added up, with the reasons; those
    without a result are among them."""
    c = MEMBERS.c
    of_fuel = or_(c.interpretation == interpretation, c.interpretation.is_(None))
    members = select(Project.id, Project.project_id, c.reasons).join(Project, Project.id == c.project_id)
    chosen = members.where(of_fuel, ~c.is_accepted).order_by(Project.project_id, Project.id)
    return portfolio.session.execute(chosen.limit(count)).all()


def tally_of(rows: Sequence[Any]) -> Tally:
    """Of the rows of a fuel, one for each group and set of reasons."""
    reasons = {name: sum(row.number for row in rows if name in row.reasons) for name in REASONS}
    return Tally(
        accepted=sum(row.number for row in rows if not row.reasons),
        rejected=sum(row.number for row in rows if row.reasons),
        reasons={name: number for name, number in reasons.items() if number},
    )
