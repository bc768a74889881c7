"""Sums of the savings of many projects, with how sure they are: those of eeds.meter.spread, by Postgres.

Savings are read once, and added up for every fuel, group, station and model; the sums of these sums, which are few, are
what all else asks for. Results of earlier releases have nothing but the distances to their bounds. These count as
independent errors, in quadrature, as they did then.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    FromClause,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

from eeds.db.array_parameters import among
from eeds.db.tables import SavingsAggregation
from eeds.meter.spread import COSINES, Spread, quantile
from eeds.runs.portfolio.members_table import MEMBERS

METERED, NORMALIZED = KINDS = ("metered", "normalized")
FITS = {METERED: 1, NORMALIZED: 2}  # that savings of a kind have cosines of
WAVES = tuple(f"cosine_{number}" for number in range(1, 1 + max(FITS.values()) * COSINES))
# What is summed of savings to have the errors of the sum; `distances` of those that have nothing else.
ERRORS = ("offset", "variance", "total", "fourths", "distances", *WAVES)
NUMBERS = ("rows", "value", "n", "baseline")
# What only savings of a kind have beside them: predictions; squares of mean biases, and how many biases are not known.
BESIDE = {METERED: ("bias_squares", "biases_unknown"), NORMALIZED: ("predicted",)}
SUMMED = (*NUMBERS, *BESIDE[METERED], *BESIDE[NORMALIZED], *ERRORS)
KEYS = {"interpretation": Text, "group_value": Text, "station": Text, "model": Text, "is_predicted": Boolean}
COUNTS = ("rows", "n", "biases_unknown")


def waves_of(kind: str) -> Sequence[str]:
    """The cosines that savings of a kind have."""
    return WAVES[: FITS[kind] * COSINES]


def names_of(kind: str) -> Sequence[str]:
    """What is summed of savings of a kind, and `shared`, whose sum is that of one station and model."""
    errors = (name for name in ERRORS if name not in WAVES)
    return (*NUMBERS, *BESIDE[kind], *errors, *waves_of(kind), "shared")


SUMS = Table(
    "portfolio_sums",
    MetaData(),
    *(Column(name, type) for name, type in KEYS.items()),
    *(Column(f"{kind}_{name}", BigInteger if name in COUNTS else Double) for kind in KINDS for name in names_of(kind)),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


def add_up_members(session: Session, ids: Sequence[int]) -> None:
    """Fill SUMS from the accepted members, whose savings have these ids: two statements."""
    SUMS.create(session.connection())
    keys: dict[str, Any] = {name: MEMBERS.c[name] for name in ("interpretation", "group_value")}
    keys |= {"station": SavingsAggregation.station, "model": SavingsAggregation.model}
    keys |= {"is_predicted": MEMBERS.c.predicted.is_not(None)}
    sums = {f"{kind}_{name}": func.sum(expressions(kind)[name]) for kind in KINDS for name in names_of(kind)}
    added = select(*keys.values(), *sums.values()).select_from(SavingsAggregation).join(MEMBERS, accepted())
    statement = added.where(among(SavingsAggregation.id, ids)).group_by(*keys.values())
    session.execute(SUMS.insert().from_select([*keys, *sums], statement))


def accepted() -> ColumnElement[bool]:
    """The condition under which savings are those of an accepted member."""
    return and_(MEMBERS.c.is_accepted, MEMBERS.c.savings_id == SavingsAggregation.id)


def expressions(kind: str) -> Mapping[str, ColumnElement[Any]]:
    """What `names_of` a kind are, and more, of the savings of one member."""
    sums = SavingsAggregation
    names = ("value", "n", "baseline", "upper", "lower", "offset", "variance", "shared", "freedom")
    own = {name: getattr(sums, f"{kind}_{name}") for name in names}
    is_there = own["value"].is_not(None)
    total, distance = own["variance"] + own["shared"] * own["shared"], (own["upper"] + own["lower"]) / 2
    return {
        "rows": case((is_there, 1), else_=0),
        "value": own["value"],
        "n": own["n"],
        "baseline": own["baseline"],
        "predicted": MEMBERS.c.predicted,
        "bias_squares": case((is_there, sums.bias_squares)),
        "biases_unknown": case((and_(is_there, sums.bias_squares.is_(None)), 1), else_=0),
        "offset": own["offset"],
        "variance": own["variance"],
        "total": total,
        "fourths": total * total / own["freedom"],
        "distances": case((own["variance"].is_(None), distance * distance)),
        **{name: getattr(sums, f"{kind}_cosines")[number] for number, name in enumerate(waves_of(kind), 1)},
        "shared": own["shared"],
    }


def sums_of(kind: str) -> Select[Any]:
    """The rows of SUMS of a kind: KEYS, `kind`, SUMMED and `shared`."""
    return select(*(SUMS.c[name] for name in KEYS), *summed(kind, {n: SUMS.c[f"{kind}_{n}"] for n in names_of(kind)}))


def of_members(kind: str) -> Select[Any]:
    """The same of each accepted member, with its `project`."""
    sums = SavingsAggregation
    keys: list[Any] = [MEMBERS.c.project_id.label("project"), MEMBERS.c.interpretation, MEMBERS.c.group_value]
    keys += [sums.station, sums.model, MEMBERS.c.predicted.is_not(None).label("is_predicted")]
    return select(*keys, *summed(kind, expressions(kind))).select_from(sums).join(MEMBERS, accepted())


def summed(kind: str, known: Mapping[str, ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """`kind`, SUMMED and `shared`, none of the cosines that a kind does not have."""
    none = literal(0.0)
    return [literal(kind).label("kind"), *(known.get(name, none).label(name) for name in (*SUMMED, "shared"))]


def added_up(rows: FromClause, keys: Sequence[str]) -> Select[Any]:
    """SUMMED of `rows` for each of the keys, and what else `spread_of` takes; `rows` are as `sums_of` has them."""
    of_groups = (
        select(
            *(rows.c[key] for key in keys),
            *(func.sum(rows.c[name]).label(name) for name in (*SUMMED, "shared")),
        )
        .group_by(*(rows.c[key] for key in keys), rows.c.station, rows.c.model)
        .subquery("of_groups")
    )
    return select(
        *(of_groups.c[key] for key in keys),
        *(func.sum(of_groups.c[name]).label(name) for name in SUMMED),
        func.sum(of_groups.c.shared * of_groups.c.shared).label("shared_squares"),
    ).group_by(*(of_groups.c[key] for key in keys))


def spread_of(row: Any, confidence_level: float) -> Spread:
    """Of the sum of the rows that were added up; `confidence_level`: of the distances in earlier results."""
    sums = {name: getattr(row, name) or 0.0 for name in (*ERRORS, "shared_squares")}
    earlier = sums["distances"] / quantile(inf, (1 + confidence_level) / 2) ** 2
    total = sums["total"] + earlier
    return Spread(
        sums["offset"],
        sums["variance"] + earlier,
        sums["shared_squares"] ** 0.5,
        total**2 / sums["fourths"] if sums["fourths"] else inf,
        tuple(sums[name] for name in WAVES),
    )
