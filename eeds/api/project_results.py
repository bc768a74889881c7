"""/api/v1/project_results/: what the meter found, with everything below it."""

from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import Row

from eeds.api.project_result_parts import result_part_views
from eeds.db.tables import Project, ProjectResult
from eeds.jobs.stale_results import REASONS
from eeds.runs.results.nested import nested
from eeds.web.context import session
from eeds.web.rest import filters
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Char, Pk
from eeds.web.rest.filters import Args
from eeds.web.rest.project_filters import of_chosen_projects
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema


class ModelingPeriodSchema(Schema):
    """The baseline or the reporting period."""

    id = fields.Integer()
    interpretation = fields.String(metadata={"enum": ["BASELINE", "REPORTING"]})
    start_date = fields.DateTime(allow_none=True)
    end_date = fields.DateTime(allow_none=True)


class ModelingPeriodGroupSchema(Schema):
    """A baseline and the reporting period compared with it."""

    id = fields.Integer()
    baseline_period = fields.Integer()
    reporting_period = fields.Integer()


class DerivativeAggregationSchema(Schema):
    """A derivative summed over the traces of an interpretation, in kWh; upper and lower are distances to the bounds."""

    id = fields.Integer()
    modeling_period_group = fields.Integer()
    trace_interpretation = fields.String()
    interpretation = fields.String()
    baseline_value = fields.Float(allow_none=True)
    baseline_upper = fields.Float(allow_none=True)
    baseline_lower = fields.Float(allow_none=True)
    baseline_n = fields.Integer(allow_none=True)
    reporting_value = fields.Float(allow_none=True)
    reporting_upper = fields.Float(allow_none=True)
    reporting_lower = fields.Float(allow_none=True)
    reporting_n = fields.Integer(allow_none=True)


class DerivativeSchema(Schema):
    """A number computed from one model, in the trace's unit; upper and lower are distances to the bounds."""

    id = fields.Integer()
    interpretation = fields.String()
    value = fields.Float(allow_none=True)
    upper = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True)
    n = fields.Integer(allow_none=True)


class EnergyTraceModelResultSchema(Schema):
    """The model of one trace in one period, or in `status` why there is none; upper and lower are the distance of one
    measured day from its prediction."""

    id = fields.Integer()
    project_result = fields.Integer()
    energy_trace = fields.Integer()
    modeling_period = fields.Integer()
    derivatives = fields.List(fields.Nested(DerivativeSchema))
    status = fields.String()
    r2 = fields.Float(allow_none=True)
    rmse = fields.Float(allow_none=True)
    cvrmse = fields.Float(allow_none=True)
    model_serializiation = fields.String(allow_none=True)
    upper = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True)
    n = fields.Float(allow_none=True)
    nmbe = fields.Float(allow_none=True, metadata={"description": "Mean bias, measured less predicted, of the mean."})
    nmbe_limit = fields.Float(allow_none=True, metadata={"description": "What ASHRAE Guideline 14 allows, if it does."})
    cvrmse_limit = fields.Float(allow_none=True, metadata={"description": "What ASHRAE Guideline 14 allows."})
    mean_bias = fields.Float(allow_none=True, metadata={"description": "The mean bias a day, in the trace's unit."})
    model = fields.String(allow_none=True, metadata={"description": "Its name, as caltrack billing."})
    flags = fields.List(
        fields.String(),
        allow_none=True,
        metadata={"description": "What was done to the readings of the period, and what is worth a look in them."},
    )


class ProjectResultSchema(ApiSchema):
    """What one run of the meter found."""

    EXAMPLE = {"project": 1, "eemeter_version": "1.2.7"}

    id = fields.Integer(dump_only=True)
    project = Pk(Project, attribute="project_id", required=True)
    eemeter_version = Char(allow_none=True, blank=True)
    meter_class = Char(allow_none=True, blank=True)
    meter_settings = fields.Dict(allow_none=True)
    modeling_periods = fields.List(fields.Nested(ModelingPeriodSchema), dump_only=True)
    modeling_period_groups = fields.List(fields.Nested(ModelingPeriodGroupSchema), dump_only=True)
    derivative_aggregations = fields.List(fields.Nested(DerivativeAggregationSchema), dump_only=True)
    energy_trace_model_results = fields.List(fields.Nested(EnergyTraceModelResultSchema), dump_only=True)
    added = fields.DateTime(dump_only=True)
    updated = fields.DateTime(dump_only=True)
    stale = fields.Boolean(
        dump_only=True, metadata={"description": "Whether what it was computed from has changed: run it again."}
    )
    stale_since = fields.DateTime(dump_only=True, allow_none=True)
    stale_because = fields.List(
        fields.String(validate=validate.OneOf(REASONS)),
        dump_only=True,
        allow_none=True,
        metadata={"description": "What has changed."},
    )
    stale_load = fields.Integer(
        attribute="stale_load_id",
        dump_only=True,
        allow_none=True,
        metadata={"description": "The load that was the first to change its readings, if one did."},
    )


class ProjectResults(Resource):
    """Project results."""

    noun = "project result"
    model = ProjectResult
    schema = ProjectResultSchema
    filters = {
        "projects": filters.ids(ProjectResult.project_id),
        "runs": filters.ids(ProjectResult.project_run_id, "runs"),
        **of_chosen_projects(ProjectResult.project_id),
        "stale": filters.flag(ProjectResult.stale_since.is_not(None)),
    }

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """Results with everything below them: five more statements for all the rows."""
        results = [dict(row._mapping) for row in rows]
        below = nested(session(), [result["id"] for result in results])
        for result in results:
            whole = result | below[result["id"]] | {"stale": result["stale_since"] is not None}
            yield {name: whole[name] for name in ProjectResultSchema._declared_fields}


blueprint = Blueprint("project_results", "What the meter found for a project.")
crud(blueprint, ProjectResults, verbs="list create get put patch delete")
result_part_views(blueprint)
