"""What a run is computed from: the project's periods, its traces, and the weather where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from eeds.db.engine import psycopg_connection
from eeds.db.tables import Project
from eeds.meter.dates import at_local_midnights, local_periods
from eeds.meter.limits import all_limits
from eeds.meter.measured import models_of
from eeds.meter.settings import BILLING, MeterSettings
from eeds.meter.types import Periods, Trace
from eeds.records.trace_arrays import TraceState, load_traces, trace_states
from eeds.runs.lifecycle import ClaimedRun
from eeds.runs.own_settings import resolve_settings
from eeds.runs.periods import IncompleteProject, periods_of
from eeds.weather.for_run import WeatherForRun, weather_for_run


@dataclass(frozen=True)
class RunInput:
    """Everything that eeds.meter takes, and where the weather came from."""

    periods: Periods
    traces: Sequence[Trace]
    weather: WeatherForRun
    settings: MeterSettings
    zone: dict[str, str]  # name and method
    states: Mapping[int, TraceState] = field(default_factory=dict)  # of the traces, before they were read

    @property
    def provenance(self) -> dict[str, Any]:
        """Where the weather and the time zone came from."""
        return {"weather": self.weather.provenance, "timezone": self.zone}


def load_input(session: Session, run: ClaimedRun) -> RunInput:
    """Read it all; raises EedsError with what is missing and what to do."""
    return input_of(session, run.project_id, run.meter_settings)


def input_of(session: Session, project_id: int, meter_settings: Mapping[str, Any] | None) -> RunInput:
    """What a run of the project with these settings is computed from; raises EedsError."""
    project = session.get_one(Project, project_id)
    resolved = resolve_settings(session, project.id, meter_settings)
    settings = resolved.settings
    periods = periods_of(project)
    connection = psycopg_connection(session)
    states = trace_states(connection, project.id)
    traces = load_traces(connection, project.id, as_of=settings.as_of)
    first, last = span(periods, settings, traces)
    weather = weather_for_run(session, project.id, first, last, settings.weather_station)
    return RunInput(periods, traces, weather, settings, resolved.provenance, states)


def span(periods: Periods, settings: MeterSettings, traces: Sequence[Trace]) -> tuple[datetime, datetime]:
    """First and last instant that the meter looks at: what lies in the periods, as far as there are readings; dates
    begin at local midnights."""
    periods = local_periods(periods, settings.timezone)
    traces = [at_local_midnights(trace, settings.timezone) for trace in traces]
    starts = [trace.start for trace in traces if trace.start.size]
    if not starts:
        raise IncompleteProject("The project has no traces with records; load some with consumption_records/sync2/.")
    first = min(start[0].item() for start in starts).replace(tzinfo=UTC)
    last = max(start[-1].item() for start in starts).replace(tzinfo=UTC)
    if periods.baseline_start:
        first = max(first, periods.baseline_start)
    if settings.baseline_days is not None:
        first = max(
            first, periods.baseline_end - timedelta(days=settings.baseline_days + reach(periods, settings, traces))
        )
    if periods.reporting_end:
        last = min(last, periods.reporting_end)
    if first >= last:
        raise IncompleteProject(
            f"The project's periods have no readings: they look at {first:%Y-%m-%d} to {last:%Y-%m-%d}. "
            "Correct the periods or load the records of that time."
        )
    return first, last


def reach(periods: Periods, settings: MeterSettings, traces: Sequence[Trace]) -> int:
    """How many days before the last `baseline_days` days the fit may begin: the last whole local day may end a day
    before the baseline does, and the first bill may begin half a bill before."""
    models = {models_of(trace, periods, settings)[0] for trace in traces if len(trace.start) > 1}
    return 1 + (all_limits().bills.longest if BILLING in models else 0)
