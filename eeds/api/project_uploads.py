"""POST /api/v1/projects/upload/: a table of projects with their attributes, stored whole or not at all."""

import csv
import io
from collections.abc import Iterable
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
OWNER = {
    "in": "query",
    "name": "owner",
    "description": "The id of the project owner; needed if you can see several.",
    "schema": {"type": "integer"},
}
PARAMETERS = [
    OWNER,
    *({"in": "query", "name": name, "description": text, "schema": FLAG} for name, text in FLAGS.items()),
]


class OutcomesSchema(Schema):
    """How many became what."""

    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()


class NewAttributeSchema(Schema):
    """An attribute that the datastore did not have before."""

    name = fields.String()
    data_type = fields.String()


class ChangeSchema(Schema):
    """A field or an attribute of a stored project that the table changes."""

    project_id = fields.String()
    field = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class UploadedRowSchema(Schema):
    """What became of a row."""

    line = fields.Integer(metadata={"description": "In a CSV file; of an Arrow or Parquet file, the row from 1."})
    project_id = fields.String()
    status = fields.String(validate=validate.OneOf(["created", "updated", "unchanged"]))


class UploadedProjectsSchema(Schema):
    """A table that was stored."""

    status = fields.String(validate=validate.Equal("success"))
    projects = fields.Nested(OutcomesSchema)
    attributes = fields.Nested(OutcomesSchema, metadata={"description": "Values of attributes."})
    new_attributes = fields.List(fields.Nested(NewAttributeSchema))
    ignored_columns = fields.List(fields.String())
    changes = fields.List(fields.Nested(ChangeSchema), metadata={"description": "The first 100."})
    dry_run = fields.Boolean(metadata={"description": "True: nothing was stored."})
    rows = fields.List(fields.Nested(UploadedRowSchema), metadata={"description": "With rows=true."})


class ProblemSchema(Schema):
    """What is wrong with a row."""

    line = fields.Integer(metadata={"description": "In a CSV file; of an Arrow or Parquet file, the row from 1."})
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
    """The answer for a table that was stored."""
    result: dict[str, Any] = {
        "status": "success",
        "projects": uploaded.projects,
        "attributes": uploaded.attributes,
        "new_attributes": [{"name": name, "data_type": kind} for name, kind in uploaded.new_attributes.items()],
        "ignored_columns": uploaded.ignored_columns,
        "changes": uploaded.changes,
    }
    if flag("dry_run"):
        result["dry_run"] = True
    if flag("rows"):
        result["rows"] = [
            {"line": line, "project_id": project_id, "status": status} for line, project_id, status in uploaded.rows
        ]
    return result


def refusal(error: TableRefused) -> dict[str, Any]:
    """The answer for a table that was refused; the counts are exact, the first problems are listed."""
    problems = [
        {"line": each.line, "field": each.column, "value": shown(each.value), "message": each.message}
        for each in error.problems[:MAX_ERRORS]
    ]
    return {"status": "error", "message": str(error), "error_count": len(error.problems), "errors": problems}


def refused_rows(error: TableRefused) -> Response:
    """The refused rows in their own columns, each with its line and what is wrong with it."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["line", *error.table.names, "error"])
    problems: dict[int, list[Problem]] = {}
    for problem in error.problems:
        problems.setdefault(problem.line, []).append(problem)
    for line, cells in zip(error.table.lines, error.table.rows, strict=True):
        if line in problems:
            padded = [*cells, *[""] * (len(error.table.names) - len(cells))]
            lines.writerow([line, *map(cell, padded), reasons(problems[line])])
    response = Response(text.getvalue().encode(), 400, mimetype=CSV)
    response.headers["Content-Disposition"] = 'attachment; filename="refused.csv"'
    return response


def reasons(problems: Iterable[Problem]) -> str:
    """What is wrong with a row, in one cell."""
    return "; ".join(
        f"{each.column}: {each.message} ({each.value!r})" if each.column else each.message for each in problems
    )
