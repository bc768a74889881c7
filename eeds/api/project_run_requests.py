"""POST /api/v1/project_runs/bulk/: a run for each of many projects, in one request and a few statements."""

from collections.abc import Iterator
from typing import Any

from flask import Response
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import ColumnElement, false, func, select

from eeds.accounts.visibility import visible
from eeds.db.tables import Project, ProjectBlock
from eeds.formats.id_ranges import format_id_ranges
from eeds.formats.messages import invalid_pk
from eeds.meter.settings import InvalidSettings, parse_settings
from eeds.projects.selection import NO_PROJECTS, WHICH, Selection
from eeds.runs import lifecycle as runs
from eeds.web.context import principal, request_id, session
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Pk
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.selection import SelectionOfProjects, selection_in

INVALID_METER_CLASS = "Invalid meter_class"


class MeterClass(fields.String):
    """The one meter there is."""

    def __init__(self) -> None:
        super().__init__(
            load_default=runs.METER_CLASS,
            validate=validate.OneOf([runs.METER_CLASS], error=INVALID_METER_CLASS),
            error_messages={"null": INVALID_METER_CLASS, "invalid": INVALID_METER_CLASS},
        )


class SettingsOfMeter(fields.Dict):
    """The settings of the meter, refused here rather than when the run has waited its turn."""

    def __init__(self) -> None:
        super().__init__(allow_none=True, load_default=None)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            parse_settings(super()._deserialize(value, attr, data, **kwargs))  # type: ignore[no-untyped-call]
        except InvalidSettings as error:
            raise ValidationError(error.messages) from error
        return value


class BulkOrderSchema(ApiSchema):
    """An order of a run for each of some projects."""

    EXAMPLE = {"projects": "1+3-5", "meter_settings": {"model": "daily"}}

    projects = SelectionOfProjects()
    project_block = Pk(ProjectBlock)
    meter_class = MeterClass()
    meter_settings = SettingsOfMeter()

    @validates_schema
    def require_one_selection(self, data: Any, **kwargs: Any) -> None:
        """Nobody orders thousands of runs by leaving something out."""
        if ("projects" in data) == ("project_block" in data):
            raise ValidationError(WHICH)


class RefusedProjectSchema(Schema):
    """A project for which no run was ordered."""

    project = fields.Integer()
    project_id = fields.String(allow_none=True, metadata={"description": "null where there is no such project"})
    message = fields.String()


class BulkOrderedSchema(Schema):
    """What became of an order of many."""

    ordered = fields.Integer(metadata={"description": "how many runs"})
    runs = fields.String(metadata={"description": "their ids and ranges of ids, as 7-9998+10001"})
    refused = fields.List(fields.Nested(RefusedProjectSchema))


def bulk_view(blueprint: Blueprint) -> None:
    """Give the blueprint `bulk/`."""

    @blueprint.route("/bulk/", endpoint="ProjectRunBulk")
    class ProjectRunBulk(MethodView):
        """Runs for many projects."""

        @blueprint.arguments(BulkOrderSchema)
        @blueprint.response(201, BulkOrderedSchema)
        @blueprint.doc(summary="Order a run for each of many projects")
        def post(self, data: dict[str, Any]) -> Response:
            """Those that can be ordered are, in one transaction; the others are refused by name. 400 if none can."""
            selected = selection_in(data)
            assert selected is not None, "the schema requires one"
            ids = order(selected, data["meter_class"], data["meter_settings"])
            unknown = selected.unknown(session(), principal())
            refused = [{"project": id, "project_id": None, "message": invalid_pk(id)} for id in unknown]
            refused += impossible(selected)
            if not ids:
                raise selected.invalid([in_words(project) for project in refused] or [NO_PROJECTS])
            return answer({"ordered": len(ids), "runs": format_id_ranges(ids), "refused": refused}, 201)


def order(selected: Selection, meter_class: str, meter_settings: dict[str, Any] | None) -> list[int]:
    """The ids of the new runs, one for each of the projects that the asker can see and that have possible periods."""
    projects = select(Project.id).where(selected.condition, visible(principal(), Project), ~periods_reversed())
    return runs.create_many(session(), projects.order_by(Project.id), meter_class, meter_settings, request_id())


def in_words(refused: dict[str, Any]) -> str:
    """Why a project has no run, where there is but one text to say it in."""
    message: str = refused["message"]
    return message if refused["project_id"] is None else f"{refused['project_id']}: {message}"


def impossible(selected: Selection) -> Iterator[dict[str, Any]]:
    """Why nothing was ordered for projects with periods that no run can work with."""
    chosen = select(Project).where(selected.condition, visible(principal(), Project), periods_reversed())
    for project in session().scalars(chosen.order_by(Project.id)):
        yield {"project": project.id, "project_id": project.project_id, "message": reversed_message(project)}


def periods_reversed() -> ColumnElement[bool]:
    """The condition of a project whose reporting period starts before its baseline ends."""
    return func.coalesce(Project.reporting_period_start < Project.baseline_period_end, false())


def reversed_message(project: Project) -> str:
    """What to say of such a project."""
    start, end = project.reporting_period_start, project.baseline_period_end
    return f"reporting_period_start {start:%Y-%m-%d} is before baseline_period_end {end:%Y-%m-%d}."
