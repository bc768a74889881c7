"""POST /api/v1/projects/upload/: a table of projects with their attributes, stored whole or not at all."""

import io
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import Request, Response, request
from flask.views import MethodView
from marshmallow import Schema, fields, validate

from eeds.errors import Invalid
from eeds.formats.media_types import CSV, JSON
from eeds.formats.values import parse_int
from eeds.projects.upload import MAX_ROWS, MEDIA_TYPES, ProjectUpload, upload_projects
from eeds.projects.upload_rows import Problem, TableRefused
from eeds.records.history.finished import PROJECTS, finish
from eeds.records.refusals import Counts
from eeds.records.refused_rows import LISTED, write_refused_rows
from eeds.web.context import may_read, principal, session, settings
from eeds.web.negotiation import media_type
from eeds.web.requests import UnsupportedBody, unpacked_body
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint, batch_refused
from eeds.web.rest.sync2 import (
    BINARY,
    OutcomesSchema,
    ReasonSchema,
    flag_in,
    flag_parameter,
    query_parameter,
    reason_item,
    refused_rows,
)

PARAMETERS = [
    query_parameter("owner", "The id of the project owner; needed if you can see several.", type="integer"),
    flag_parameter("dry_run", "`true`: check, count and list what would change, but store nothing."),
    flag_parameter("attributes", "`false`: make no attributes of columns that are no field of a project."),
    flag_parameter("rows", "`true`: say of each row of the table what became of it."),
    query_parameter("file_name", "Of the file in the body, for the list of loads.", type="string"),
]
LINE = {"description": "In a CSV file; of an Arrow stream or Parquet file, the row, from 1."}


class ChangeSchema(Schema):
    """A field or an attribute of a stored project that the table changes."""

    project_id = fields.String()
    field = fields.String()
    before = fields.Raw(allow_none=True, metadata={"description": "Not for tokens that may not read."})
    after = fields.Raw(allow_none=True)


class RepairSchema(Schema):
    """A cell that is read as something else than it says: a ZIP code without its zeros, a number with separators."""

    line = fields.Integer(metadata=LINE)
    field = fields.String(metadata={"description": "The column, as the table names it."})
    before = fields.String()
    after = fields.String()


class UploadedRowSchema(Schema):
    """What became of a row."""

    line = fields.Integer(metadata=LINE)
    project_id = fields.String()
    status = fields.String(validate=validate.OneOf(["created", "updated", "unchanged"]))


class ProblemSchema(ReasonSchema):
    """What is wrong with a row."""

    line = fields.Integer(metadata=LINE)


class UploadedProjectsSchema(Schema):
    """A table that was stored."""

    status = fields.String(validate=validate.Equal("success"))
    projects = fields.Nested(OutcomesSchema)
    attributes = fields.Nested(OutcomesSchema, metadata={"description": "Values of attributes."})
    new_attributes = fields.Dict(fields.String(), fields.String(), metadata={"description": "Data types by name."})
    ignored_columns = fields.List(fields.String())
    changes = fields.List(fields.Nested(ChangeSchema), metadata={"description": "The first 100."})
    repairs = fields.List(fields.Nested(RepairSchema), metadata={"description": "The first 100."})
    repair_count = fields.Integer()
    warnings = fields.List(fields.Nested(ProblemSchema), metadata={"description": "The first 100."})
    warning_count = fields.Integer()
    dry_run = fields.Boolean(metadata={"description": "True: nothing was stored."})
    rows = fields.List(fields.Nested(UploadedRowSchema), metadata={"description": "With rows=true."})


class RefusedProjectsSchema(Schema):
    """A table of which nothing was stored."""

    status = fields.String(validate=validate.Equal("error"))
    message = fields.String(metadata={"example": "3 of 250 projects refused, none stored"})
    error_count = fields.Integer()
    errors = fields.List(fields.Nested(ProblemSchema), metadata={"description": "The first 100."})


def upload_view(blueprint: Blueprint) -> None:
    """Give the blueprint of projects the view `upload/`."""

    class ProjectUploadView(MethodView):
        @blueprint.response(200, UploadedProjectsSchema)
        @blueprint.alt_response(413, description=f"More than EEDS_MAX_UPLOAD_MB, or than {MAX_ROWS:,} rows.")
        @blueprint.doc(
            parameters=PARAMETERS,
            responses={"400": batch_refused(RefusedProjectsSchema(), "Some were refused, so none was stored.")},
            summary="Create or update the projects of a table, and their attributes",
            requestBody={"required": True, "content": dict.fromkeys(MEDIA_TYPES, BINARY)},
        )
        def post(self) -> Response:
            try:
                return answer(stored_answer(upload_request(request)))
            except TableRefused as error:
                return refused_table(error) if media_type() == CSV else answer(refused_answer(error), 400)

    blueprint.route("/upload/", endpoint="ProjectUpload", offers={"json": JSON, "csv": CSV})(ProjectUploadView)


def upload_request(request: Request) -> ProjectUpload:
    """Load the table in the body; raises Invalid for the query, UnsupportedBody, and as upload_projects does."""
    sent_as = request.mimetype or CSV
    if sent_as not in MEDIA_TYPES:
        raise UnsupportedBody(request.content_type or "")
    dry_run, with_attributes = flag_in(request, "dry_run"), flag_in(request, "attributes", default=True)
    owner = owner_in_query()
    with unpacked_body(request, settings().max_upload_mb * 2**20) as body:
        uploaded = upload_projects(
            session(), principal(), sent_as, body, owner=owner, with_attributes=with_attributes, dry_run=dry_run
        )
    if not dry_run:
        finish(session(), principal(), PROJECTS, Counts(**uploaded.projects))
    return uploaded


def owner_in_query() -> int | None:
    """The id in the query, None if there is none; raises Invalid."""
    sent = request.args.get("owner")
    owner = parse_int(sent)
    if sent is not None and owner is None:
        raise Invalid({"owner": ["A valid integer is required."]})
    return owner


def stored_answer(uploaded: ProjectUpload) -> dict[str, Any]:
    """The answer for a table that was stored, or would have been."""
    result = {"status": "success", **vars(uploaded)}
    if not may_read():
        result["changes"] = [{"project_id": x.project_id, "field": x.field, "after": x.after} for x in uploaded.changes]
    if flag_in(request, "dry_run"):
        result["dry_run"] = True
    if not flag_in(request, "rows"):
        del result["rows"]
    return result


def refused_answer(error: TableRefused) -> dict[str, Any]:
    """The answer for a table that was refused; the counts are exact, the first problems are listed."""
    errors = [reason_item({"line": problem.line}, problem) for problem in error.problems[:LISTED]]
    return {"status": "error", "message": str(error), "error_count": len(error.problems), "errors": errors}


def refused_table(error: TableRefused) -> Response:
    """The refused rows in their own columns, each with its line and what is wrong with it."""
    names, cells = error.table.names, dict(zip(error.table.lines, error.table.rows, strict=True))
    rows = [
        (line, [*cells[line], *[""] * (len(names) - len(cells[line]))], [*map(describe_problem, problems)])
        for line, problems in groupby(error.problems, attrgetter("line"))
    ]
    file = io.BytesIO()
    write_refused_rows(file, names, rows)
    return refused_rows(file, 400)


def describe_problem(problem: Problem) -> str:
    """What is wrong with a row because of one of its values."""
    return f"{problem.field}: {problem.message} ({problem.value!r})" if problem.field else problem.message
