"""Which runs a query string asks for the progress of, in the API and in the portal."""

from typing import Any

from eeds.db.tables import Project, ProjectRun
from eeds.formats.timestamps import parse_instant
from eeds.runs.progress import count_runs
from eeds.web.context import principal, session
from eeds.web.rest import filters
from eeds.web.rest.filters import Args, Filter, conditions
from eeds.web.rest.project_filters import chosen, of_chosen_projects

FILTERS = {
    "projects": filters.ids(ProjectRun.project_id),
    "runs": filters.ids(ProjectRun.id, "runs"),
    **of_chosen_projects(ProjectRun.project_id),
    "since": Filter(
        lambda values: ProjectRun.added >= parse_instant(values[-1]),
        "Runs requested at this time or later, ISO 8601.",
        {"type": "string", "format": "date-time"},
    ),
}
PROJECTS = {"projects": filters.ids(Project.id), **chosen(Project)}


def progress_of(args: Args) -> dict[str, Any]:
    """The progress of the runs that `runs` names, without it of the latest run of each project; see count_runs."""
    of_projects = None if args.get("runs") else conditions(PROJECTS, args)
    return count_runs(session(), principal(), *conditions(FILTERS, args), of_projects=of_projects)
