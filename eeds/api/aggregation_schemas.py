"""What a request of an aggregation has, and what its answer has."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields, validate, validates_schema

from eeds.db.tables import ProjectBlock
from eeds.db.tables.aggregations import MEMBER_STATUSES
from eeds.formats.values import checked_text
from eeds.runs.aggregations.settings import (
    FSU_THRESHOLDS,
    MONTH,
    parse_energy_unit,
    parse_fsu_threshold,
    parse_fuels,
)
from eeds.runs.portfolio.members import CVRMSE_LIMIT, REASONS
from eeds.web.rest.fields import Char, Flag, Number, Parsed, Pk, WholeNumber
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.selection import (
    SelectionOfProjects,
    require_at_most_one_selection,
    selection_by_filter,
    selection_by_group,
)

MOST_DAYS = 36_525
BOUNDS = "The bounds: the truth is between them with the probability confidence_level; they are no distances."


class FuelList(Parsed, fields.List[str]):
    """Fuels, by words or as results call them."""

    def parse(self, value: Any) -> tuple[str, ...]:
        """Their long names."""
        return parse_fuels(value if isinstance(value, list) else [value])


class EnergyUnit(Parsed, fields.String):
    """A unit of energy."""

    def parse(self, value: Any) -> str:
        """Its name."""
        return parse_energy_unit(value)


class FsuThreshold(Parsed, fields.Float):
    """A share, or what it is for."""

    def parse(self, value: Any) -> float:
        """The share."""
        return parse_fsu_threshold(value)


class GroupBy(Parsed, fields.List[str]):
    """`month`, the name of an attribute, or both."""

    def parse(self, value: Any) -> list[str]:
        """The names, each once."""
        given = value if isinstance(value, list) else [value]
        if not all(isinstance(name, str) and name for name in given):
            raise ValueError("Give the name of an attribute, month, or a list of both.")
        names = list(dict.fromkeys(map(checked_text, given)))
        if len([name for name in names if name != MONTH]) > 1:
            raise ValueError("Give one attribute at most; the sums of two are two aggregations.")
        return names


def number(least: float, most: float, message: str) -> Callable[[float | None], None]:
    """A range whose ends do not belong to it; what is left blank is in it."""
    between = validate.Range(least, most, min_inclusive=False, max_inclusive=False, error=message)

    def check(value: float | None) -> None:
        if value is not None:
            between(value)

    return check


class AggregationRequestSchema(ApiSchema):
    """Which projects are added up, and by which rules. All that you can see, unless some are named."""

    EXAMPLE = {"name": "2024, second quarter", "projects": "all", "unit": "MWh", "group_by": "month"}

    name = Char(blank=True, load_default="", metadata={"description": "For people; may be empty."})
    projects = SelectionOfProjects()
    project_block = Pk(ProjectBlock)
    group = selection_by_group()
    filter = selection_by_filter()
    fuels = FuelList(
        fields.String(),
        load_default=None,
        allow_none=True,
        metadata={"description": "`combined`, `electricity`, `gas` ..., or long names; all there are if left out."},
    )
    unit = EnergyUnit(load_default="kWh", metadata={"description": "kWh, MWh, therm, MMBtu, GJ ..."})
    group_by = GroupBy(
        fields.String(),
        load_default=list,
        metadata={"description": "`month`, the name of an attribute, or a list of both."},
    )
    confidence_level = Number(
        load_default=None,
        allow_none=True,
        validate=number(0, 1, "Give a number above 0 and below 1."),
        metadata={"description": "Of the bounds; the highest of the results if left out."},
    )
    cvrmse_threshold = Number(
        load_default=CVRMSE_LIMIT,
        validate=number(0, 1000, "Give a number above 0 and below 1000; 1 is 100 %."),
        metadata={"description": "Of the baseline models; 1, the recommendation of CalTRACK 4.3.2.1, if left out."},
    )
    fsu_threshold = FsuThreshold(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Of the sums, at 90 %: a share, or "
            + ", ".join(f"`{name}` ({share:.0%})" for name, share in FSU_THRESHOLDS.items())
            + ", which CalTRACK 4.3.2.3 names. It rejects nothing; `fsu_met` says whether it is kept."
        },
    )
    minimum_days = WholeNumber(
        load_default=0,
        validate=validate.Range(0, MOST_DAYS, error=f"Give a whole number from 0 to {MOST_DAYS}."),
        metadata={"description": "Of metered savings that each trace of a fuel has to have."},
    )
    allow_stale = Flag(load_default=False, metadata={"description": "Accept results whose data have changed since."})
    allow_disqualified = Flag(
        load_default=False, metadata={"description": "Accept a fuel some traces of which have no baseline model."}
    )
    store = Flag(load_default=True, metadata={"description": "false: answer it, but keep nothing."})

    @validates_schema
    def check_selection(self, data: Any, **kwargs: Any) -> None:
        """Two would have to agree."""
        require_at_most_one_selection(data)


class SumSchema(Schema):
    """Savings of some projects, with bounds."""

    projects = fields.Integer()
    value = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True, metadata={"description": BOUNDS})
    upper = fields.Float(allow_none=True, metadata={"description": BOUNDS})
    baseline = fields.Float(allow_none=True, metadata={"description": "The use without the retrofits."})
    reporting = fields.Float(
        allow_none=True, metadata={"description": "What was measured instead, or is to be expected in a normal year."}
    )
    percent = fields.Float(allow_none=True, metadata={"description": "value of baseline, in percent"})
    fsu = fields.Float(allow_none=True, metadata={"description": "Fractional savings uncertainty at 90 %."})
    fsu_met = fields.Boolean(allow_none=True, metadata={"description": "Whether fsu is within fsu_threshold."})


class MeteredSumSchema(SumSchema):
    """Metered savings of some projects, with bounds."""

    fractional_bias_error = fields.Float(
        allow_none=True, metadata={"description": "Of CalTRACK 4.3.2.6; null where a mean bias is not known."}
    )


class RealizationSchema(Schema):
    """Normalized savings beside what was predicted, of the projects and fuels that have both."""

    projects = fields.Integer()
    predicted = fields.Float(allow_none=True)
    value = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True, metadata={"description": BOUNDS})
    upper = fields.Float(allow_none=True, metadata={"description": BOUNDS})
    rate = fields.Float(allow_none=True, metadata={"description": "value / predicted"})


class TallySchema(Schema):
    """How many members are accepted and rejected."""

    accepted = fields.Integer()
    rejected = fields.Integer()
    reasons = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "How often each is a reason to reject: " + ", ".join(REASONS) + "."},
    )


class SumsSchema(TallySchema):
    """The sums of the accepted members."""

    metered_savings = fields.Nested(MeteredSumSchema, allow_none=True)
    normalized_savings = fields.Nested(SumSchema, allow_none=True)
    realization = fields.Nested(RealizationSchema, allow_none=True)


class GroupSumsSchema(SumsSchema):
    """The sums of the projects with a value of the attribute."""

    value = fields.String(allow_none=True, metadata={"description": "As text; null: the projects without one."})


class AggregationMonthSchema(Schema):
    """Metered savings of a month, and until its end."""

    month = fields.String(metadata={"description": "As 2014-03."})
    projects = fields.Integer(metadata={"description": "How many report the month."})
    value = fields.Float(allow_none=True)
    lower = fields.Float(allow_none=True, metadata={"description": BOUNDS})
    upper = fields.Float(allow_none=True, metadata={"description": BOUNDS})
    baseline = fields.Float(allow_none=True)
    reporting = fields.Float(allow_none=True)
    cumulative_value = fields.Float(allow_none=True)
    cumulative_lower = fields.Float(allow_none=True, metadata={"description": BOUNDS})
    cumulative_upper = fields.Float(allow_none=True, metadata={"description": BOUNDS})


class FuelSumsSchema(SumsSchema):
    """The sums of a fuel, or of all that was supplied."""

    trace_interpretation = fields.String(metadata={"description": "As ELECTRICITY_CONSUMPTION_SUPPLIED."})
    groups = fields.List(fields.Nested(GroupSumsSchema), metadata={"description": "With group_by an attribute."})
    months = fields.List(fields.Nested(AggregationMonthSchema), metadata={"description": "With group_by month."})


class AggregationResultSchema(Schema):
    """What was added up, energies in `unit`."""

    unit = fields.String()
    confidence_level = fields.Float(metadata={"description": "Of all bounds."})
    projects = fields.Integer(metadata={"description": "How many were asked for."})
    results = fields.Integer(metadata={"description": "How many of them have a result."})
    accepted = fields.Integer(metadata={"description": "Projects of which a fuel at least is accepted."})
    rejected = fields.Integer(metadata={"description": "Projects of which none is."})
    stale = fields.Integer(metadata={"description": "Projects whose result is stale, accepted or not."})
    reasons = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "Why projects are rejected of which no fuel is known."},
    )
    fuels = fields.List(fields.Nested(FuelSumsSchema))


class AggregationSettingsSchema(Schema):
    """What was asked for."""

    fuels = fields.List(fields.String(), allow_none=True)
    unit = fields.String()
    group_by = fields.List(fields.String())
    confidence_level = fields.Float(allow_none=True)
    cvrmse_threshold = fields.Float()
    fsu_threshold = fields.Float(allow_none=True)
    minimum_days = fields.Integer()
    allow_stale = fields.Boolean()
    allow_disqualified = fields.Boolean()


class AggregationSchema(Schema):
    """Sums of the savings of many projects, made once; it never changes."""

    id = fields.Integer(allow_none=True, metadata={"description": "null where store was false"})
    name = fields.String()
    project_owner = fields.Integer(attribute="project_owner_id")
    user = fields.Integer(attribute="user_id", allow_none=True, metadata={"description": "Who made it."})
    selection = fields.Dict(metadata={"description": "Which projects, as they can be asked for again."})
    settings = fields.Nested(AggregationSettingsSchema)
    result = fields.Nested(AggregationResultSchema)
    added = fields.DateTime(allow_none=True)


class AggregationMemberSchema(Schema):
    """A project and fuel, accepted or rejected. Projects and results may be gone since; energies in the unit."""

    id = fields.Integer(metadata={"description": "Its place in the aggregation."})
    project = fields.Integer()
    project_id = fields.String(allow_none=True, metadata={"description": "Its name; null: the project is gone."})
    project_result = fields.Integer(allow_none=True)
    input_sha256 = fields.String(allow_none=True, metadata={"description": "Of what the result was computed from."})
    trace_interpretation = fields.String(allow_none=True, metadata={"description": "null: no fuel is known"})
    status = fields.String(metadata={"enum": list(MEMBER_STATUSES)})
    reasons = fields.List(fields.String(), metadata={"description": "Some of: " + ", ".join(REASONS) + "."})
    cvrmse = fields.Float(allow_none=True, metadata={"description": "The largest of the baseline models."})
    days = fields.Integer(allow_none=True, metadata={"description": "The fewest that a trace has metered savings of."})
    metered_value = fields.Float(allow_none=True)
    metered_baseline = fields.Float(allow_none=True)
    normalized_value = fields.Float(allow_none=True)
    normalized_baseline = fields.Float(allow_none=True)
    group_value = fields.String(allow_none=True, metadata={"description": "Of the attribute in group_by."})
