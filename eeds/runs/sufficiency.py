"""Whether a trace has enough data for a model, before any run: what is loaded, and what the meter requires of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from eeds.db.engine import psycopg_connection
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.errors import EedsError
from eeds.meter.criteria import Criterion
from eeds.meter.settings import MeterSettings
from eeds.meter.sufficiency import Report, sufficiency_report
from eeds.meter.types import Periods, Trace, Weather
from eeds.records.trace_arrays import load_traces
from eeds.runs.inputs import span
from eeds.runs.own_settings import require_known_time, resolve_settings
from eeds.runs.periods import IncompleteProject, periods_of
from eeds.weather.errors import NoWeather
from eeds.weather.for_run import weather_for_run
from eeds.weather.zone import Zone


def sufficiency_of(
    session: Session, trace: ConsumptionMetadata, meter_settings: Mapping[str, Any] | None
) -> tuple[Report, Zone]:
    """The criteria of a trace's baseline and reporting period, with the weather that a run with these meter_settings
    would take, and the time zone of their days; raises InvalidSettings, and EedsError for a trace without a project, or
    a project without periods."""
    if trace.project_id is None:
        raise EedsError(f"Trace {trace.id} belongs to no project; give it one, for a project has the periods.")
    periods = periods_of(session.get_one(Project, trace.project_id))
    require_known_time(session, meter_settings)
    resolved = resolve_settings(session, trace.project_id, meter_settings)
    connection, as_of = psycopg_connection(session), resolved.settings.as_of
    (loaded,) = load_traces(connection, trace.project_id, trace.id, as_of=as_of)
    return report(session, trace.project_id, loaded, periods, resolved.settings), resolved.zone


def report(session: Session, project_id: int, loaded: Trace, periods: Periods, settings: MeterSettings) -> Report:
    """The criteria with the weather that a run would take; without any, why there is none."""
    try:
        first, last = span(periods, settings, [loaded])
        # the station is pinned in the session's transaction, which a request that only reads does not commit
        weather = weather_for_run(session, project_id, first, last, settings.weather_station).weather
    except IncompleteProject:  # without readings in the periods no weather is asked for, and a criterion says so
        return sufficiency_report(loaded, no_weather(loaded), periods, settings)
    except NoWeather as reason:
        without = sufficiency_report(loaded, no_weather(loaded), periods, settings)
        required = "those of the project's periods"
        why = Criterion("temperatures of a weather station", "none", required, False, "eeds", str(reason))
        return replace(without, periods={period: [why, *rest] for period, rest in without.periods.items()})
    return sufficiency_report(loaded, weather, periods, settings)


def no_weather(trace: Trace) -> Weather:
    """A day without a temperature, where the trace begins."""
    first = trace.start[0] if trace.start.size else np.datetime64("2000-01-01", "s")
    return Weather("", "", first.astype("datetime64[h]"), np.full(24, np.nan), np.empty(0), "")
