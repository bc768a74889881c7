"""Sums of the savings of many projects, with how sure they are: those of eeds.meter.spread, by Postgres.

Results of earlier releases have nothing but the distances to their bounds. These count as independent errors, in
quadrature, as they did then.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, case, func, literal, select

from eeds.db.tables import Project, ProjectResult, SavingsAggregation
from eeds.meter.settings import MeterSettings
from eeds.meter.spread import COSINES, Spread, quantile
from eeds.projects.latest import latest_ids

METERED, NORMALIZED = KINDS = ("metered", "normalized")
USUAL_LEVEL = MeterSettings().confidence_level
FITS = 2  # that a sum of savings may have cosines of
WAVES = tuple(f"cosine_{number}" for number in range(FITS * COSINES))
# What is summed of a row to have the errors of the sum; `distances` of rows that have nothing else.
SUMMED = ("offset", "variance", "total", "fourths", "distances", *WAVES)
# The columns of savings of a kind.
SAVED = ("value", "upper", "lower", "n", "baseline", "offset", "variance", "shared", "freedom", "cosines")

Condition = ColumnElement[bool]


def latest(condition: Condition) -> CTE:
    """The latest result of each of the projects: `id`, `project_id`."""
    return latest_ids(ProjectResult, condition).add_columns(Project.id.label("project_id")).cte("latest")


def saved(chosen: CTE, kind: str) -> Select[Any]:
    """The savings of a kind in the results that were chosen, by project and interpretation: `project`,
    `interpretation`, `kind`, `station`, `model` and those of SAVED."""
    sums = SavingsAggregation
    return select(
        chosen.c.project_id.label("project"),
        sums.trace_interpretation.label("interpretation"),
        literal(kind).label("kind"),
        sums.station,
        sums.model,
        *(getattr(sums, f"{kind}_{name}").label(name) for name in SAVED),
    ).join(chosen, chosen.c.id == sums.project_result_id)


def added_up(rows: FromClause, keys: Sequence[str], sums: Sequence[str]) -> Select[Any]:
    """For each of the keys how many `rows` have a value, the sums of their columns `sums`, and what `spread_of` takes;
    `rows` are as `saved` has them."""
    of_groups = (
        select(
            *(rows.c[key] for key in keys),
            func.count(rows.c.value).label("rows"),
            *(func.sum(rows.c[name]).label(name) for name in sums),
            *(func.sum(value).label(name) for name, value in errors_of(rows).items()),
            func.sum(rows.c.shared).label("shared"),
        )
        .group_by(*(rows.c[key] for key in keys), rows.c.station, rows.c.model)
        .subquery("of_groups")
    )
    return select(
        *(of_groups.c[key] for key in keys),
        *(func.sum(of_groups.c[name]).label(name) for name in ("rows", *sums, *SUMMED)),
        func.sum(of_groups.c.shared * of_groups.c.shared).label("shared_squares"),
    ).group_by(*(of_groups.c[key] for key in keys))


def errors_of(rows: FromClause) -> Mapping[str, ColumnElement[Any]]:
    """What is SUMMED of a row."""
    total, distance = rows.c.variance + rows.c.shared * rows.c.shared, (rows.c.upper + rows.c.lower) / 2
    return {
        "offset": rows.c.offset,
        "variance": rows.c.variance,
        "total": total,
        "fourths": total * total / rows.c.freedom,
        "distances": case((rows.c.variance.is_(None), distance * distance)),
        **{name: rows.c.cosines[number] for number, name in enumerate(WAVES, 1)},
    }


def spread_of(row: Any, confidence_level: float) -> Spread:
    """Of the sum of the rows that were added up; `confidence_level`: of the distances in earlier results."""
    sums = {name: getattr(row, name) or 0.0 for name in (*SUMMED, "shared_squares")}
    earlier = sums["distances"] / quantile(inf, (1 + confidence_level) / 2) ** 2
    total = sums["total"] + earlier
    return Spread(
        sums["offset"],
        sums["variance"] + earlier,
        sums["shared_squares"] ** 0.5,
        total**2 / sums["fourths"] if sums["fourths"] else inf,
        tuple(sums[name] for name in WAVES),
    )
