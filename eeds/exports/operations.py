"""What people do with exports: request one, list them, fetch its file, delete it.

with database.session() as session:
    export_id = request_export(session, principal, "results", "csv")
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, func, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import changeable, find, visible
from eeds.db.tables import Export, Project, User
from eeds.errors import Conflict, Invalid, NotFound
from eeds.exports.kinds import MEDIA_TYPES, RECORDS
from eeds.exports.lifecycle import content
from eeds.jobs.leases import CHANNEL
from eeds.jobs.status import FAILED, SUCCESS
from eeds.projects.selection import ALL_PROJECTS, NO_PROJECTS, Selection
from eeds.records.history.as_of import parse_as_of

ONLY_RECORDS = (
    "Only records are kept as they were: an export of {} is of what there is when it is built. Leave as_of out, or run "
    "the projects with as_of in their settings, and export what comes of it."
)


@dataclass(frozen=True)
class ExportFile:
    """The file of an export, whose content is read as it is consumed."""

    name: str
    media_type: str
    size: int  # bytes
    content: Iterator[bytes]


def request_export(
    session: Session,
    principal: Principal,
    kind: str,
    format: str,
    selection: Selection = ALL_PROJECTS,
    *,
    every_result: bool = False,
    as_of: str | None = None,
    request_id: str | None = None,
) -> int:
    """Request a file of a kind of KINDS in a format of FORMATS; the id of the export, which is PENDING.

    Raises Invalid if a project that is selected by its id does not exist, or none is selected. `every_result`: not
    only the latest of each project. `as_of`: the time at which records were stored as they are wanted, see parse_as_of;
    raises Invalid where it is none, or for another kind.
    """
    projects = None if selection.is_all else selected_ids(session, principal, selection)
    export = Export(
        user_id=principal.user_id,
        kind=kind,
        format=format,
        projects=projects,
        every_result=every_result,
        as_of=None if as_of is None else time_of(session, kind, as_of),
        request_id=request_id,
    )
    session.add(export)
    session.flush()
    session.execute(select(func.pg_notify(CHANNEL, str(export.id))))
    return export.id


def time_of(session: Session, kind: str, as_of: str) -> datetime:
    """The time of `as_of`; raises Invalid."""
    if kind != RECORDS:
        raise Invalid({"as_of": [ONLY_RECORDS.format(kind)]})
    return parse_as_of(session, as_of)


def selected_ids(session: Session, principal: Principal, selection: Selection) -> list[int]:
    """The ids of the selected projects that the principal can see, ascending; raises Invalid."""
    selection.require_all(session, principal)
    projects = select(Project.id).where(selection.condition, visible(principal, Project))
    ids = list(session.scalars(projects.order_by(Project.id)))
    if not ids:
        raise selection.invalid([NO_PROJECTS])
    return ids


def newest_exports(session: Session, principal: Principal, limit: int) -> Sequence[Row[Export, str]]:
    """The newest exports that the principal can see, each with the name of the user who requested it."""
    exports = select(Export, User.name).join(User, User.id == Export.user_id).where(visible(principal, Export))
    return session.execute(exports.order_by(Export.id.desc()).limit(limit)).all()


def export_file(session: Session, principal: Principal, id: int) -> ExportFile:
    """The file of an export; raises NotFound, and Conflict where there is no file: not yet, or not at all."""
    export = find(session, principal, Export, id)
    if export.status == FAILED:
        raise Conflict(f"Export {id} FAILED and has no file: {export.message}")
    if export.status != SUCCESS:
        raise Conflict(f"Export {id} is {export.status}; its file is there when it is {SUCCESS}.")
    name = f"eeds-{export.kind}-{export.updated:%Y-%m-%dT%H%M%SZ}-{id}.{export.format}"
    return ExportFile(name, MEDIA_TYPES[export.format], export.bytes or 0, content(session, id))


def delete_export(session: Session, principal: Principal, id: int) -> None:
    """Delete an export and its file, also while it is being built; raises NotFound."""
    deleted = delete(Export).where(Export.id == id, changeable(principal, Export)).returning(Export.id)
    if session.scalar(deleted) is None:
        raise NotFound
