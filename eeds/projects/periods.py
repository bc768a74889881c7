"""The order in which the periods of a project have to be: a baseline, then a reporting period."""

from collections.abc import Iterator, Mapping
from datetime import datetime

# What must not be before what. A run needs the first; the others would be periods without a day.
BASELINE_FIRST = ("baseline_period_end", "reporting_period_start")
IN_ORDER = (
    BASELINE_FIRST,
    ("baseline_period_start", "baseline_period_end"),
    ("reporting_period_start", "reporting_period_end"),
)
NAMES = {name: name for pair in IN_ORDER for name in pair}


def describe_reversed(baseline_end: datetime | None, reporting_start: datetime | None) -> str | None:
    """What is wrong with a reporting period that starts before the baseline ends, without a full stop; None if it does
    not. A reporting period without a start begins where the baseline ends."""
    times = dict(zip(BASELINE_FIRST, (baseline_end, reporting_start), strict=True))
    return next((message for _, _, message in out_of_order(times)), None)


def out_of_order(
    times: Mapping[str, datetime | None], names: Mapping[str, str] = NAMES
) -> Iterator[tuple[str, str, str]]:
    """Each field that is before another one that it must not be before, that other one, and what is wrong, in these
    `names` of the fields and without a full stop. A time that is not known is never wrong."""
    for earlier, later in IN_ORDER:
        start, end = times.get(earlier), times.get(later)
        if start is not None and end is not None and end < start:
            yield later, earlier, f"{names[later]} {end:%Y-%m-%d} is before {names[earlier]} {start:%Y-%m-%d}"
