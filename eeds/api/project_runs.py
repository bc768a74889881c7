"""/api/v1/project_runs/: orders to run the meter on a project, and how far they are."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from eeds import runs
from eeds.api import filters
from eeds.api.blueprint import Blueprint
from eeds.api.context import request_id, session
from eeds.api.fields import Pk
from eeds.api.resource import Item, Resource, crud
from eeds.api.schemas import ApiSchema
from eeds.errors import Invalid
from eeds.meter.settings import InvalidSettings, parse_settings
from eeds.tables import RUN_STATUSES, Project, ProjectRun

INVALID_METER_CLASS = "Invalid meter_class"


class SettingsOfMeter(fields.Dict):
    """The settings of the meter, refused here rather than when the run has waited its turn."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            parse_settings(super()._deserialize(value, attr, data, **kwargs))  # type: ignore[no-untyped-call]
        except InvalidSettings as error:
            raise ValidationError(error.messages) from error
        return value


class ProjectRunSchema(ApiSchema):
    """An order to run the meter on a project."""

    EXAMPLE = {"project": 1, "meter_class": "EnergyEfficiencyMeter", "meter_settings": {"model": "daily"}}

    id = fields.Integer(dump_only=True)
    project = Pk(Project, attribute="project_id", required=True)
    meter_class = fields.String(
        load_default=runs.METER_CLASS,
        validate=validate.OneOf([runs.METER_CLASS], error=INVALID_METER_CLASS),
        error_messages={"null": INVALID_METER_CLASS, "invalid": INVALID_METER_CLASS},
    )
    meter_settings = SettingsOfMeter(allow_none=True, load_default=None)
    status = fields.String(dump_only=True, validate=validate.OneOf(RUN_STATUSES))
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
        message = f"reporting_period_start {start:%Y-%m-%d} is before baseline_period_end {end:%Y-%m-%d}."
        raise Invalid({"project": [message]})


blueprint = Blueprint("project_runs", "Orders to run the meter on a project: PENDING, RUNNING, SUCCESS or FAILED.")
crud(blueprint, ProjectRuns(), verbs="list create get")
