"""The quality of a trace's records in words, a table with a row a year and a cell a month."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from eeds.records.quality import Month, is_daily


@dataclass(frozen=True)
class Cell:
    """A month: its grade, which is the style of the cell, its number of records, and what is wrong with them."""

    grade: str
    records: int
    problems: Sequence[str]


def years(months: Sequence[Month]) -> Mapping[int, Mapping[int, Cell]]:
    """The cells by year and month."""
    daily = is_daily(months)
    return {
        year: {month.month: Cell(month.grade(daily), month.records, list(problems(month, daily))) for month in part}
        for year, part in groupby(months, lambda month: month.year)
    }


def problems(month: Month, daily: bool) -> Iterator[str]:
    """1 day without, 2 estimated"""
    for name, count in month.problems(daily).items():
        days = "day without" if count == 1 else "days without"
        yield f"{count} {days if name == 'empty' else name}"
