"""Starts and ends of periods as spreadsheets write them, 6/1/2013, as ISO 8601."""

from collections.abc import Sequence
from datetime import datetime

from eeds.errors import MalformedBody
from eeds.formats.date_columns import AmbiguousDates, read_times
from eeds.projects.upload_rows import time_from_text


def iso_dates(cells: Sequence[str]) -> Sequence[str]:
    """The cells of all columns of periods, dates in ISO 8601; as they are if one of them is no date, which is refused
    then. All of them decide together whether the day or the month comes first.

    Raises MalformedBody where nothing decides.
    """
    places = [place for place, cell in enumerate(cells) if not is_iso(cell)]
    try:
        times = read_times([cells[place] for place in places])
    except AmbiguousDates as error:
        raise MalformedBody(f"{str(error).partition(';')[0]}; write the dates as YYYY-MM-DD.") from error
    if times.wrong or any(cells[place].isdecimal() for place in places):  # 2013 is no number of a day
        return cells
    result = list(cells)
    for place, time in zip(places, times.values, strict=True):
        if time is not None:
            result[place] = day_or_time(time)
    return result


def is_iso(cell: str) -> bool:
    """Whether a cell is empty, or a time as the API has them."""
    try:
        time_from_text(cell)
    except ValueError:
        return False
    return True


def day_or_time(time: datetime) -> str:
    """A midnight of no time zone as a day, any other time as it is."""
    text = time.isoformat()
    return text.removesuffix("T00:00:00")
