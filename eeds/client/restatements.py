"""`client.restate()`: by how much savings moved between two results or aggregations, and because of what."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from eeds.client.http import Http
from eeds.client.progress import hides
from eeds.errors import EedsError
from eeds.formats.media_types import CSV

if TYPE_CHECKING:
    import pandas as pd

POLL_SECONDS = 0.5
# What moves savings, as the API names it.
CAUSES = ("library", "readings", "weather", "periods", "settings", "membership", "unexplained")
KEYS = dict.fromkeys(("trace_interpretation", "method"), "object")
MOVED = dict.fromkeys(("before", "after", "moved", *CAUSES), "float64")
TOTALS = {**KEYS, "projects": "int64", **MOVED}
PROJECTS = {"project": "int64", "project_name": "object", **KEYS, **MOVED, "notes": "object"}


class Restatement:
    """What moved the savings. `id` is its own, and `data` all of it as the API answers it. Energies are in kWh, and
    `after` less `before` is `moved`, the sum of the causes."""

    def __init__(self, http: Http, data: Mapping[str, Any]) -> None:
        self.http = http
        self.data = data
        self.id: int = data["id"]

    def __repr__(self) -> str:
        return f"<Restatement {self.id} of {self.data['kind']} {self.data['before']} and {self.data['after']}>"

    @property
    def totals(self) -> Sequence[Mapping[str, Any]]:
        """What moved, by interpretation and method, added up over the projects."""
        found: Sequence[Mapping[str, Any]] = self.data["totals"]
        return found

    def savings(self) -> "pd.DataFrame":
        """The totals as a frame."""
        from eeds.client.frames import frame_of

        return frame_of(self.totals, TOTALS)

    def projects(self) -> "pd.DataFrame":
        """What moved of each project, the most first."""
        from eeds.client.frames import frame_of

        return frame_of(self.http.get(f"restatements/{self.id}/projects/"), PROJECTS)

    def csv(self) -> bytes:
        """The same as a file."""
        return self.http.read(f"restatements/{self.id}/projects/", CSV)


def restate(http: Http, before: int, after: int, kind: str, progress: bool | None) -> Restatement:
    """See Client.restate."""
    found = http.post("restatements/", {"kind": kind, "before": before, "after": after})
    with tqdm(desc="comparing", unit=" projects", leave=False, disable=hides(progress)) as bar:
        while found["status"] in ("PENDING", "RUNNING"):
            time.sleep(POLL_SECONDS)
            found = http.get(f"restatements/{found['id']}/")
            bar.total = found["projects_total"]
            bar.update(found["projects_done"] - bar.n)
    if found["status"] == "FAILED":
        raise EedsError(f"Restatement {found['id']} failed: {found['message']}")
    return Restatement(http, found)
