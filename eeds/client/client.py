"""The client of a datastore: projects, readings, weather, runs of the meter and their results, as data frames."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from eeds.client.http import Http

# pandas takes longer to import than most commands to run: what gives frames is imported when it is asked for.
if TYPE_CHECKING:
    import pandas as pd

    from eeds.client.loads import Loads
    from eeds.client.portfolio import Portfolio
    from eeds.client.project_selection import Which
    from eeds.client.projects import Projects
    from eeds.client.record_frames import Weather
    from eeds.client.restatements import Restatement
    from eeds.client.results import Results
    from eeds.client.runs import Run
    from eeds.client.traces import Traces


class Client(Http):
    """A datastore at a URL, with the token of a user (see: eeds token create).

    Use it as a context manager, or keep it for as long as you like. `progress` shows a bar, or none; None: on a
    terminal and in a notebook. Besides what is named here it has `get`, `post`, `patch`, `delete` and `sync` for
    whatever else the API offers. Every method raises EedsError in words; see eeds.client.errors for the kinds of it.
    """

    @cached_property
    def projects(self) -> "Projects":
        """The projects that you can see."""
        from eeds.client.projects import Projects

        return Projects(self)

    @cached_property
    def traces(self) -> "Traces":
        """Their traces: one for each channel of a meter."""
        from eeds.client.traces import Traces

        return Traces(self)

    @cached_property
    def weather(self) -> "Weather":
        """Temperatures of weather stations."""
        from eeds.client.record_frames import Weather

        return Weather(self)

    @cached_property
    def results(self) -> "Results":
        """What runs of the meter have found."""
        from eeds.client.results import Results

        return Results(self)

    @cached_property
    def loads(self) -> "Loads":
        """What was sent to be stored, what it changed, and undoing it."""
        from eeds.client.loads import Loads

        return Loads(self)

    @cached_property
    def portfolio(self) -> "Portfolio":
        """What they have saved together."""
        from eeds.client.portfolio import Portfolio

        return Portfolio(self)

    def upload_projects(
        self, frame: "pd.DataFrame", *, owner: int | None = None, attributes: bool = True, progress: bool | None = None
    ) -> dict[str, dict[str, int]]:
        """Create or update projects; columns as for `eeds upload projects`, of which those that are no field of a
        project become attributes. `owner` is the id of the project owner, needed if you can see several.

        Gives how many projects and values of attributes became what. All of the frame is stored or, if something is
        wrong with any row, nothing: raises RowsRefused with those that have errors.
        """
        from eeds.client.projects import upload_projects

        return upload_projects(self, frame, owner=owner, attributes=attributes, progress=progress)

    def upload_energy(
        self, frame: "pd.DataFrame", *, dry_run: bool = False, progress: bool | None = None, **constants: Any
    ) -> dict[str, int]:
        """Load readings; columns as for `eeds upload energy`. A column that has the same value in every row may be
        given as a keyword instead, as `metadata_id=7`. The index may hold the starts. With `dry_run` all is checked and
        nothing stored.

        Gives how many records became what. Raises RowsRefused with those that were not stored; the others are.
        """
        from eeds.client.record_frames import upload
        from eeds.client.record_tables import ENERGY

        return upload(self, frame, constants, ENERGY, dry_run=dry_run, progress=progress)

    def records(self, trace: int, *, start: Any = None, end: Any = None, timezone: str = "UTC") -> "pd.DataFrame":
        """The readings of a trace by their start, in that time zone: `value` in the trace's unit (NaN: missing) and
        `estimated`. `start` and `end` choose those from the one time until before the other; days are meant whole."""
        from eeds.client.record_frames import records

        return records(self, trace, start, end, timezone)

    def run(self, projects: "Which", **meter_settings: Any) -> "Run":
        """Request a run of the meter for a project, or for each of several: ids, names, a frame of projects, a filter
        as the API has one, or a `Group`. The keywords are the settings of the meter, see docs/results.md. Raises
        Refused if none can be run."""
        from eeds.client.runs import request_runs

        return request_runs(self, projects, meter_settings)

    def run_stale(self, projects: "Which | None" = None) -> "Run":
        """Request a run of the meter for those of the projects (None: of all that you can see) whose latest result is
        stale, for what it was computed from has changed: each with the settings of that result. It may be none."""
        from eeds.client.runs import request_stale_runs

        return request_stale_runs(self, projects)

    def restate(self, before: int, after: int, *, kind: str = "results", progress: bool | None = None) -> "Restatement":
        """Compare two results of a project by their ids, or two `aggregations`: by how much savings moved, and because
        of what. Waits for the worker that computes it; raises EedsError if it cannot."""
        from eeds.client.restatements import restate

        return restate(self, before, after, kind, progress)
