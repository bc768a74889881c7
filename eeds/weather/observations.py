"""Temperatures at any minute, as stations and models give them, into the hours in which they are stored."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eeds.weather.gaps import Series
from eeds.weather.sources.hourly import MINUTES, means_of_hours

Times = NDArray[np.datetime64]
LISTED = 20


def are_hourly(starts: Times) -> bool:
    """Whether all are whole hours."""
    return bool((starts == starts.astype("datetime64[h]")).all())


def to_hours(starts: Times, temps: Series) -> tuple[Times, Series]:
    """The hours, datetime64[h], in which one station was observed at these times, in order, and the temperature of each
    (CalTRACK 2.3.4): a straight line joins the observations, and an hour has the mean of its minutes.

    NaN for an hour whose observations are all missing. Hours without one are left out, whatever is near them: they are
    not made up here.
    """
    minutes = starts.astype("datetime64[m]").astype(np.int64)
    hours, number = np.unique(minutes // MINUTES, return_inverse=True)
    known = ~np.isnan(temps)
    means = means_of_hours(minutes[known], temps[known], hours)
    means[np.bincount(number[known], minlength=hours.size) == 0] = np.nan
    return hours.astype("datetime64[h]"), means


def stations_to_hours(
    stations: NDArray[np.str_], starts: Times, temps: Series, *, are_instants: bool
) -> tuple[NDArray[np.str_], Times, Series, list[str]]:
    """The same of several stations, one observation an element: stations, hours, temperatures, and in words what was
    done. The temperatures of a station that has whole hours only stay as they are, unless they `are_instants`."""
    names, number = np.unique(stations, return_inverse=True)
    order = np.argsort(number, kind="stable")
    of_station = np.split(order, np.cumsum(np.bincount(number))[:-1])
    parts, notes = [], []
    for name, places in zip(names, of_station, strict=True):
        hours, means = starts[places], temps[places]
        if are_instants or not are_hourly(hours):
            hours, means = to_hours(hours, means)
            notes.append(note(name, starts[places], hours))
        parts.append((np.full(hours.size, name), hours.astype("datetime64[s]"), means))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return columns[0], columns[1], columns[2], shortened(notes)


def note(station: str, starts: Times, hours: Times) -> str:
    """What was made of the observations of a station."""
    minutes = np.unique(starts.astype("datetime64[m]").astype(np.int64) % MINUTES)
    when = f"minute {minutes[0]} of the hour" if minutes.size == 1 else f"{minutes.size} minutes of the hour"
    between = int((hours[-1] - hours[0]).astype(int)) + 1 - hours.size
    without = f" {between:,} hours between have no observation, and stay as they were." if between else ""
    return (
        f"Station {station}: {starts.size:,} observations at {when} became the means of {hours.size:,} hours; a "
        f"straight line joins the observations.{without}"
    )


def shortened(notes: Sequence[str]) -> list[str]:
    """The first of them, and how many there are more."""
    more = [f"... and {len(notes) - LISTED:,} more stations"] if len(notes) > LISTED else []
    return [*notes[:LISTED], *more]
