"""`client.portfolio`: what many projects have saved together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from eeds.client.frames import frame_of
from eeds.client.http import Http
from eeds.client.project_selection import Which, ids_of

SUMS = {
    **dict.fromkeys(("interpretation", "group", "savings", "unit"), "object"),
    **dict.fromkeys(("value", "lower", "upper", "baseline", "reporting", "percent", "fsu"), "float64"),
    "fractional_bias_error": "float64",
    **dict.fromkeys(("projects", "accepted", "rejected"), "Int64"),
    "realization_rate": "float64",
    "confidence_level": "float64",
}
KINDS = ("metered", "normalized")


class Aggregation:
    """Sums of savings; `data` is all of it as the API answers it, see docs/results.md."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.id: int | None = data["id"]

    def __repr__(self) -> str:
        result = self.data["result"]
        return f"<Aggregation of {result['accepted']} of {result['projects']} projects>"

    def sums(self) -> pd.DataFrame:
        """A row for each fuel and kind of `savings`, then with `group_by` one for each `group`, which is missing in the
        others. `lower` and `upper` are bounds; a group without a value is called None in `data` and missing here too.
        """
        return frame_of(sum_rows(self.data["result"]), SUMS)


def sum_rows(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of a frame of sums."""
    for fuel in result["fuels"]:
        for part in (fuel, *fuel.get("groups", ())):
            for kind in KINDS:
                yield {
                    **(part[f"{kind}_savings"] or {}),
                    "interpretation": fuel["trace_interpretation"],
                    "group": part.get("value"),
                    "savings": kind,
                    "unit": result["unit"],
                    "accepted": part["accepted"],
                    "rejected": part["rejected"],
                    "realization_rate": (part["realization"] or {}).get("rate"),
                    "confidence_level": result["confidence_level"],
                }


class Portfolio:
    """What a token's projects have saved together."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def sums(self, projects: Which | None = None, **settings: Any) -> Aggregation:
        """The sums of all projects, or of some, which are not kept; keywords are the API's settings of aggregations,
        as `unit="MWh"`, `group_by="contractor"`."""
        return added_up(self.http, projects, {**settings, "store": False})

    def keep(self, name: str, projects: Which | None = None, **settings: Any) -> Aggregation:
        """The same, kept under a name with the results that are in it."""
        return added_up(self.http, projects, {**settings, "name": name})


def added_up(http: Http, projects: Which | None, body: Mapping[str, Any]) -> Aggregation:
    """What the server makes of projects, by settings in its own words."""
    chosen: str | Sequence[int] = "all" if projects is None else list(ids_of(http, projects))
    return Aggregation(http.post("aggregations/", {**body, "projects": chosen}))
