"""/api/v1/project_runs/: orders to run the meter on a project, and how far they are."""

from flask import Response, request
from flask.views import MethodView
from marshmallow import fields, validate
from sqlalchemy import select

from eeds.accounts.visibility import find
from eeds.api.project_run_progress import progress_view
from eeds.api.project_run_requests import MeterClass, SettingsOfMeter, bulk_view, reversed_message
from eeds.db.tables import Project, ProjectRun, User
from eeds.errors import Conflict, Invalid
from eeds.jobs.status import STATUSES
from eeds.runs import lifecycle as runs
from eeds.web.context import principal, request_id, session
from eeds.web.responses import answer
from eeds.web.rest import filters
from eeds.web.rest.blueprint import ID, Blueprint, Detail
from eeds.web.rest.fields import Pk
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema


class ProjectRunSchema(ApiSchema):
    """An order to run the meter on a project."""

    EXAMPLE = {"project": 1, "meter_class": "EnergyEfficiencyMeter", "meter_settings": {"model": "daily"}}

    id = fields.Integer(dump_only=True)
    project = Pk(Project, attribute="project_id", required=True)
    meter_class = MeterClass()
    meter_settings = SettingsOfMeter()
    status = fields.String(dump_only=True, validate=validate.OneOf(STATUSES))
    traceback = fields.String(
        dump_only=True, allow_none=True, metadata={"description": "Why the run failed: a message, then the trace."}
    )
    added = fields.DateTime(dump_only=True)
    updated = fields.DateTime(dump_only=True)


class ProjectRuns(Resource):
    """Project runs."""

    noun = "project run"
    model = ProjectRun
    schema = ProjectRunSchema
    filters = {"projects": filters.ids(ProjectRun.project_id)}

    def create(self, data: Item) -> int:
        """Order a run; raises Invalid for periods that no run can work with."""
        require_possible_periods(session().get_one(Project, data["project_id"]))
        return runs.create(session(), **data, request_id=request_id())


def require_possible_periods(project: Project) -> None:
    """Raises Invalid if the reporting period starts before the baseline ends."""
    start, end = project.reporting_period_start, project.baseline_period_end
    if start and end and start < end:
        raise Invalid({"project": [reversed_message(project)]})


blueprint = Blueprint("project_runs", "Orders to run the meter on a project: PENDING, RUNNING, SUCCESS or FAILED.")
crud(blueprint, ProjectRuns, verbs="list create get")
bulk_view(blueprint)
progress_view(blueprint)


@blueprint.route(f"/{ID}/cancel/", endpoint="ProjectRunCancellation", parameters=[])
class ProjectRunCancellation(MethodView):
    """The end of a run that is not wanted any more."""

    @blueprint.response(200, ProjectRunSchema)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.alt_response(409, schema=Detail, description="The run has ended.")
    @blueprint.doc(summary="Cancel a project run that has not ended")
    def post(self, id: int) -> Response:
        """It ends FAILED, with who cancelled it; a worker that computes it is stopped within seconds."""
        cancel(id)
        return answer(ProjectRuns(session(), principal()).stored(id, request.args))


def cancel(id: int) -> None:
    """End a run of the asker's, with their name as the reason; raises NotFound, or Conflict if it has ended."""
    found = find(session(), principal(), ProjectRun, id)
    name = session().scalars(select(User.name).where(User.id == principal().user_id)).one()
    if not runs.cancel(session(), id, f"cancelled by {name}"):
        session().refresh(found)
        raise Conflict(f"Run {id} has ended, as {found.status}; there is nothing to cancel.")


@blueprint.route(f"/{ID}/retry/", endpoint="ProjectRunRetry", parameters=[])
class ProjectRunRetry(MethodView):
    """A new attempt at a run that failed."""

    @blueprint.response(200, ProjectRunSchema)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.alt_response(409, schema=Detail, description="The run has not failed.")
    @blueprint.doc(summary="Have a project run that FAILED wait again")
    def post(self, id: int) -> Response:
        """The same run, with its settings, is PENDING again; what it computes is computed from the data of today."""
        retry(id)
        return answer(ProjectRuns(session(), principal()).stored(id, request.args))


def retry(id: int) -> None:
    """Let a run of the asker's wait again; raises NotFound, or Conflict if it has not failed."""
    found = find(session(), principal(), ProjectRun, id)
    if not runs.retry(session(), id, request_id()):
        session().refresh(found)
        raise Conflict(f"Run {id} is {found.status}; only a run that FAILED can be tried again.")
