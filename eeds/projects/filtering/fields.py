"""What a filter may ask of a project or of a trace, besides the attributes of the project. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from eeds.jobs.status import CANCELLED, STATUSES
from eeds.meter.names import INTERPRETATIONS, UNITS
from eeds.projects.filtering.kinds import BOOLEAN, INSTANT, NAMED, NUMBER, TEXT, Kind, one_of

ATTRIBUTE = "attribute."  # before the name of an attribute
NO_RUN = "NONE"
RUN_STATUSES = (*STATUSES, CANCELLED, NO_RUN)
PERIODS = ("baseline_period_start", "baseline_period_end", "reporting_period_start", "reporting_period_end")


@dataclass(frozen=True)
class Field:
    """Something that is known of a project, or of a trace."""

    kind: Kind
    description: str
    is_of_trace: bool = False


FIELDS: Mapping[str, Field] = {
    "project_id": Field(TEXT, "the project's own id, as its owner gave it"),
    "zipcode": Field(TEXT, "its ZIP code"),
    "station": Field(TEXT, "the weather station that its runs use; null before the first run"),
    "climate_zone": Field(TEXT, "the IECC climate zone of its ZIP code, as 5A; null where that is not known"),
    "ba_climate_zone": Field(TEXT, "the Building America zone of its ZIP code, as Hot-Humid"),
    "ca_climate_zone": Field(TEXT, "the California zone of its ZIP code, as CA_12"),
    "owner": Field(NAMED, "whose it is: the id of the project owner, or the name of the user"),
    "block": Field(NAMED, "the blocks that it is in, by id or name"),
    **dict.fromkeys(PERIODS, Field(INSTANT, "a day is its first second, UTC")),
    "run_status": Field(
        one_of(RUN_STATUSES), f"of its latest run; {CANCELLED} where that was cancelled, {NO_RUN} where there is none"
    ),
    "result_age": Field(NUMBER, "days since its latest result; null where there is none"),
    "stale": Field(BOOLEAN, "whether its latest result no longer matches its data; null where there is none"),
    "interpretation": Field(one_of(INTERPRETATIONS), "what a trace measures", is_of_trace=True),
    "unit": Field(one_of(UNITS), "of a trace", is_of_trace=True),
    "label": Field(TEXT, "of a trace", is_of_trace=True),
}
FIELD_NAMES = f"{', '.join(FIELDS)}, and {ATTRIBUTE}NAME"
