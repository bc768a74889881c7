"""GET /api/v1/project_runs/progress/: how far many runs are, counted where they are stored."""

from typing import Any

from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema, fields
from sqlalchemy import ColumnElement, Double, Row, Select, cast, func, select

from eeds.accounts.visibility import visible
from eeds.db.tables import ProjectRun
from eeds.formats.timestamps import parse_instant
from eeds.jobs.status import FAILED, PENDING, RUNNING, STATUSES, SUCCESS
from eeds.web.context import principal, session
from eeds.web.responses import answer
from eeds.web.rest import filters
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.filters import Args, Filter, conditions

LISTED = 20
# The rate is that of the last minute, so that it follows when workers come or go.
WINDOW_SECONDS = 60.0

COLUMNS = (
    ProjectRun.id,
    ProjectRun.project_id,
    ProjectRun.status,
    ProjectRun.traceback,
    ProjectRun.started,
    ProjectRun.updated,
)
FILTERS = {
    "projects": filters.ids(ProjectRun.project_id),
    "runs": filters.ids(ProjectRun.id, "runs"),
    "since": Filter(
        lambda values: ProjectRun.added >= parse_instant(values[-1]),
        "Runs ordered at this time or later, ISO 8601.",
        {"type": "string", "format": "date-time"},
    ),
}


class FailureSchema(Schema):
    """A run that failed."""

    run = fields.Integer()
    project = fields.Integer()
    message = fields.String(metadata={"description": "the first line of its traceback"})


class ProgressSchema(Schema):
    """How far some runs are."""

    total = fields.Integer()
    PENDING = fields.Integer()
    RUNNING = fields.Integer()
    SUCCESS = fields.Integer()
    FAILED = fields.Integer()
    per_minute = fields.Float(allow_none=True, metadata={"description": "runs that ended in the last minute"})
    eta_seconds = fields.Float(
        allow_none=True, metadata={"description": "until all have ended, at that rate; null if it is unknown"}
    )
    failures = fields.List(
        fields.Nested(FailureSchema), metadata={"description": f"the newest of those that failed, at most {LISTED}"}
    )


def progress_view(blueprint: Blueprint) -> None:
    """Give the blueprint `progress/`."""

    @blueprint.route("/progress/", endpoint="ProjectRunProgress")
    class ProjectRunProgress(MethodView):
        """Progress of many runs."""

        @blueprint.response(200, ProgressSchema)
        @blueprint.doc(
            summary="Count runs by status, with the rate at which they end",
            parameters=[known.document(name) for name, known in FILTERS.items()],
        )
        def get(self) -> Response:
            """Of the runs that `runs` names; without it, of the latest run of each project."""
            return answer(represent(session().execute(progress(request.args)).one()))


def represent(row: Row[Any]) -> dict[str, Any]:
    """The answer."""
    counts = {status: getattr(row, status) for status in STATUSES}
    unfinished = counts[PENDING] + counts[RUNNING]
    per_minute = row.ended / row.seconds * 60 if row.ended else None
    return {
        "total": sum(counts.values()),
        **counts,
        "per_minute": per_minute,
        "eta_seconds": 0.0 if not unfinished else unfinished / per_minute * 60 if per_minute else None,
        "failures": row.failures or [],
    }


def progress(args: Args) -> Select[Any]:
    """The one row that says it all."""
    chosen = select(*COLUMNS).where(*of_asker(args)).cte("chosen").c
    ended = chosen.status.in_([SUCCESS, FAILED]) & chosen.started.is_not(None) & (chosen.updated > ago(WINDOW_SECONDS))
    # the first minute is not over yet
    began = func.min(chosen.started).filter(ended | (chosen.status == RUNNING))
    seconds = func.least(WINDOW_SECONDS, func.greatest(1.0, func.extract("epoch", func.clock_timestamp() - began)))
    newest = (
        select(chosen.id, chosen.project_id, func.split_part(chosen.traceback, "\n", 1).label("message"))
        .where(chosen.status == FAILED)
        .order_by(chosen.id.desc())
        .limit(LISTED)
        .subquery()
        .c
    )
    failure = func.json_build_object("run", newest.id, "project", newest.project_id, "message", newest.message)
    columns: list[Any] = [func.count().filter(chosen.status == status).label(status) for status in STATUSES]
    columns += func.count().filter(ended).label("ended"), cast(seconds, Double).label("seconds")
    return select(*columns, select(func.json_agg(failure)).scalar_subquery().label("failures"))


def of_asker(args: Args) -> list[ColumnElement[bool]]:
    """The conditions of the runs to count."""
    asked = [visible(principal(), ProjectRun), *conditions(FILTERS, args)]
    if args.get("runs"):
        return asked
    return [ProjectRun.id.in_(select(func.max(ProjectRun.id)).where(*asked).group_by(ProjectRun.project_id))]


def ago(seconds: float) -> ColumnElement[Any]:
    """That long before now."""
    return func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
