"""The quality of a trace's records, month by month: how many are missing, estimated, zero or negative."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find
from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.db.tables import ConsumptionMetadata
from eeds.meter.limits import limits_of
from eeds.meter.settings import DAILY

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
    """The months of a trace from its first record to its last; raises NotFound."""
    find(session, principal, ConsumptionMetadata, trace_id)
    with psycopg_connection(session).cursor(row_factory=class_row(Month)) as cursor:
        return cursor.execute(query("records/record_quality"), {"trace_id": trace_id}).fetchall()


def is_daily(months: Sequence[Month]) -> bool:
    """Whether a trace has readings on every day, rather than bills."""
    return sum(month.of_days for month in months) <= MAX_DAYS_APART * sum(month.records for month in months)
