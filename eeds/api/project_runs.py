"""/api/v1/project_runs/: runs of the meter: requested for one project or many, counted, cancelled, tried again."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import ColumnElement, Row

from eeds.api.project_run_changes import bulk_change_views
from eeds.db.tables import Project, ProjectBlock, ProjectRun
from eeds.formats.id_ranges import format_id_ranges
from eeds.jobs.status import STATUSES
from eeds.meter.setting_fields import setting_properties
from eeds.meter.settings import InvalidSettings, parse_settings
from eeds.projects.selection import Selection
from eeds.runs.changes import cancel_run, retry_run
from eeds.runs.lifecycle import METER_CLASS
from eeds.runs.operations import RequestedRuns, request_run, request_runs
from eeds.runs.progress import LISTED
from eeds.runs.stale_runs import request_stale_runs
from eeds.web.context import principal, request_id, session
from eeds.web.responses import answer
from eeds.web.rest import filters
from eeds.web.rest.blueprint import ID, Blueprint, Detail
from eeds.web.rest.fields import Flag, Pk
from eeds.web.rest.filters import Args
from eeds.web.rest.project_filters import of_chosen_projects
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.selection import (
    SelectionOfProjects,
    require_one_selection,
    selection_by_filter,
    selection_by_group,
    selection_by_names,
    selection_in,
)
from eeds.web.run_progress import FILTERS, progress_of

SETTINGS_OF_STALE = "Stale results are run again with their own settings: leave this out, or stale."
INVALID_METER_CLASS = "Invalid meter_class"
# Keys that clients of the original do not know are answered when they are asked for.
WITH_STATE = "with_state"
STATE = ("waiting_for", "cancelled", "cancelled_by")


def meter_class() -> fields.String:
    """The field for the one meter there is."""
    return fields.String(
        load_default=METER_CLASS,
        validate=validate.OneOf([METER_CLASS], error=INVALID_METER_CLASS),
        error_messages={"null": INVALID_METER_CLASS, "invalid": INVALID_METER_CLASS},
    )


def require_valid_settings(value: dict[str, Any]) -> None:
    """Refuses settings of the meter here rather than when a worker has the run."""
    try:
        parse_settings(value)
    except InvalidSettings as error:
        raise ValidationError(error.messages) from error


def meter_settings() -> fields.Dict:
    """The field for the settings of the meter."""
    described = {"properties": setting_properties(), "description": "How to compute; what is left out is as usual."}
    return fields.Dict(allow_none=True, load_default=None, validate=require_valid_settings, metadata=described)


class ProjectRunSchema(ApiSchema):
    """A run of the meter on a project."""

    EXAMPLE = {"project": 1, "meter_class": "EnergyEfficiencyMeter", "meter_settings": {"model": "daily"}}

    id = fields.Integer(dump_only=True)
    project = Pk(Project, attribute="project_id", required=True)
    meter_class = meter_class()
    meter_settings = meter_settings()
    status = fields.String(dump_only=True, validate=validate.OneOf(STATUSES))
    traceback = fields.String(
        dump_only=True, allow_none=True, metadata={"description": "Why the run failed: a message, then the trace."}
    )
    added = fields.DateTime(dump_only=True)
    updated = fields.DateTime(dump_only=True)


class ProjectRunStateSchema(ProjectRunSchema):
    """With `with_state=True`: what the original did not know of a run, behind what it did."""

    waiting_for = fields.String(
        dump_only=True,
        allow_none=True,
        metadata={"description": "What a PENDING run waits for before a worker is given it: weather that is fetched."},
    )
    cancelled = fields.DateTime(
        dump_only=True, allow_none=True, metadata={"description": "When a run that is FAILED was cancelled."}
    )
    cancelled_by = fields.String(
        dump_only=True, allow_none=True, metadata={"description": "The name of the user who cancelled it."}
    )


class RunsRequestSchema(ApiSchema):
    """A request of a run for each of some projects."""

    EXAMPLE = {"projects": "1+3-5", "meter_settings": {"model": "daily"}}

    projects = SelectionOfProjects()
    project_names = selection_by_names()
    project_block = Pk(ProjectBlock)
    group = selection_by_group()
    filter = selection_by_filter()
    meter_class = meter_class()
    meter_settings = meter_settings()
    stale = Flag(
        load_default=False,
        metadata={
            "description": "Only of the projects whose latest result is stale, each with the settings of that result."
        },
    )

    @validates_schema
    def require_own_settings(self, data: Any, **kwargs: Any) -> None:
        """What is stale is run again as it was."""
        if data.get("stale") and data.get("meter_settings") is not None:
            raise ValidationError({"meter_settings": [SETTINGS_OF_STALE]})

    @validates_schema
    def check_selection(self, data: Any, **kwargs: Any) -> None:
        """Nobody requests thousands of runs by leaving something out."""
        require_one_selection(data)


class RefusedProjectSchema(Schema):
    """A project for which no run was requested."""

    project = fields.Integer()
    project_id = fields.String(allow_none=True, metadata={"description": "null where there is no such project"})
    message = fields.String()


class RequestedRunsSchema(Schema):
    """What became of a request for many runs."""

    ordered = fields.Integer(metadata={"description": "how many runs"})
    runs = fields.String(metadata={"description": "their ids and ranges of ids, as 7-9998+10001"})
    refused = fields.List(fields.Nested(RefusedProjectSchema))


class FailureSchema(Schema):
    """A run that failed."""

    run = fields.Integer()
    project = fields.Integer()
    message = fields.String(metadata={"description": "the first line of its traceback"})


class WaitingSchema(Schema):
    """What some runs wait for."""

    runs = fields.Integer(metadata={"description": "how many"})
    waiting_for = fields.String()


class ProgressSchema(Schema):
    """How far some runs are."""

    total = fields.Integer()
    PENDING = fields.Integer()
    RUNNING = fields.Integer()
    SUCCESS = fields.Integer()
    FAILED = fields.Integer()
    cancelled = fields.Integer(metadata={"description": "how many of those that are FAILED were cancelled"})
    waiting = fields.List(
        fields.Nested(WaitingSchema),
        metadata={"description": f"what PENDING runs wait for, besides a worker; that of most runs, at most {LISTED}"},
    )
    per_minute = fields.Float(allow_none=True, metadata={"description": "runs that ended in the last minute"})
    eta_seconds = fields.Float(
        allow_none=True, metadata={"description": "until all have ended, at that rate; null if it is unknown"}
    )
    failures = fields.List(
        fields.Nested(FailureSchema),
        metadata={"description": f"the newest of those that failed and were not cancelled, at most {LISTED}"},
    )


class ProjectRuns(Resource):
    """Project runs."""

    noun = "project run"
    model = ProjectRun
    schema = ProjectRunSchema
    read_schemas = (ProjectRunSchema, ProjectRunStateSchema)
    filters = {"projects": filters.ids(ProjectRun.project_id), **of_chosen_projects(ProjectRun.project_id)}
    flags = {WITH_STATE: "With what a run waits for, and by whom it was cancelled."}

    def columns(self) -> dict[str, ColumnElement[Any]]:
        """Those of its state too."""
        return {**super().columns(), **{name: getattr(ProjectRun, name) for name in STATE}}

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """The keys of the original, and those of the state where they are asked for."""
        for item in super().represent(rows, args):
            state = {name: item.pop(name) for name in STATE}
            yield {**item, **(state if args.get(WITH_STATE) == "True" else {})}

    def create(self, data: Item) -> int:
        """Request a run; raises Invalid for periods that no run can work with."""
        return request_run(session(), principal(), **data, request_id=request_id())


blueprint = Blueprint("project_runs", "Runs of the meter on projects: PENDING, RUNNING, SUCCESS or FAILED.")
crud(blueprint, ProjectRuns, verbs="list create get")


@blueprint.route("/bulk/", endpoint="ProjectRunBulk")
class ProjectRunBulk(MethodView):
    """Runs for many projects."""

    @blueprint.arguments(RunsRequestSchema)
    @blueprint.response(201, RequestedRunsSchema)
    @blueprint.doc(summary="Request a run for each of many projects")
    def post(self, data: Item) -> Response:
        """In one transaction for all projects that can be run; the others are refused by name. 400 if none can, but not
        where none is stale."""
        requested = requested_runs(selection_in(data), data)
        ids = format_id_ranges(requested.ids)
        return answer({"ordered": len(requested.ids), "runs": ids, "refused": requested.refused}, 201)


def requested_runs(chosen: Selection, data: Item) -> RequestedRuns:
    """Request the runs that a loaded body asks for."""
    if data["stale"]:
        return request_stale_runs(session(), principal(), chosen, request_id=request_id())
    settings, meter_class = data["meter_settings"], data["meter_class"]
    return request_runs(session(), principal(), chosen, settings, meter_class=meter_class, request_id=request_id())


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
        return answer(progress_of(request.args))


bulk_change_views(blueprint)


@blueprint.route(f"/{ID}/cancel/", endpoint="ProjectRunCancellation", parameters=[])
class ProjectRunCancellation(MethodView):
    """The end of a run that is not wanted any more."""

    @blueprint.response(200, ProjectRunSchema)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.alt_response(409, schema=Detail, description="The run has ended.")
    @blueprint.doc(summary="Cancel a project run that has not ended")
    def post(self, id: int) -> Response:
        """It ends FAILED, with who cancelled it; a worker that computes it is stopped within seconds."""
        cancel_run(session(), principal(), id)
        return answer(ProjectRuns(session(), principal()).stored(id, request.args))


@blueprint.route(f"/{ID}/retry/", endpoint="ProjectRunRetry", parameters=[])
class ProjectRunRetry(MethodView):
    """A new attempt at a run that failed."""

    @blueprint.response(200, ProjectRunSchema)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.alt_response(409, schema=Detail, description="The run has not failed.")
    @blueprint.doc(summary="Have a project run that FAILED tried again")
    def post(self, id: int) -> Response:
        """The same run, with its settings, is PENDING again; it is computed from the data of today."""
        retry_run(session(), principal(), id, request_id())
        return answer(ProjectRuns(session(), principal()).stored(id, request.args))
