"""`client.results`: what runs of the meter have found."""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from eeds.client.errors import Missing
from eeds.client.frames import frame_of
from eeds.client.http import Http
from eeds.client.project_selection import One, Which, id_of, queries
from eeds.formats.media_types import PARQUET

LISTED = {
    "id": "int64",
    "project": "int64",
    "eemeter_version": "object",
    "meter_class": "object",
    "added": "time",
    "stale": "bool",
    "stale_since": "time",
    "stale_because": "object",
    "stale_load": "Int64",
}
SAVINGS = {
    "project": "int64",
    "savings": "object",
    "trace": "Int64",
    **dict.fromkeys(("interpretation", "unit"), "object"),
    **dict.fromkeys(("value", "lower", "upper", "baseline", "fraction", "fsu"), "float64"),
    "n": "Int64",
    "confidence_level": "float64",
    "status": "object",
}
MONTHS = {
    "trace": "Int64",
    **dict.fromkeys(("interpretation", "unit", "month"), "object"),
    **dict.fromkeys(("value", "lower", "upper", "baseline"), "float64"),
    **dict.fromkeys(("cumulative_value", "cumulative_lower", "cumulative_upper"), "float64"),
    "n": "Int64",
    "confidence_level": "float64",
}
MODELS = {
    "trace": "Int64",
    **dict.fromkeys(("period", "status"), "object"),
    **dict.fromkeys(("r2", "rmse", "cvrmse", "n", "nmbe", "nmbe_limit", "cvrmse_limit"), "float64"),
    **dict.fromkeys(("model", "flags"), "object"),
}
KINDS = ("metered", "normalized")


class Result:
    """What a run has found for a project. `id` is its own, `project` that of the project, `stale` whether what it was
    computed from has changed since, and `data` is all of it as the API answers it, see docs/results.md."""

    def __init__(self, http: Http, data: Mapping[str, Any]) -> None:
        self.http = http
        self.data = data
        self.id: int = data["id"]
        self.project: int = data["project"]
        self.stale: bool = data["stale"]

    def __repr__(self) -> str:
        return f"<Result {self.id} of project {self.project}>"

    def savings(self) -> pd.DataFrame:
        """What was saved: a row for each trace and kind of `savings` (metered, normalized), then one for each sum over
        traces, in kWh, whose `trace` is missing.

        `value` is in `unit`. It lies between `lower` and `upper` with the probability `confidence_level`: these are
        bounds, where the API has distances. `baseline` is the use without the retrofit, `fraction` the share of it that
        was saved, `fsu` the fractional savings uncertainty, `n` the days. All are missing where a model is; `status`
        says why.
        """
        return savings_of([self])

    def months(self) -> pd.DataFrame:
        """Metered savings by calendar `month`, as 2014-03: a row for each trace and month, then those of the sums over
        traces, in kWh, whose `trace` is missing.

        `cumulative_value` is what was saved from the first month to the end of this one. Both are in `unit` and have
        bounds, where the API has distances.
        """
        found = self.http.get(f"project_results/{self.id}/savings/")
        return frame_of(month_rows(found), MONTHS)

    def models(self) -> pd.DataFrame:
        """The two models of each trace, and how well they fit; the limits are those of ASHRAE Guideline 14. `flags` is
        a list of what was done to the readings of the period and what is worth a look in them."""
        periods = {period["id"]: period["interpretation"] for period in self.data["modeling_periods"]}
        models = self.data["energy_trace_model_results"]
        rows = [{**each, "trace": each["energy_trace"], "period": periods[each["modeling_period"]]} for each in models]
        return frame_of(rows, MODELS)

    def timeseries(self, trace: int | None = None) -> pd.DataFrame:
        """What was measured and predicted, by `date`: the local day, of bills the first one, of hours the instant.

        `observed`, `baseline`, `lower`, `upper` and `reporting` are in the trace's unit, `temperature` in °F; `lower`
        and `upper` are bounds of what would be measured without the retrofit. Of one trace, or of all.
        """
        chosen = {} if trace is None else {"trace": str(int(trace))}
        answer = self.http.read(f"project_results/{self.id}/timeseries/", PARQUET, **chosen)
        frame = pd.read_parquet(io.BytesIO(answer)).rename(columns={"energy_trace": "trace"})
        frame["date"] = pd.to_datetime(frame["date"])
        return frame.set_index("date")

    def provenance(self) -> Mapping[str, Any]:
        """Versions, hash of the input, settings and weather that the figures come from."""
        found: Mapping[str, Any] = self.http.get(f"project_results/{self.id}/provenance/")
        return found


class Results:
    """The results that a token may see."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def list(self, projects: Which | None = None) -> pd.DataFrame:
        """Results in the order in which they were found: all, or those of some projects."""
        pages = (
            page for chosen in queries(self.http, projects) for page in self.http.pages("project_results/", **chosen)
        )
        return frame_of((found for page in pages for found in page), LISTED)

    def get(self, id: int) -> Result:
        """The result of that id; raises Missing."""
        return Result(self.http, self.http.get(f"project_results/{int(id)}/"))

    def latest(self, project: One) -> Result:
        """The newest result of a project; raises Missing if it has none."""
        id = id_of(self.http, project)
        found = self.http.get("project_results/", projects=str(id))
        if not found:
            raise Missing(f"Project {project} has no result yet. Order a run: client.run({project!r})", 404)
        return Result(self.http, found[-1])


def savings_of(results: Iterable[Result]) -> pd.DataFrame:
    """The savings of some results."""
    return frame_of((row for result in results for row in savings_rows(result)), SAVINGS)


def savings_rows(result: Result) -> Iterator[dict[str, Any]]:
    """The rows of a frame of savings."""
    found = result.http.get(f"project_results/{result.id}/savings/")
    for each in [*found["traces"], *found["aggregations"]]:
        for kind in KINDS:
            yield {
                "project": result.project,
                "savings": kind,
                "trace": each.get("energy_trace"),
                "interpretation": each["trace_interpretation"],
                "unit": each["unit"],
                **with_bounds(each[f"{kind}_savings"] or {}),
                "confidence_level": found["confidence_level"],
                "status": each.get("status"),
            }


def month_rows(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of a frame of months."""
    for each in [*found["traces"], *found["aggregations"]]:
        for month in each["months"]:
            cumulative = {name: month[f"cumulative_{name}"] for name in ("value", "lower", "upper")}
            yield {
                "trace": each.get("energy_trace"),
                "interpretation": each["trace_interpretation"],
                "unit": each["unit"],
                **with_bounds(month),
                **{f"cumulative_{name}": value for name, value in with_bounds(cumulative).items()},
                "confidence_level": found["confidence_level"],
            }


def with_bounds(savings: Mapping[str, Any]) -> dict[str, Any]:
    """Savings with their bounds in place of the distances to them; missing ones are NaN."""
    value, lower, upper = (savings.get(name) for name in ("value", "lower", "upper"))
    if value is None or lower is None or upper is None:
        return {**savings, "lower": None, "upper": None}
    return {**savings, "lower": value - lower, "upper": value + upper}
