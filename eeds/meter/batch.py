"""Many projects in the weather of one station: what follows from the weather alone is computed once.

A pure map, project by project and one at a time, so that it can be handed to whatever spreads work over machines:

    for project, outcome in zip(projects, compute_many(projects, weather, settings)):
        ...
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from eeds.meter.compute import compute
from eeds.meter.kept import Kept
from eeds.meter.settings import MeterSettings
from eeds.meter.types import MeterResult, NotModelled, Periods, Trace, Weather

log = logging.getLogger("eeds.meter")


@dataclass(frozen=True)
class BatchProject:
    """What is a project's own of the input of a run."""

    traces: Sequence[Trace]
    periods: Periods
    kept: Kept = field(default_factory=dict)  # fits of an earlier result


def compute_many(
    projects: Iterable[BatchProject], weather: Weather, settings: MeterSettings
) -> Iterator[MeterResult | NotModelled]:
    """What compute() makes of each project, to the last bit and in their order, each when it is asked for.

    A project that cannot be modelled, or on which the meter fails, gives NotModelled with the reason, and the others
    are computed all the same. Nothing is kept of a project once its result is handed over.
    """
    for project in projects:
        yield outcome_of(project, weather, settings)


def outcome_of(project: BatchProject, weather: Weather, settings: MeterSettings) -> MeterResult | NotModelled:
    """The result of a project, or why it has none."""
    try:
        return compute(project.traces, weather, project.periods, settings, project.kept)
    except NotModelled as reason:
        return reason.with_traceback(None)  # which would hold on to the project's arrays
    except Exception as error:  # whatever it is, it is of this project alone
        log.exception("the meter fails on a project of station %s", weather.station)
        return NotModelled(f"The meter failed on this project: {error!r}. The log says where.")
