"""When readings are, as instants, by the zones of their projects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np

from eeds.formats.text_columns import MOST_WRONG
from eeds.records.files.local_time import Mask, Seconds, ends_in_utc, starts_in_utc
from eeds.records.files.taken import NEVER, Taken, Times
from eeds.records.ids import EPOCH, FIRST_START, LAST_START, START_RANGE

DAY = 86_400
EARLIEST, LATEST = (int((time - EPOCH).total_seconds()) for time in (FIRST_START, LAST_START))
NO_SUCH_TIME = "No clock of {zone} showed this time: clocks went forward."
NO_SUCH_HOUR = "The day has fewer hours than the row has values."
NO_ZONE = (
    "It is not known in which time zone this is: give the option timezone, or the project a ZIP code or latitude and "
    "longitude."
)


@dataclass(frozen=True)
class Placed:
    """The starts and ends of readings in seconds since 1970, UTC (an end may be NEVER), and what is wrong with some of
    them, by position: the field and a message. `nothing` are empty cells for an hour that there was not."""

    starts: Seconds
    ends: Seconds
    wrong: Mapping[int, tuple[str, str]]
    nothing: Mask


def place(taken: Taken, zones: Sequence[tzinfo | None]) -> Placed:
    """Find the instants of readings; `zones` are those of the sources, None where none is known."""
    times = taken.times
    starts, ends = times.local.copy(), times.ends.copy()
    wrong: dict[int, tuple[str, str]] = {}
    nothing = np.zeros(len(starts), bool)
    is_local = ~times.is_instant
    for zone in dict.fromkeys(zones):
        of_zone = np.array([each == zone for each in zones], bool)[taken.sources] & is_local
        at = np.flatnonzero(of_zone)
        if zone is None:
            wrong |= noted(at, "start", NO_ZONE)
        elif len(at):
            place_in_zone(taken, zone, at, starts, ends, wrong, nothing)
    starts += times.after
    ends = np.where(times.lasts > 0, starts + times.lasts, ends)
    out_of_range = (starts < EARLIEST) | (starts >= LATEST) | ((ends != NEVER) & (ends > LATEST))
    wrong = noted(np.flatnonzero(out_of_range), "start", START_RANGE) | wrong
    backwards = (ends != NEVER) & (ends <= starts)
    wrong = noted(np.flatnonzero(backwards), "end", "The end is not behind the start.") | wrong
    return Placed(starts, ends, wrong, nothing)


def place_in_zone(
    taken: Taken,
    zone: tzinfo,
    at: Seconds,
    starts: Seconds,
    ends: Seconds,
    wrong: dict[int, tuple[str, str]],
    nothing: Mask,
) -> None:
    """Turn the local times of the readings at some positions into instants, in place."""
    times: Times = taken.times
    traces = taken.sources[at]
    found = starts_in_utc(zone, times.local[at], traces, None if times.said is None else times.said[at])
    starts[at] = found.seconds
    skipped = at[found.skipped]
    is_blank = np.isnan(taken.values[skipped]) & taken.blanks_may_be_skipped
    nothing[skipped[is_blank]] = True
    wrong.update(noted(skipped[~is_blank], "start", NO_SUCH_TIME.format(zone=zone)))
    elapsed = at[times.after[at] > 0]
    if len(elapsed):
        tomorrow = starts_in_utc(zone, times.local[elapsed] + DAY, taken.sources[elapsed]).seconds
        beyond = starts[elapsed] + times.after[elapsed] >= tomorrow
        wrong.update(noted(elapsed[beyond], "start", NO_SUCH_HOUR))
    has_end = at[(times.ends[at] != NEVER) & ~times.ends_are_instants[at]]
    ends[has_end] = ends_in_utc(
        zone, times.local[has_end], times.ends[has_end], starts[has_end], taken.sources[has_end]
    )


def noted(places: Seconds, field: str, message: str) -> dict[int, tuple[str, str]]:
    """What is wrong with the readings at some positions, as far as it is told."""
    return dict.fromkeys(places[: MOST_WRONG + 1].tolist(), (field, message))
