"""Which runs a query string asks for, in the API and in the portal: their progress, or to have them changed."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, true

from eeds.accounts.principal import Principal
from eeds.db.tables import Project, ProjectRun
from eeds.formats.timestamps import parse_instant
from eeds.projects.selection import Selection
from eeds.runs.changes import ChosenRuns
from eeds.runs.progress import count_runs
from eeds.web.context import principal, session
from eeds.web.rest import filters
from eeds.web.rest.filters import Args, Filter, conditions
from eeds.web.rest.project_filters import chosen, of_chosen_projects

PROJECTS = {"projects": filters.ids(Project.id), **chosen(Project)}
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


def progress_of(args: Args) -> dict[str, Any]:
    """The progress of the runs that `runs` names, without it of the latest run of each project; see count_runs."""
    of_projects = None if args.get("runs") else conditions(PROJECTS, args)
    return count_runs(session(), principal(), *conditions(FILTERS, args), of_projects=of_projects)


def parameters_of(args: Args) -> dict[str, Any]:
    """The parameters of a query string that say which runs, for a URL."""
    return {name: args.getlist(name) for name in FILTERS if name in args}


def chosen_runs(args: Args, of_projects: Callable[[Principal, Selection], ChosenRuns]) -> ChosenRuns:
    """The runs that `runs` names, without it `of_projects` those of the projects."""
    if args.get("runs"):
        return ChosenRuns(and_(true(), *conditions(FILTERS, args)))
    return of_projects(principal(), Selection(and_(true(), *conditions(PROJECTS, args))))
