"""What is wrong with the records of a trace, month by month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from psycopg.rows import class_row
from sqlalchemy.orm import Session

from eeds.db.engine import psycopg_connection
from eeds.db.statements import query

GOOD, POOR, BAD = "pass", "warn", "fail"
# As the meter asks for: nine days in ten have a reading.
REQUIRED_SHARE = 0.9
# Readings that are further apart have no business on every day.
MAX_DAYS_APART = 1.5


@dataclass(frozen=True)
class Month:
    """The records of a trace that start in a month (UTC), and what they lack."""

    year: int
    month: int
    records: int
    missing: int
    estimated: int
    zero: int
    negative: int
    days: int  # on which a record with a value starts
    of_days: int  # of the month, as far as the trace reaches

    def problems(self, is_daily: bool) -> Sequence[str]:
        """In words, the worst first."""
        return [words for number, words in self.counted(is_daily) if number]

    def counted(self, is_daily: bool) -> Iterator[tuple[int, str]]:
        """Everything that may be wrong, with how often it is."""
        empty = self.of_days - self.days if is_daily else 0
        yield empty, f"{empty} {'day' if empty == 1 else 'days'} without"
        if not empty:
            yield self.missing, f"{self.missing} missing"
        yield self.estimated, f"{self.estimated} estimated"
        yield self.zero, f"{self.zero} zero"
        yield self.negative, f"{self.negative} negative"

    def grade(self, is_daily: bool) -> str:
        """The badge of the month."""
        present = self.days / self.of_days if is_daily else 1 - self.missing / max(self.records, 1)
        if present < REQUIRED_SHARE:
            return BAD
        return POOR if self.problems(is_daily) else GOOD


@dataclass(frozen=True)
class Cell:
    """A month as it is shown."""

    grade: str
    records: int
    problems: Sequence[str]


def months_of(session: Session, trace_id: int) -> Sequence[Month]:
    """The months of a trace that the user may see, from its first record to its last."""
    with psycopg_connection(session).cursor(row_factory=class_row(Month)) as cursor:
        return cursor.execute(query("records/record_quality"), {"trace_id": trace_id}).fetchall()


def years(months: Sequence[Month]) -> Mapping[int, Mapping[int, Cell]]:
    """Years of months."""
    is_daily = sum(month.of_days for month in months) <= MAX_DAYS_APART * sum(month.records for month in months)
    return {
        year: {month.month: cell(month, is_daily) for month in part}
        for year, part in groupby(months, lambda month: month.year)
    }


def cell(month: Month, is_daily: bool) -> Cell:
    """A month; one without a record of bills says nothing."""
    return Cell(month.grade(is_daily), month.records, month.problems(is_daily))
