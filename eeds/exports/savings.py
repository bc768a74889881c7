"""Savings in a tidy table: a row for each project's result, fuel and kind of savings (metered, normalized), in kWh,
with the attributes of the project as columns.

`lower` and `upper` are bounds. The sum of all fuels that are supplied is a fuel of its own, for its bounds do not
follow from those of the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, collate, func, literal, select, union_all
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.cursors import chunks_of
from eeds.db.tables import (
    Project,
    ProjectAttribute,
    ProjectAttributeKey,
    ProjectOwner,
    ProjectResult,
    SavingsAggregation,
    User,
)
from eeds.exports.lifecycle import ClaimedExport
from eeds.exports.selection import exported_results
from eeds.formats.format import XLSX, File, Format, write
from eeds.formats.table import Batch, Column, Table, Type, columns
from eeds.formats.workbook_writer import require_rows
from eeds.projects.attributes import VALUE_COLUMNS
from eeds.runs.results.savings import METHODS

UNIT = "KWH"
OWNER = Column("owner", Type.TEXT)
COLUMNS = [
    Column("project", Type.INTEGER),
    *columns(Type.TEXT, "project_id", "fuel", "kind", "unit"),
    *columns(Type.NUMBER, "value", "lower", "upper", "baseline", "percent", "percent_lower", "percent_upper"),
    Column("days", Type.INTEGER),
    Column("confidence_level", Type.NUMBER),
    *columns(Type.TEXT, "station", "model"),
    Column("project_result", Type.INTEGER),
    *columns(Type.INSTANT, "found", "stale_since"),
]
ATTRIBUTE = "attribute:"  # begins the names of their columns
TYPES = {
    "BOOLEAN": Type.FLAG,
    "CHAR": Type.TEXT,
    "DATE": Type.DAY,
    "DATETIME": Type.INSTANT,
    "FLOAT": Type.NUMBER,
    "INTEGER": Type.INTEGER,
}


def table(session: Session, principal: Principal, export: ClaimedExport) -> Table:
    """The savings in the latest result of each of the projects, or in all results."""
    return savings_table(session, principal, exported_results(principal, export))


def savings_table(session: Session, principal: Principal, results: Select[int]) -> Table:
    """The savings in the results of these ids, which the principal is known to see, by project_id, result, fuel, kind.

    Results in which no savings are known have no rows; where those of one kind are not, their cells are missing.
    """
    is_admin = principal.is_admin
    of_results = SavingsAggregation.project_result_id.in_(results)
    total = session.scalars(select(func.count()).select_from(SavingsAggregation).where(of_results)).one()
    attributes = attribute_columns(session, principal, results)
    known = [*COLUMNS[:2], OWNER, *COLUMNS[2:]] if is_admin else COLUMNS
    rows = chunks_of(session, statement(results, is_admin=is_admin))
    batches = (with_attributes(session, principal, batch, attributes) for batch in rows)
    return Table([*known, *attributes.values()], total * len(METHODS), batches)


def savings_file(session: Session, principal: Principal, results: Select[int], format: Format) -> File:
    """The same as a file, written as it is read; raises EedsError for more rows than the format can have."""
    found = savings_table(session, principal, results)
    if format is XLSX:
        require_rows(found.total)
    return File("savings", format, write(format, found.columns, found.batches))


def statement(results: Select[int], *, is_admin: bool) -> Select[Any]:
    """The cells of the COLUMNS, with the owner's name for admins."""
    rows = union_all(*(of_kind(kind, results) for kind in METHODS)).subquery("saved")
    percent_of = literal(100.0) / func.nullif(rows.c.baseline, 0.0)
    lower, upper = rows.c.value - rows.c.lower, rows.c.value + rows.c.upper
    ends = lower * percent_of, upper * percent_of  # the other way round where the baseline is below zero
    cells: list[Any] = [
        Project.id,
        Project.project_id,
        *([User.name] if is_admin else []),
        rows.c.fuel,
        rows.c.kind,
        literal(UNIT),
        rows.c.value,
        lower,
        upper,
        rows.c.baseline,
        rows.c.value * percent_of,
        func.least(*ends),
        func.greatest(*ends),
        rows.c.days,
        ProjectResult.provenance["settings"]["confidence_level"].as_float(),
        func.coalesce(rows.c.station, ProjectResult.provenance["weather"]["station"].as_string()),
        rows.c.model,
        ProjectResult.id,
        ProjectResult.added,
        ProjectResult.stale_since,
    ]
    return (
        select(*cells)
        .select_from(rows)
        .join(ProjectResult, ProjectResult.id == rows.c.result)
        .join(Project, Project.id == ProjectResult.project_id)
        .join(ProjectOwner, ProjectOwner.id == Project.project_owner_id)
        .join(User, User.id == ProjectOwner.user_id)
        .order_by(collate(Project.project_id, "C"), Project.id, ProjectResult.id, rows.c.fuel, rows.c.kind)
    )


def of_kind(kind: str, results: Select[int]) -> Select[Any]:
    """The savings of a kind in the results; `lower` and `upper` are distances."""
    saved = SavingsAggregation
    return select(
        saved.project_result_id.label("result"),
        saved.trace_interpretation.label("fuel"),
        literal(kind).label("kind"),
        *(getattr(saved, f"{kind}_{name}").label(name) for name in ("value", "lower", "upper", "baseline")),
        getattr(saved, f"{kind}_n").label("days"),
        saved.station,
        saved.model,
    ).where(saved.project_result_id.in_(results))


def attribute_columns(session: Session, principal: Principal, results: Select[int]) -> Mapping[str, Column]:
    """A column for each attribute that the projects of the results have, by its name; where owners have given a name
    several types, its column holds texts."""
    key, attribute = ProjectAttributeKey, ProjectAttribute
    projects = select(ProjectResult.project_id).where(ProjectResult.id.in_(results))
    used = (
        select(key.name, func.min(key.data_type), func.count(key.data_type.distinct()))
        .join(attribute, attribute.key_id == key.id)
        .where(attribute.project_id.in_(projects), visible(principal, attribute))
        .group_by(key.name)
        .order_by(collate(key.name, "C"))
    )
    return {
        name: Column(f"{ATTRIBUTE}{name}", TYPES[data_type] if types == 1 else Type.TEXT)
        for name, data_type, types in session.execute(used)
    }


def with_attributes(
    session: Session, principal: Principal, rows: Batch, attributes: Mapping[str, Column]
) -> Sequence[Sequence[Any]]:
    """The rows with the values of the attributes behind their cells."""
    if not attributes:
        return rows
    values = values_of(session, principal, {row[0] for row in rows}, attributes)
    return [(*row, *map(values.get(row[0], {}).get, attributes)) for row in rows]


def values_of(
    session: Session, principal: Principal, projects: set[int], attributes: Mapping[str, Column]
) -> Mapping[int, Mapping[str, Any]]:
    """The values of the projects' attributes, by project and name; of an attribute of all owners and one of the
    project's own the latter."""
    found: dict[int, dict[str, Any]] = {}
    for project, name, value in stored_values(session, principal, projects):
        if name not in attributes:  # given to a project since the columns were read
            continue
        is_text = attributes[name].type is Type.TEXT and value is not None
        found.setdefault(project, {})[name] = str(value) if is_text else value
    return found


def stored_values(session: Session, principal: Principal, projects: set[int]) -> Iterator[tuple[int, str, Any]]:
    """Project, name and value of each attribute of the projects; those of keys that all owners share come first."""
    key, attribute = ProjectAttributeKey, ProjectAttribute
    held = [getattr(attribute, column) for column in VALUE_COLUMNS.values()]
    statement = (
        select(attribute.project_id, key.name, key.data_type, *held)
        .join(key, key.id == attribute.key_id)
        .where(among(attribute.project_id, projects), visible(principal, attribute))
        .order_by(key.project_owner_id.nulls_first(), attribute.id)
    )
    for row in session.execute(statement):
        yield row.project_id, row.name, getattr(row, VALUE_COLUMNS[row.data_type])
