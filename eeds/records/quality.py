"""The quality of a trace's records, month by month: how many are missing, estimated, zero or negative."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find
from eeds.db.binary_copy import Columns
from eeds.db.tables import ConsumptionBlock, ConsumptionMetadata
from eeds.meter.limits import limits_of
from eeds.meter.settings import DAILY
from eeds.records.block_format import joined
from eeds.records.reading import readings_in
from eeds.records.start_span import ALWAYS

GOOD, POOR, BAD = "pass", "warn", "fail"
MAX_DAYS_APART = 1.5  # on average, of readings that are expected on every day


@dataclass(frozen=True)
class Month:
    """The records of a trace that start in a month (UTC)."""

    year: int
    month: int
    records: int
    missing: int
    estimated: int
    zero: int
    negative: int
    days: int  # on which a record with a value starts
    of_days: int  # of the month, as far as the trace reaches

    def problems(self, is_daily: bool) -> Mapping[str, int]:
        """How often each problem occurs, the worst first: `empty` days of a daily trace, or records that are `missing`,
        `estimated`, `zero` or `negative`; none that does not occur."""
        empty = self.of_days - self.days if is_daily else 0
        counts = {
            "empty": empty,
            "missing": 0 if empty else self.missing,
            "estimated": self.estimated,
            "zero": self.zero,
            "negative": self.negative,
        }
        return {name: count for name, count in counts.items() if count}

    def grade(self, is_daily: bool) -> str:
        """GOOD without problems, BAD where less is there than a daily model requires, else POOR."""
        present = self.days / self.of_days if is_daily else 1 - self.missing / max(self.records, 1)
        if present < limits_of(DAILY).energy:
            return BAD
        return POOR if self.problems(is_daily) else GOOD


def record_months(session: Session, principal: Principal, trace_id: int) -> Sequence[Month]:
    """The months of a trace from its first record to its last, which only marks an end and is left out; raises
    NotFound."""
    find(session, principal, ConsumptionMetadata, trace_id)
    parts = readings_in(session, principal, ALWAYS, ConsumptionBlock.metadata_id == trace_id)
    return months_of_readings(joined(list(parts)))


def months_of_readings(readings: Columns) -> Sequence[Month]:
    """The months of all readings of a trace, in order of time."""
    start, value, estimated = (readings[name][:-1] for name in ("start", "value", "estimated"))
    if not len(start):
        return []
    first, last = start[0].astype("datetime64[D]"), (readings["start"][-1] - 1).astype("datetime64[D]")
    calendar = np.arange(first, last + 1).astype("datetime64[M]")
    present = np.unique(start[~np.isnan(value)].astype("datetime64[D]")).astype("datetime64[M]")
    month = start.astype("datetime64[M]")
    return [
        Month(
            *year_and_month(each),
            records=int((month == each).sum()),
            missing=int(np.isnan(value[month == each]).sum()),
            estimated=int(estimated[month == each].sum()),
            zero=int((value[month == each] == 0).sum()),
            negative=int((value[month == each] < 0).sum()),
            days=int((present == each).sum()),
            of_days=int((calendar == each).sum()),
        )
        for each in np.unique(calendar)
    ]


def year_and_month(month: np.datetime64) -> tuple[int, int]:
    """Its year and its number in it."""
    years, months = divmod(int(month.astype(np.int64)), 12)
    return 1970 + years, months + 1


def is_daily(months: Sequence[Month]) -> bool:
    """Whether a trace has readings on every day, rather than bills."""
    return sum(month.of_days for month in months) <= MAX_DAYS_APART * sum(month.records for month in months)
