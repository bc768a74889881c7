"""POST /api/v1/project_runs/bulk/: a run for each of many projects, in one request and a few statements."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import ColumnElement, false, func, or_, select, true

from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.tables import Project, ProjectBlock, ProjectBlockProject
from eeds.errors import Invalid
from eeds.formats.messages import invalid_pk, not_a_pk
from eeds.formats.values import parse_int
from eeds.meter.settings import InvalidSettings, parse_settings
from eeds.runs import lifecycle as runs
from eeds.web.context import principal, request_id, session
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Pk
from eeds.web.rest.filters import as_ranges, id_range
from eeds.web.rest.schemas import ApiSchema, unknown_keys

INVALID_METER_CLASS = "Invalid meter_class"
WHICH = "Say which projects: either projects, as 1+3-5, a list of ids or all, or project_block."
NO_PROJECTS = "There are no such projects."


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


@dataclass(frozen=True)
class Selection:
    """Projects: the condition that they meet, and those that were named one by one, so that each has to be there."""

    condition: ColumnElement[bool]
    named: frozenset[int] = frozenset()
    is_all: bool = False


class SelectionOfProjects(fields.Field[Selection]):
    """`all`, ids and ranges of ids as 1+3-5, or a list of ids."""

    def __init__(self) -> None:
        forms = [{"type": "string", "examples": ["all", "1+3-5"]}, {"type": "array", "items": {"type": "integer"}}]
        super().__init__(metadata={"anyOf": forms, "description": "`all`, `1+3-5`, or a list of ids."})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Selection:
        if value == "all":
            return Selection(true(), is_all=True)
        if isinstance(value, str):
            return self.of_text(value.replace("+", " ").split())
        return self.of_ids(value if isinstance(value, list) else [value])

    def of_ids(self, value: list[Any]) -> Selection:
        """Ids one by one."""
        ids = [parse_int(item) for item in value]
        for id, item in zip(ids, value, strict=True):
            if id is None:
                raise ValidationError(not_a_pk(item))
        named = frozenset(id for id in ids if id is not None)
        return Selection(among(Project.id, named), named)

    def of_text(self, parts: list[str]) -> Selection:
        """Ids and ranges of ids, which select what there is."""
        if not parts:
            raise ValidationError(WHICH)
        ids = self.of_ids([part for part in parts if "-" not in part[1:]])
        try:
            ranges = [id_range(Project.id, part) for part in parts if "-" in part[1:]]
        except Invalid as error:
            raise ValidationError(error.messages["projects"]) from error  # type: ignore[call-overload]
        return Selection(or_(ids.condition, *ranges), ids.named)


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
            selected = selection(data)
            ids = order(selected, data["meter_class"], data["meter_settings"])
            refused = [*unknown(selected), *impossible(selected)]
            if not ids:
                field = "project_block" if "project_block" in data else "projects"
                raise Invalid({field: [in_words(project) for project in refused] or [NO_PROJECTS]})
            return answer({"ordered": len(ids), "runs": as_ranges(ids), "refused": refused}, 201)


def selection(data: dict[str, Any]) -> Selection:
    """The projects that a body asks for."""
    if "projects" in data:
        chosen: Selection = data["projects"]
        return chosen
    link = ProjectBlockProject
    members = select(link.project_id).where(link.project_block_id == data["project_block"])
    return Selection(Project.id.in_(members))


def order(selected: Selection, meter_class: str, meter_settings: dict[str, Any] | None) -> list[int]:
    """The ids of the new runs, one for each of the projects that the asker can see and that have possible periods."""
    projects = select(Project.id).where(selected.condition, visible(principal(), Project), ~periods_reversed())
    return runs.create_many(session(), projects.order_by(Project.id), meter_class, meter_settings, request_id())


def in_words(refused: dict[str, Any]) -> str:
    """Why a project has no run, where there is but one text to say it in."""
    message: str = refused["message"]
    return message if refused["project_id"] is None else f"{refused['project_id']}: {message}"


def unknown(selected: Selection) -> Iterator[dict[str, Any]]:
    """Why nothing was ordered for ids that name nothing the asker can see."""
    for id in sorted(unknown_keys(Project, set(selected.named))):
        yield {"project": id, "project_id": None, "message": invalid_pk(id)}


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
