"""/api/v1/project_runs/ID/cancel/, ID/retry/, bulk/cancel/ and bulk/retry/."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields, validates_schema

from eeds.db.tables import ProjectBlock
from eeds.formats.id_ranges import format_id_ranges
from eeds.runs.changes import (
    WHICH_RUNS,
    ChangedRuns,
    ChosenRuns,
    cancel_runs,
    failures_of_projects,
    retry_runs,
    runs_of_projects,
)
from eeds.web.context import principal, request_id, session
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Pk
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.selection import (
    NAMES,
    RunsById,
    SelectionOfProjects,
    selection_by_filter,
    selection_by_group,
    selection_by_names,
    selection_in,
)


class ChosenRunsSchema(ApiSchema):
    """Some runs: by their ids, or those of projects."""

    EXAMPLE = {"runs": "7-9+11"}

    runs = RunsById()
    projects = SelectionOfProjects()
    project_names = selection_by_names()
    project_block = Pk(ProjectBlock)
    group = selection_by_group()
    filter = selection_by_filter()

    @validates_schema
    def check_selection(self, data: Any, **kwargs: Any) -> None:
        """Nobody changes thousands of runs by leaving something out."""
        if sum(name in data for name in ("runs", *NAMES)) != 1:
            raise ValidationError(WHICH_RUNS)


class CancellationSchema(ChosenRunsSchema):
    """Some runs that are not wanted any more."""

    waiting_only = fields.Boolean(
        load_default=False, metadata={"description": "leave those alone that are RUNNING already"}
    )


class RefusedRunSchema(Schema):
    """A run that was not changed."""

    run = fields.Integer()
    message = fields.String()


class ChangedRunsSchema(Schema):
    """What became of some runs."""

    changed = fields.Integer(metadata={"description": "how many runs were"})
    runs = fields.String(metadata={"description": "their ids and ranges of ids, as 7-9+11"})
    refused = fields.List(
        fields.Nested(RefusedRunSchema),
        metadata={"description": "of the runs named one by one, those that were not, with the reason"},
    )


def chosen_in(data: Mapping[str, Any], of_projects: Callable[..., ChosenRuns]) -> ChosenRuns:
    """The runs that a loaded body asks for, `of_projects` those of projects; raises Invalid for ids of no project."""
    if "runs" in data:
        chosen: ChosenRuns = data["runs"]
        return chosen
    selection = selection_in(data)
    selection.require_all(session(), principal())
    return of_projects(principal(), selection)


def answer_changed(changed: ChangedRuns) -> Response:
    """What became of some runs."""
    refused = [{"run": each.run, "message": each.message} for each in changed.refused]
    return answer({"changed": len(changed.ids), "runs": format_id_ranges(changed.ids), "refused": refused})


def bulk_change_views(blueprint: Blueprint) -> None:
    """The views of many runs."""

    @blueprint.route("/bulk/cancel/", endpoint="ProjectRunBulkCancellation")
    class ProjectRunBulkCancellation(MethodView):
        """The end of many runs that are not wanted any more."""

        @blueprint.arguments(CancellationSchema)
        @blueprint.response(200, ChangedRunsSchema)
        @blueprint.doc(summary="Cancel many project runs that have not ended")
        def post(self, data: dict[str, Any]) -> Response:
            """The runs that `runs` names, or all of the projects. Those that have ended stay as they are."""
            chosen = chosen_in(data, runs_of_projects)
            return answer_changed(cancel_runs(session(), principal(), chosen, waiting_only=data["waiting_only"]))

    @blueprint.route("/bulk/retry/", endpoint="ProjectRunBulkRetry")
    class ProjectRunBulkRetry(MethodView):
        """New attempts at many runs that failed."""

        @blueprint.arguments(ChosenRunsSchema)
        @blueprint.response(200, ChangedRunsSchema)
        @blueprint.doc(summary="Have many project runs that FAILED tried again")
        def post(self, data: dict[str, Any]) -> Response:
            """The runs that `runs` names, or the latest of each of the projects unless it was cancelled. Those that are
            not FAILED stay as they are."""
            chosen = chosen_in(data, failures_of_projects)
            return answer_changed(retry_runs(session(), principal(), chosen, request_id()))
