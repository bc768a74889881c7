"""POST /api/v1/projects/upload/: a table of projects with their attributes, stored whole or not at all."""

import csv
import io
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import Request, Response, request
from flask.views import MethodView
from marshmallow import Schema, fields, validate

from eeds.errors import Invalid
from eeds.formats.media_types import CSV, JSON
from eeds.formats.spool import spool
from eeds.formats.values import parse_int
from eeds.projects.upload import MAX_ROWS, MEDIA_TYPES, ProjectUpload, upload_projects
from eeds.projects.upload_rows import Problem, TableRefused
from eeds.records.refusals import cell, shown
from eeds.web.context import principal, session, settings
from eeds.web.negotiation import media_type
from eeds.web.requests import UnsupportedBody, whole_body
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint, batch_refused

MAX_ERRORS = 100  # that are listed
BINARY = {"schema": {"type": "string", "format": "binary"}}
FLAG = {"type": "string", "enum": ["true", "false"]}
FLAGS = {
    "dry_run": "`true`: check, count and list what would change, but store nothing.",
    "attributes": "`false`: make no attributes of columns that are no field of a project.",
    "rows": "`true`: say of each row of the table what became of it.",
}
PARAMETERS = [
    {
        "in": "query",
        "name": "owner",
        "description": "The id of the project owner; needed if you can see several.",
        "schema": {"type": "integer"},
    },
    *({"in": "query", "name": name, "description": text, "schema": FLAG} for name, text in FLAGS.items()),
]
LINE = {"description": "In a CSV file; of an Arrow stream or Parquet file, the row, from 1."}


class OutcomesSchema(Schema):
    """How many became what."""

    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()


class ChangeSchema(Schema):
    """A field or an attribute of a stored project that the table changes."""

    project_id = fields.String()
    field = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class UploadedRowSchema(Schema):
    """What became of a row."""

    line = fields.Integer(metadata=LINE)
    project_id = fields.String()
    status = fields.String(validate=validate.OneOf(["created", "updated", "unchanged"]))


class UploadedProjectsSchema(Schema):
    """A table that was stored."""

    status = fields.String(validate=validate.Equal("success"))
    projects = fields.Nested(OutcomesSchema)
    attributes = fields.Nested(OutcomesSchema, metadata={"description": "Values of attributes."})
    new_attributes = fields.Dict(fields.String(), fields.String(), metadata={"description": "Data types by name."})
    ignored_columns = fields.List(fields.String())
    changes = fields.List(fields.Nested(ChangeSchema), metadata={"description": "The first 100."})
    dry_run = fields.Boolean(metadata={"description": "True: nothing was stored."})
    rows = fields.List(fields.Nested(UploadedRowSchema), metadata={"description": "With rows=true."})


class ProblemSchema(Schema):
    """What is wrong with a row."""

    line = fields.Integer(metadata=LINE)
    field = fields.String(allow_none=True, metadata={"description": "The column, as the table names it."})
    value = fields.Raw(allow_none=True)
    message = fields.String()


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
                uploaded = upload_request(request)
            except TableRefused as error:
                return refused_rows(error) if media_type() == CSV else answer(refusal(error), 400)
            return answer(success(uploaded))

    blueprint.route("/upload/", endpoint="ProjectUpload", offers={"json": JSON, "csv": CSV})(ProjectUploadView)


def upload_request(request: Request) -> ProjectUpload:
    """Load the table in the body; raises Invalid for the query, UnsupportedBody, and as upload_projects does."""
    sent_as = request.mimetype or CSV
    if sent_as not in MEDIA_TYPES:
        raise UnsupportedBody(request.content_type or "")
    dry_run, with_attributes = flag("dry_run"), flag("attributes", default=True)
    owner, encoding = owner_in_query(), request.headers.get("Content-Encoding", "")
    with spool(whole_body(request), encoding, settings().max_upload_mb * 2**20) as body:
        return upload_projects(
            session(), principal(), sent_as, body, owner=owner, with_attributes=with_attributes, dry_run=dry_run
        )


def flag(name: str, *, default: bool = False) -> bool:
    """A flag in the query; raises Invalid."""
    word = request.args.get(name, str(default).lower())
    if word not in ("true", "false"):
        raise Invalid({name: [f'"{word}" is not a valid choice.']})
    return word == "true"


def owner_in_query() -> int | None:
    """The id in the query, None if there is none; raises Invalid."""
    sent = request.args.get("owner")
    owner = parse_int(sent)
    if sent is not None and owner is None:
        raise Invalid({"owner": ["A valid integer is required."]})
    return owner


def success(uploaded: ProjectUpload) -> dict[str, Any]:
    """The answer for a table that was stored, or would have been."""
    result = {"status": "success", **vars(uploaded)}
    if flag("dry_run"):
        result["dry_run"] = True
    if not flag("rows"):
        del result["rows"]
    return result


def refusal(error: TableRefused) -> dict[str, Any]:
    """The answer for a table that was refused; the counts are exact, the first problems are listed."""
    errors = [replace(problem, value=shown(problem.value)) for problem in error.problems[:MAX_ERRORS]]
    return {"status": "error", "message": str(error), "error_count": len(error.problems), "errors": errors}


def refused_rows(error: TableRefused) -> Response:
    """The refused rows in their own columns, each with its line and what is wrong with it."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["line", *error.table.names, "error"])
    rows = dict(zip(error.table.lines, error.table.rows, strict=True))
    for line, problems in groupby(error.problems, attrgetter("line")):
        padded = [*rows[line], *[""] * (len(error.table.names) - len(rows[line]))]
        lines.writerow([line, *map(cell, padded), "; ".join(map(describe_problem, problems))])
    response = Response(text.getvalue().encode(), 400, mimetype=CSV)
    response.headers["Content-Disposition"] = 'attachment; filename="refused.csv"'
    return response


def describe_problem(problem: Problem) -> str:
    """What is wrong with a row because of one of its values."""
    return f"{problem.field}: {problem.message} ({problem.value!r})" if problem.field else problem.message
