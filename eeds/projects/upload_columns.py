"""The columns of a table of projects: which of them is which field, which are attributes, and which mean nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eeds.errors import MalformedBody
from eeds.formats.text_table import column_twice, find_column

# What a table may call the column of each field, in order of preference. Files made for the original's tutorial give
# the dates of the retrofit: the baseline ends when it starts.
FIELDS: Mapping[str, Sequence[str]] = {
    "project_id": ("project_id",),
    "zipcode": ("zipcode",),
    "baseline_period_start": ("baseline_period_start",),
    "baseline_period_end": ("baseline_period_end", "retrofit_start_date"),
    "reporting_period_start": ("reporting_period_start", "retrofit_end_date"),
    "reporting_period_end": ("reporting_period_end",),
}
OPTIONAL = frozenset({"baseline_period_start", "reporting_period_end"})
# What a table may have without meaning an attribute: what the API shows of a project besides its own fields, and what
# a table of refused rows adds to them.
NO_ATTRIBUTES = frozenset({"id", "project_owner", "project_owner_id", "attributes", "meter_runs", "line", "error"})
MAX_NAME = 255


@dataclass(frozen=True)
class ProjectColumns:
    """What the columns of a table mean, each by its position: `fields` by the name of the field, `attributes` by the
    column's name in lower case. `ignored` are the names of those that mean nothing, as the table writes them."""

    fields: Mapping[str, int]
    attributes: Mapping[str, int]
    ignored: Sequence[str]


def project_columns(names: Sequence[str], *, with_attributes: bool = True) -> ProjectColumns:
    """What the columns of these names mean, in capitals or not. Columns without a name are left out.

    Raises MalformedBody if a column is missing, stands there twice, or has a name that no attribute can have.
    """
    lowered = [name.lower() for name in names]
    for name, count in Counter(lowered).items():
        if name and count > 1:
            raise column_twice(name, count)
    places = {field: find_column(names, FIELDS[field], is_optional=field in OPTIONAL) for field in FIELDS}
    fields = {field: place for field, place in places.items() if place is not None}
    others = [position for position, name in enumerate(lowered) if name and position not in fields.values()]
    meant = [position for position in others if with_attributes and lowered[position] not in NO_ATTRIBUTES]
    for position in meant:
        require_name(lowered[position])
    return ProjectColumns(
        fields,
        {lowered[position]: position for position in meant},
        [names[position] for position in others if position not in meant],
    )


def require_name(name: str) -> None:
    """Raises MalformedBody if an attribute cannot be called so."""
    if len(name) > MAX_NAME or "\0" in name:
        what = "a null character" if "\0" in name else f"{len(name):,} characters"
        raise MalformedBody(
            f"The table has a column whose name, {name[:20]!r}..., has {what}; the name of an attribute has at most "
            f"{MAX_NAME} characters and no null character. Give the column another name."
        )
