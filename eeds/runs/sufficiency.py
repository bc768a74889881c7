"""Whether a trace has enough data for a model, before any run: what is loaded, and what the meter requires of it."""

from dataclasses import replace

import numpy as np
from sqlalchemy.orm import Session

from eeds.db.engine import psycopg_connection
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.errors import EedsError
from eeds.meter.settings import MeterSettings
from eeds.meter.sufficiency import Criterion, Report, sufficiency_report
from eeds.meter.types import Trace, Weather
from eeds.records.trace_arrays import load_traces
from eeds.runs.inputs import span
from eeds.runs.periods import IncompleteProject, periods_of
from eeds.weather.errors import NoWeather
from eeds.weather.for_run import weather_for_run


def sufficiency_of(session: Session, trace: ConsumptionMetadata, settings: MeterSettings) -> Report:
    """The criteria of a trace's baseline and reporting period, with the weather that a run would take; raises EedsError
    for a trace without a project, or a project without periods."""
    if trace.project_id is None:
        raise EedsError(f"Trace {trace.id} belongs to no project; give it one, for a project has the periods.")
    periods = periods_of(session.get_one(Project, trace.project_id))
    (loaded,) = load_traces(psycopg_connection(session), trace.project_id, trace.id)
    try:
        first, last = span(periods, settings, [loaded])
        # the station is pinned in the session's transaction, which a request that only reads does not commit
        weather = weather_for_run(session, trace.project_id, first, last, settings.weather_station).weather
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
