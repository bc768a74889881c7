"""`client.traces`: the channels of the meters of projects."""

from typing import Any

import pandas as pd

from eeds.client.frames import frame_of
from eeds.client.http import Http
from eeds.client.project_selection import Which, queries, query_of

COLUMNS = {
    "id": "int64",
    "project": "Int64",
    **dict.fromkeys(("project_id", "interpretation", "unit", "label"), "object"),
}


class Traces:
    """The traces that a token may see."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def list(self, projects: Which | None = None, **filters: Any) -> pd.DataFrame:
        """Traces: all, or those of a project, of some, or of a frame of projects. `project` is the id of the project,
        `project_id` its name. The filters are those of the API, as `unit="THM"`."""
        params = query_of(filters)
        items = (
            trace
            for chosen in queries(self.http, projects)
            for trace in self.http.get("consumption_metadatas/", summary="True", **params, **chosen)
        )
        return frame_of(map(with_names, items), COLUMNS)


def with_names(trace: dict[str, Any]) -> dict[str, Any]:
    """A trace with the id and name of its project in place of the whole."""
    project = trace["project"] or {}
    return {**trace, "project": project.get("id"), "project_id": project.get("project_id")}
