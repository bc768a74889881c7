"""`client.loads`: what was sent to be stored, what became of it, and undoing it."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pandas as pd

from eeds.client.frames import TIME, frame_of
from eeds.client.http import Http

COLUMNS = {
    "id": "int64",
    **dict.fromkeys(("kind", "user", "file_name", "status"), "object"),
    "size": "Int64",
    **dict.fromkeys(("created", "updated", "unchanged", "duplicates", "deleted", "refused"), "Int64"),
    "undoes": "Int64",
    "undone_by": "Int64",
    "added": TIME,
    "changed": TIME,
    "sha256": "object",
}
CHANGES = {
    "trace": "int64",
    "start": TIME,
    "change": "object",
    "before": "float64",
    "before_estimated": "boolean",
    "after": "float64",
    "after_estimated": "boolean",
}


class Loads:
    """The loads that a token may see."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def list(self, limit: int | None = None, **filters: Any) -> pd.DataFrame:
        """Loads, the newest first: all, or so many of them. The filters are those of the API, as `kind="energy"`."""
        params = {name: str(value) for name, value in filters.items()}
        if limit is None:
            items: Iterator[Any] = chain.from_iterable(self.http.pages("loads/", **params))
        else:
            items = iter(self.http.get("loads/", limit=str(limit), **params))
        return frame_of(({**load, **(load["counts"] or {})} for load in items), COLUMNS)

    def get(self, id: int) -> dict[str, Any]:
        """A load as the API gives it, with the traces that it changed."""
        load: dict[str, Any] = self.http.get(f"loads/{id}/")
        return load

    def changes(self, id: int) -> pd.DataFrame:
        """What a load did to readings: `change` is added, changed or deleted, `before` and `after` are the values."""
        return frame_of(chain.from_iterable(self.http.pages(f"loads/{id}/changes/")), CHANGES)

    def undo(self, id: int) -> dict[str, Any]:
        """Give the readings that a load changed the values that they had before; gives the load that this is. Raises
        Refused where they have been changed since, which names the later loads."""
        undone: dict[str, Any] = self.http.post(f"loads/{id}/undo/", None)
        return undone
