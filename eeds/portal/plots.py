"""The plots of a trace in a result, as static/charts.js draws them: the numbers of its time series, to six digits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.tables import ModelingPeriod, ProjectResult, TimeSeries, TraceSavings, TraceSavingsMonth
from eeds.errors import NotFound
from eeds.meter.dates import local_end
from eeds.meter.settings import BILLING, MeterSettings
from eeds.meter.types import BASELINE, REPORTING
from eeds.portal.template_filters import unit
from eeds.runs.results import findings
from eeds.runs.results.plot_rows import PlotRow
from eeds.runs.results.retention import require_series

SIGNIFICANT = 6
DAY_SECONDS = 24 * 3600
Spec = dict[str, Any]


@dataclass(frozen=True)
class Plotted:
    """The trace and the periods that plots are about."""

    unit: str
    resolution: str  # of the series: daily, hourly, billing
    timezone: str
    confidence_level: float | None
    baseline_end: datetime | None
    reporting_start: datetime | None
    reporting_end: datetime | None
    # distances of the cumulative savings to their lower and upper bound at the end of each month, by its first day
    distances: Mapping[date, tuple[float, float]]

    @property
    def energy(self) -> str:
        """The label of the axis of energy."""
        return f"{unit(self.unit)} a {'bill' if self.resolution == BILLING else 'day'}"

    @property
    def begin(self) -> float:
        """The start of the reporting period in seconds since 1970; without periods it never starts."""
        start = self.reporting_start or self.baseline_end
        return start.timestamp() if start else float("inf")

    @property
    def end(self) -> float:
        """Its end; infinite where it is open."""
        return self.reporting_end.timestamp() if self.reporting_end else float("inf")

    def by_clock(self, instant: float) -> float:
        """An instant by the local clock, which the rows go by."""
        local = datetime.fromtimestamp(instant, ZoneInfo(self.timezone))
        return local.replace(tzinfo=UTC).timestamp()


def describe_plots(session: Session, result: ProjectResult, trace_id: int) -> Plotted:
    """What the plots of a trace in the result need to know; raises NotFound if the result has no such trace,
    Gone if its series are not kept any more."""
    require_series(result)
    row = session.execute(
        select(TraceSavings.unit, TimeSeries.resolution)
        .join(TimeSeries, TimeSeries.energy_trace_id == TraceSavings.energy_trace_id)
        .where(TimeSeries.series_set_id == result.series_set_id, TraceSavings.project_result_id == result.id)
        .where(TraceSavings.energy_trace_id == trace_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    modelled = select(ModelingPeriod).where(ModelingPeriod.project_result_id == result.id)
    periods = {period.interpretation: period for period in session.scalars(modelled)}
    timezone = findings.settings_of(result).get("timezone", MeterSettings().timezone)
    ends = periods[BASELINE].end_date, periods[REPORTING].start_date, periods[REPORTING].end_date
    baseline_end, reporting_start, reporting_end = (end and local_end(end, timezone) for end in ends)
    return Plotted(
        row.unit,
        row.resolution,
        timezone,
        findings.confidence_level_of(result),
        baseline_end,
        reporting_start,
        reporting_end,
        distances_of(session, result, trace_id),
    )


def distances_of(session: Session, result: ProjectResult, trace_id: int) -> Mapping[date, tuple[float, float]]:
    """Of the cumulative savings of a trace; none of a result of an earlier release."""
    month = TraceSavingsMonth
    rows = session.execute(
        select(month.month, month.cumulative_lower, month.cumulative_upper)
        .where(month.project_result_id == result.id, month.energy_trace_id == trace_id)
        .order_by(month.month)
    )
    return {row.month: (row.cumulative_lower, row.cumulative_upper) for row in rows}


def plots(rows: Sequence[PlotRow], about: Plotted) -> Mapping[str, Spec]:
    """Every plot of the trace by name."""
    return {
        "use": use(rows, about),
        "savings": cumulative_savings(rows, about),
        "temperature": against_temperature(rows, about),
    }


def use(rows: Sequence[PlotRow], about: Plotted) -> Spec:
    """What was used, and what would have been without the retrofit, day by day."""
    lines = [
        line("Without the retrofit", rows, "baseline", "counterfactual"),
        line("Used", rows, "observed", "observed"),
        line("Model of the reporting period", rows, "reporting", "brand", hidden=True),
    ]
    has_band = any(row.upper is not None for row in rows)
    if has_band:
        lines += [
            line("Band from", rows, "lower", "counterfactual", kind="edge"),
            line("to", rows, "upper", "counterfactual", kind="edge"),
        ]
    return {
        "x": [row.day for row in rows],
        "time": True,
        "y_label": about.energy,
        "series": lines,
        "bands": [{"upper": 4, "lower": 3, "colour": "counterfactual"}] if has_band else [],
        "spans": spans(rows, about),
    }


def line(label: str, rows: Sequence[PlotRow | None], column: str, colour: str, **options: Any) -> Spec:
    """A column of the rows, nothing for a None, with options of charts.js."""
    values = [row and rounded(getattr(row, column)) for row in rows]
    return {"label": label, "colour": colour, "values": values, **options}


def spans(rows: Sequence[PlotRow], about: Plotted) -> list[Spec]:
    """The baseline and the reporting period, as far as there are rows."""
    if not rows:
        return []
    first, last = float(rows[0].start), float(rows[-1].start)
    end_of_rows = last + (last - rows[-2].start if len(rows) > 1 else DAY_SECONDS)
    periods = [("Reporting period", about.begin, min(about.end, end_of_rows), "brand")]
    if about.baseline_end:
        periods.insert(0, ("Baseline", first, about.baseline_end.timestamp(), "quiet"))
    return [
        {"label": label, "from": about.by_clock(begin), "to": about.by_clock(end), "colour": colour}
        for label, begin, end, colour in periods
        if begin < end
    ]


def cumulative_savings(rows: Sequence[PlotRow], about: Plotted) -> Spec:
    """The metered savings up to each day of the reporting period, with bounds at the end of each month."""
    reported = [row for row in rows if about.begin <= row.start < about.end]
    totals = list(accumulate(row.saved or 0.0 for row in reported))
    values = [rounded(total) if row.saved is not None else None for row, total in zip(reported, totals, strict=True)]
    saved = {"label": "Saved so far", "colour": "good", "values": values, "spans_gaps": True}
    lower, upper = bounds_of_months(reported, totals, about)
    edge = {"colour": "good", "kind": "edge", "spans_gaps": True}
    edges = [{"label": "between", "values": lower, **edge}, {"label": "and", "values": upper, **edge}]
    return {
        "x": [row.day for row in reported],
        "time": True,
        "y_label": unit(about.unit),
        "series": [saved, *edges] if about.distances else [saved],
        "bands": [{"upper": 2, "lower": 1, "colour": "good"}] if about.distances else [],
    }


def bounds_of_months(
    rows: Sequence[PlotRow], totals: Sequence[float], about: Plotted
) -> tuple[list[float | None], list[float | None]]:
    """Lower and upper bounds of totals in the last of the rows that begin in each month; None in the others."""
    last = {month_of(row): place for place, row in enumerate(rows) if row.saved is not None}
    lower: list[float | None] = [None] * len(rows)
    upper = lower.copy()
    for month, (below, above) in about.distances.items():
        if month in last:
            place = last[month]
            lower[place], upper[place] = rounded(totals[place] - below), rounded(totals[place] + above)
    return lower, upper


def month_of(row: PlotRow) -> date:
    """The first day of the month in which the row begins by the local clock."""
    return datetime.fromtimestamp(row.day, UTC).date().replace(day=1)


def against_temperature(rows: Sequence[PlotRow], about: Plotted) -> Spec:
    """Use against temperature: in the baseline and in the reporting period, and what the baseline model predicts."""
    end = about.baseline_end.timestamp() if about.baseline_end else float("-inf")
    warm = sorted((row for row in rows if row.temperature is not None), key=lambda row: row.temperature or 0.0)
    baseline = [row if row.start < end else None for row in warm]
    reporting = [row if about.begin <= row.start < about.end else None for row in warm]
    return {
        "x": [rounded(row.temperature) for row in warm],
        "x_label": "°F",
        "y_label": about.energy,
        "series": [
            line("Used in the baseline", baseline, "observed", "observed", kind="points"),
            line("Used in the reporting period", reporting, "observed", "brand", kind="points"),
            line("Model of the baseline", baseline, "baseline", "counterfactual", kind="points"),
        ],
    }


def rounded(value: float | None) -> float | None:
    """The value to as many digits as a plot shows."""
    return None if value is None else float(f"{value:.{SIGNIFICANT}g}")
