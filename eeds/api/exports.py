"""/api/v1/exports/: files of results, savings, months, diagnostics and records, which a worker builds."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response
from flask.views import MethodView
from marshmallow import fields, validate, validates_schema
from sqlalchemy import ColumnElement, Row, case

from eeds.db.tables import Export, ProjectBlock
from eeds.exports.kinds import CSV, FORMATS, KEPT, KINDS, MEDIA_TYPES
from eeds.exports.operations import delete_export, request_export
from eeds.formats.id_ranges import format_id_ranges
from eeds.jobs.status import FAILED, STATUSES, SUCCESS
from eeds.web.context import principal, request_id, session
from eeds.web.downloads import export_download
from eeds.web.rest import filters
from eeds.web.rest.blueprint import ID, Blueprint, Detail
from eeds.web.rest.fields import Choice, Flag, Parsed, Pk
from eeds.web.rest.filters import Args
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.selection import (
    SelectionOfProjects,
    require_at_most_one_selection,
    selection_by_filter,
    selection_by_group,
    selection_by_names,
    selection_in,
)


class AsOf(Parsed, fields.DateTime):
    """A time of the history of readings, as it was written: the history says whether it is one."""

    def parse(self, value: Any) -> str:
        """The text."""
        return str(value)


class ExportSchema(ApiSchema):
    """A file for download. Of all projects that you can see, unless some are named."""

    EXAMPLE = {"kind": "results", "format": "csv", "projects": "all"}

    id = fields.Integer(dump_only=True)
    user = fields.Integer(dump_only=True, attribute="user_id")
    kind = Choice(KINDS, required=True)
    format = Choice(FORMATS, load_default=CSV)
    projects = SelectionOfProjects()
    project_names = selection_by_names()
    project_block = Pk(ProjectBlock, load_only=True)
    group = selection_by_group()
    filter = selection_by_filter()
    every_result = Flag(load_default=False, metadata={"description": "Not only the latest result of each project."})
    as_of = AsOf(
        allow_none=True,
        load_default=None,
        metadata={"description": "Of records: as they were stored at this time; null: when the file is built."},
    )
    status = fields.String(dump_only=True, validate=validate.OneOf(STATUSES))
    message = fields.String(dump_only=True, allow_none=True, metadata={"description": "Why there is no file."})
    rows_done = fields.Integer(dump_only=True)
    rows_total = fields.Integer(dump_only=True, allow_none=True, metadata={"description": "null: not yet counted"})
    bytes = fields.Integer(dump_only=True, allow_none=True, metadata={"description": "null: the file is not whole"})
    started = fields.DateTime(dump_only=True, allow_none=True)
    expires = fields.DateTime(dump_only=True, allow_none=True, metadata={"description": "When it is deleted."})
    added = fields.DateTime(dump_only=True)
    updated = fields.DateTime(dump_only=True)

    @validates_schema
    def check_selection(self, data: Any, **kwargs: Any) -> None:
        """Two would have to agree."""
        require_at_most_one_selection(data)


class Exports(Resource):
    """Exports."""

    noun = "export"
    model = Export
    schema = ExportSchema
    filters = {
        "kind": filters.choices(Export.kind, KINDS),
        "status": filters.choices(Export.status, STATUSES),
    }

    def columns(self) -> dict[str, ColumnElement[Any]]:
        """`expires` at its place among the keys."""
        ended = Export.status.in_([SUCCESS, FAILED])
        columns = {**super().columns(), "expires": case((ended, Export.updated + KEPT))}
        return {name: columns[name] for name in self.schema._declared_fields if name in columns}

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """The projects as they may be asked for again."""
        for item in super().represent(rows, args):
            ids = item["projects"]
            yield {**item, "projects": "all" if ids is None else format_id_ranges(ids)}

    def create(self, data: Item) -> int:
        """Request an export; raises Invalid if it names what is not there."""
        return request_export(
            session(),
            principal(),
            data["kind"],
            data["format"],
            selection_in(data),
            every_result=data["every_result"],
            as_of=data["as_of"],
            request_id=request_id(),
        )

    def delete(self, id: int) -> None:
        """Delete an export, also while it is being built."""
        delete_export(session(), principal(), id)


blueprint = Blueprint(
    "exports", "Files of results, savings, months, diagnostics or records; a worker builds them, a day later they go."
)
crud(blueprint, Exports, verbs="list create get delete")


@blueprint.route(f"/{ID}/file/", endpoint="ExportFile", offers=MEDIA_TYPES, parameters=[])
class ExportFile(MethodView):
    """The file that a worker has built."""

    @blueprint.response(200)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.alt_response(409, schema=Detail, description="The file is not there: not yet, or not at all.")
    @blueprint.doc(
        summary="Download the file of an export",
        responses={
            200: {
                "description": "The file.",
                "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()},
            }
        },
    )
    def get(self, id: int) -> Response:
        """In the format that was asked for, under a name that says its kind and when it was built."""
        return export_download(id)
