"""Many projects, computed outside the database by whatever spreads a pure map over machines: Ray, Dask, Spark.

    written = [run(path) for path in waiting("march")]

`eeds export meter-input march` writes the files, `eeds import results march` stores what was computed; what is in them
is in eeds.meter.batch_rows. Needs no database, no queue and nothing in the environment.

compute_many() is the same of projects that are in memory.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path

import msgspec
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from eeds.meter.batch_files import BatchFileError, RowWriter, read_rows
from eeds.meter.batch_rows import PROJECTS, RESULTS, WEATHER, Hours, ProjectInput, ProjectOutcome, StationWeather
from eeds.meter.compute import compute
from eeds.meter.kept import Kept
from eeds.meter.models.warm_up import warm_up
from eeds.meter.provenance import input_hash, versions
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


# Files -------------------------------------------------------------------------------------------------------------


def waiting(directory: str | Path) -> list[str]:
    """The files of projects in a directory of `eeds export meter-input` that have no results yet, in order."""
    files = sorted((Path(directory) / PROJECTS).glob("*.parquet"))
    if not files:
        raise BatchFileError(f"{directory} has no {PROJECTS}/*.parquet; write them by eeds export meter-input.")
    return [str(file) for file in files if not results_of(file).exists()]


def results_of(path: Path) -> Path:
    """Where the results of a file of projects belong."""
    return path.parent.parent / RESULTS / path.name


def run(path: str | Path) -> str:
    """Compute the projects of one file, and write what becomes of them to the file of the same name in results/, which
    is there when it is whole; its path.

    The same file gives the same results, so that a task may be tried again, or twice at once. The weather is read from
    weather/ beside projects/. One project is in memory at a time, and one thread computes. Raises BatchFileError if a
    file is broken, or reads differently here than where it was written; then there are no results.
    """
    path = Path(path)
    target = results_of(path)
    target.parent.mkdir(exist_ok=True)
    ready()
    # more threads would only fight the tasks beside this one, and may add up in another order
    with threadpool_limits(1), RowWriter(target, ProjectOutcome) as results:
        for project in read_rows(path, ProjectInput, "file of meter input"):
            results.write(computed(project, path))
    return str(target)


@cache
def ready() -> None:
    """Have the compiled engine proven, as a worker does before its first job: once in a process."""
    warm_up()


def computed(project: ProjectInput, path: Path) -> ProjectOutcome:
    """What becomes of a project; raises BatchFileError if its input is not that which was exported."""
    weather = weather_within(path.parent.parent / WEATHER / project.weather_file, project.hours)
    settings = msgspec.convert(project.settings, MeterSettings)
    found = input_hash(project.traces, weather, project.periods, settings)
    if found != project.input_sha256:
        raise BatchFileError(
            f"{path}: project {project.project} ({project.name}) reads differently here than where it was exported: "
            f"input_sha256 is {found}, not {project.input_sha256}. Install the same release of eeds and the same rules "
            "of time zones (tzdata) here as there, or export it again."
        )
    outcome = outcome_of(BatchProject(project.traces, project.periods), weather, settings)
    result = None if isinstance(outcome, NotModelled) else with_origin(outcome, project)
    return ProjectOutcome(
        project=project.project,
        name=project.name,
        input_sha256=project.input_sha256,
        meter_class=project.meter_class,
        meter_settings=project.meter_settings,
        versions=versions(),
        message=str(outcome) if isinstance(outcome, NotModelled) else None,
        result=result,
    )


def with_origin(result: MeterResult, project: ProjectInput) -> MeterResult:
    """A result that says where the weather and the time zone of its project came from."""
    return replace(result, provenance={**result.provenance, **project.origin})


# Projects of one station follow one another in a file, once the station has been chosen.


@lru_cache(maxsize=16)
def station_weather(file: Path) -> StationWeather:
    """The weather in a file."""
    (weather,) = read_rows(file, StationWeather, "file of weather")
    return weather


@lru_cache(maxsize=2)
def weather_within(file: Path, hours: Hours) -> Weather:
    """The hours of a run: of projects that look at the same ones it is one object, which finds once what follows from
    the weather alone."""
    return station_weather(file).within(hours)
