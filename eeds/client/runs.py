"""`client.run()`: requests of runs of the meter, and their results."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from eeds.client.errors import RunFailed
from eeds.client.frames import frame_of
from eeds.client.http import Http
from eeds.client.progress import Progress, follow, hides, look
from eeds.client.project_selection import Which, by_meaning, ids_of
from eeds.client.results import Result, savings_of
from eeds.errors import EedsError

FAILURES = {"project": "int64", "run": "Int64", "message": "object"}


class Run:
    """Runs of the meter that were requested together, one for each project.

    `ids` are those of the runs, as the API writes them (7-9+11), `count` is how many, and `refused` are the projects
    for which none was requested, each with the reason.
    """

    def __init__(self, http: Http, ids: str, count: int, refused: Sequence[Mapping[str, Any]]) -> None:
        self.http = http
        self.ids = ids
        self.count = count
        self.refused = refused

    def __repr__(self) -> str:
        return f"<Run {self.ids}: {self.status}>"

    @property
    def progress(self) -> Progress:
        """How many runs have which status, how fast they end, and when the last one will."""
        return look(self.http, {"runs": self.ids})

    @property
    def status(self) -> str:
        """PENDING while none has begun, RUNNING until all have ended, then FAILED if one has failed, or SUCCESS."""
        progress = self.progress
        if progress["PENDING"] == progress["total"]:
            return "PENDING"
        if progress["PENDING"] + progress["RUNNING"]:
            return "RUNNING"
        return "FAILED" if progress["FAILED"] else "SUCCESS"

    def wait(self, timeout: float | None = None, *, progress: bool | None = None) -> "Run":
        """Wait until all have ended, with a progress bar. Raises StillRunning after `timeout` seconds. That some have
        failed is no error here: see `status` and `failures`."""
        follow(self.http, {"runs": self.ids}, timeout=timeout, hidden=hides(progress))
        return self

    @property
    def failures(self) -> pd.DataFrame:
        """The projects without a result and why: those that were refused, and the newest 20 of those that failed and
        were not cancelled."""
        return frame_of([*self.refused, *self.progress["failures"]], FAILURES)

    def result(self) -> Result:
        """The result of a run of one project, when it has ended; raises RunFailed with the reason if it failed."""
        if self.count != 1:
            raise EedsError(f"These are {self.count} runs: take results(), or savings() for a frame of them all.")
        self.wait(progress=False)
        result = next(self.results(), None)
        if result is None:
            run = self.http.get(f"project_runs/{self.ids}/")
            raise RunFailed(f"Run {run['id']} of project {run['project']} failed: {run['traceback']}")
        return result

    def results(self) -> Iterator[Result]:
        """The results of the runs that are SUCCESS, read as they are consumed."""
        for page in self.http.pages("project_results/", runs=self.ids):
            yield from (Result(self.http, values) for values in page)

    def savings(self) -> pd.DataFrame:
        """The savings of all projects that have a result, as Result.savings gives them, with the id of the project."""
        return savings_of(self.results())


def request_runs(http: Http, projects: Which, meter_settings: Mapping[str, Any]) -> Run:
    """See Client.run."""
    chosen = by_meaning(projects) or {"projects": list(ids_of(http, projects))}
    answer = http.post("project_runs/bulk/", {**chosen, "meter_settings": meter_settings})
    return Run(http, answer["runs"], answer["ordered"], answer["refused"])


def request_stale_runs(http: Http, projects: Which | None) -> Run:
    """See Client.run_stale."""
    chosen = "all" if projects is None else list(ids_of(http, projects))
    answer = http.post("project_runs/bulk/", {"projects": chosen, "stale": True})
    return Run(http, answer["runs"], answer["ordered"], answer["refused"])
