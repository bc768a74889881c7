"""What a stored result was computed from, as it was then: readings, weather, periods and settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.tables import ModelingPeriod, ProjectResult, ProjectRun
from eeds.errors import EedsError
from eeds.meter.provenance import input_hash
from eeds.meter.settings import MeterSettings
from eeds.meter.types import BASELINE, REPORTING, Periods, Trace, Weather
from eeds.records.trace_arrays import load_traces
from eeds.runs.inputs import span
from eeds.weather.normals import load_normal
from eeds.weather.series import load_observed

NO_PROVENANCE = "Result {} does not say what it was computed from; it was stored by an earlier release. Run it again."
OTHER_SETTINGS = "Result {} was computed with settings that there are not any more: {}"

PLACE = frozenset(("station", "normal_station", "normal_kind"))  # of the weather in a result's provenance


@dataclass(frozen=True)
class Place:
    """Whose weather: the station, that of the normal year and its kind; and as of when."""

    station: str
    normal_station: str
    normal_kind: str
    time: datetime


@dataclass(frozen=True)
class StoredInput:
    """The parts of it; `sha256` is the hash that the result has, `is_proven` whether these have it too."""

    traces: Sequence[Trace]
    place: Place
    periods: Periods
    settings: MeterSettings
    sha256: str
    is_proven: bool = False


@dataclass(frozen=True)
class MeterInput:
    """What eeds.meter takes, of parts of two results."""

    traces: Sequence[Trace]
    weather: Weather
    periods: Periods
    settings: MeterSettings

    @cached_property
    def sha256(self) -> str:
        """Its hash, as results have it."""
        return input_hash(self.traces, self.weather, self.periods, self.settings)


def stored_input(session: Session, result: ProjectResult) -> StoredInput:
    """What a result was computed from: as of when its run had computed it or, if that does not give its hash, of when
    it had begun. Raises EedsError where the result does not say enough."""
    if not PLACE.issubset((result.provenance or {}).get("weather", ())):
        raise EedsError(NO_PROVENANCE.format(result.id))
    connection = psycopg_connection(session)
    settings = settings_of_result(result)
    periods = periods_of_result(session, result.id)
    found = [input_at(connection, result, periods, settings, time) for time in times_of(session, result)]
    return next((each for each in found if each.is_proven), found[0])


def settings_of_result(result: ProjectResult) -> MeterSettings:
    """The settings that a result was computed with; what an earlier release did not have yet is as it is without.
    Raises EedsError for what cannot be set any more."""
    assert result.provenance is not None
    try:
        return msgspec.convert(result.provenance["settings"], MeterSettings, strict=False)
    except msgspec.ValidationError as error:
        raise EedsError(OTHER_SETTINGS.format(result.id, error)) from error


def times_of(session: Session, result: ProjectResult) -> Sequence[datetime]:
    """As of when the input may have been read."""
    started = session.scalar(select(ProjectRun.started).where(ProjectRun.id == result.project_run_id))
    return [result.added] if started is None else [result.added, started]


def input_at(
    connection: PsycopgConnection, result: ProjectResult, periods: Periods, settings: MeterSettings, time: datetime
) -> StoredInput:
    """The input as of a time."""
    provenance: Mapping[str, Any] = result.provenance or {}
    place = Place(time=time, **{name: provenance["weather"][name] for name in PLACE})
    traces = load_traces(connection, result.project_id, as_of=settings.as_of or time)
    found = StoredInput(traces, place, periods, settings, provenance["input_sha256"])
    own = combined(connection, found, found, found, found)
    own_hash = input_hash(own.traces, own.weather, own.periods, provenance["settings"])
    return replace(found, is_proven=own_hash == found.sha256)


def combined(
    connection: PsycopgConnection,
    readings: StoredInput,
    weather: StoredInput,
    periods: StoredInput,
    settings: StoredInput,
) -> MeterInput:
    """The readings of one, the weather of another, and so on. Raises EedsError where they have nothing in common."""
    first, last = span(periods.periods, settings.settings, readings.traces)
    place = weather.place
    observed = load_observed(connection, place.station, first, last, place.time)
    temperatures = Weather(
        station=place.station,
        source=observed.source,
        first_hour=observed.first_hour,
        observed=observed.temps,
        normal=load_normal(connection, place.normal_station, place.normal_kind, place.time),
        normal_kind=place.normal_kind,
    )
    return MeterInput(readings.traces, temperatures, periods.periods, settings.settings)


def periods_of_result(session: Session, result_id: int) -> Periods:
    """The periods that a result was computed for."""
    rows = session.execute(
        select(ModelingPeriod.interpretation, ModelingPeriod.start_date, ModelingPeriod.end_date).where(
            ModelingPeriod.project_result_id == result_id
        )
    )
    ends = {interpretation: (start, end) for interpretation, start, end in rows}
    (baseline_start, baseline_end), (reporting_start, reporting_end) = ends[BASELINE], ends[REPORTING]
    assert baseline_end is not None
    assert reporting_start is not None
    return Periods(*(in_utc(time) for time in (baseline_start, baseline_end, reporting_start, reporting_end)))


def in_utc(time: datetime | None) -> Any:
    """The same time, as a project's periods have it."""
    return None if time is None else time.astimezone(UTC)
