"""Tables of projects: read, checked as a whole, and stored with their attributes in one transaction, or not at all."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.project_names import projects_named
from eeds.accounts.visibility import visible
from eeds.db.tables import ProjectOwner
from eeds.errors import Invalid
from eeds.formats.media_types import ARROW, CSV, PARQUET, XLSX
from eeds.formats.messages import invalid_pk
from eeds.projects.attributes import Key
from eeds.projects.upload_columns import ProjectColumns, project_columns
from eeds.projects.upload_places import without_place, without_zone
from eeds.projects.upload_repairs import LISTED, Repair, repair
from eeds.projects.upload_rows import (
    Problem,
    ProjectRow,
    TableRefused,
    read_attributes,
    read_rows,
)
from eeds.projects.upload_store import (
    Change,
    difference,
    keys_to_extend,
    lock_uploads,
    store,
    stored_keys,
    stored_projects,
    stored_values,
)
from eeds.projects.upload_table import read_project_table

MEDIA_TYPES = (CSV, ARROW, PARQUET, XLSX)
NAMED_ELSEWHERE = "Another project owner has a project of this name; see that the owner is the one you mean."
MAX_ROWS = 50_000  # which are held in memory, and stored within the time that a request may take


@dataclass(frozen=True)
class UploadedRow:
    """What became of a row of a table: created, updated or unchanged."""

    line: int
    project_id: str
    status: str


@dataclass(frozen=True)
class ProjectUpload:
    """What became of a table, or in a dry run would become of it.

    `projects` and `attributes` (values of them) count those that were created, updated and unchanged; `new_attributes`
    are data types by name; `changes` are the first 100 fields and attributes of stored projects that have changed.
    `repairs` are the first 100 of `repair_count` cells that are read as something else than they say, `warnings` the
    first 100 of `warning_count` that are stored, but will be of no use as they are.
    """

    projects: Mapping[str, int]
    attributes: Mapping[str, int]
    new_attributes: Mapping[str, str]
    ignored_columns: Sequence[str]
    changes: Sequence[Change]
    repairs: Sequence[Repair]
    repair_count: int
    warnings: Sequence[Problem]
    warning_count: int
    rows: Sequence[UploadedRow]


def upload_projects(
    session: Session,
    principal: Principal,
    media_type: str,
    body: IO[bytes],
    *,
    owner: int | None = None,
    with_attributes: bool = True,
    dry_run: bool = False,
) -> ProjectUpload:
    """Create or update the projects of a table, and their attributes: all of them, or none.

    `media_type` is one of MEDIA_TYPES, `owner` the id of the project owner, needed by whoever can see several. Columns
    that are no field of a project are attributes, unless `with_attributes` is False. A `dry_run` stores nothing.

    Raises TableRefused with everything that is wrong with the rows, MalformedBody for a table that cannot be read or
    lacks a column, BodyTooLarge for one of more than MAX_ROWS, and Invalid for the owner.
    """
    owner_id = owner_of_upload(session, principal, owner)
    table = read_project_table(media_type, body, MAX_ROWS)
    columns = project_columns(table.names, with_attributes=with_attributes)
    keys = known_keys(session, owner_id, columns, dry_run=dry_run)
    repaired, repairs = repair(table, columns, {name: key.data_type for name, key in keys.items()})
    attributes = read_attributes(repaired, columns, keys)
    rows = read_rows(repaired, columns, attributes)
    if not dry_run:
        lock_uploads(session, owner_id)
    projects = stored_projects(session, owner_id, rows)
    names = {field: table.names[position] for field, position in columns.fields.items()}
    values = stored_values(session, projects, attributes)
    changed = difference(rows, attributes, projects, values, names)
    if any(row.problems for row in rows):
        raise TableRefused(table, rows)
    warnings = [*repairs.warnings, *without_place(rows, names["zipcode"]), *without_zone(rows)]
    warnings += named_elsewhere(session, principal, changed.new_projects, names["project_id"])
    if not dry_run:
        store(session, owner_id, attributes, projects, changed)
    return ProjectUpload(
        counts(Counter(changed.statuses)),
        counts(changed.attributes),
        {each.name: each.data_type for each in attributes if each.key_id is None},
        columns.ignored,
        changed.changes,
        repairs.listed,
        repairs.count,
        warnings[:LISTED],
        len(warnings),
        [UploadedRow(row.line, row.project_id, status) for row, status in zip(rows, changed.statuses, strict=True)],
    )


def named_elsewhere(
    session: Session, principal: Principal, new: Sequence[ProjectRow], id_column: str
) -> Iterator[Problem]:
    """A warning for each new project that another owner has one of the name of, as far as the principal may know: an
    admin who names the wrong owner, or none, would make projects again."""
    if principal.is_admin:
        named = projects_named(session, principal, {row.project_id for row in new})
        for row in new:
            if row.project_id in named:
                yield Problem(row.line, id_column, row.project_id, NAMED_ELSEWHERE)


def known_keys(session: Session, owner_id: int, columns: ProjectColumns, *, dry_run: bool) -> dict[str, Key]:
    """The attribute keys that there are when the table is stored, if it has attributes; see stored_keys."""
    if not columns.attributes:
        return {}
    return stored_keys(session, owner_id) if dry_run else keys_to_extend(session, owner_id, columns.attributes)


def counts(outcomes: Counter[str]) -> dict[str, int]:
    """How many became what."""
    return {name: outcomes[name] for name in ("created", "updated", "unchanged")}


def owner_of_upload(session: Session, principal: Principal, owner: int | None) -> int:
    """The id of the project owner; raises Invalid if it has to be said which, or is none that the caller can see."""
    statement = select(ProjectOwner.id).where(visible(principal, ProjectOwner)).order_by(ProjectOwner.id)
    owners = session.scalars(statement).all()
    if owner is None and len(owners) == 1:
        return owners[0]
    if owner is None:
        message = f"Say whose projects these are, with --owner or owner=; you can see the owners {list(owners)}."
        raise Invalid({"owner": [message]})
    if owner not in owners:
        raise Invalid({"owner": [invalid_pk(owner)]})
    return owner
