"""The periods of a project: the reporting period must not start before the baseline ends, and starts then if it has no
start of its own."""

from sqlalchemy import ColumnElement, func

from eeds.db.tables import Project
from eeds.errors import EedsError
from eeds.meter.types import Periods
from eeds.projects import periods


class IncompleteProject(EedsError):
    """The project lacks something without which there is nothing to compute."""


def reversed_periods() -> ColumnElement[bool]:
    """The condition of a project whose reporting period starts before its baseline ends."""
    start = func.coalesce(Project.reporting_period_start, Project.baseline_period_end)
    return func.coalesce(start < Project.baseline_period_end, False)


def describe_reversed(project: Project) -> str | None:
    """What is wrong with the periods of such a project, without a full stop; None of any other."""
    return periods.describe_reversed(project.baseline_period_end, project.reporting_period_start)


def periods_of(project: Project) -> Periods:
    """The periods that a run of the project looks at; raises IncompleteProject."""
    end = project.baseline_period_end
    if end is None:
        raise IncompleteProject(f"Project {project.project_id} has no baseline_period_end; set it.")
    problem = describe_reversed(project)
    if problem:
        # refused when a run is requested, but the project may have changed since
        raise IncompleteProject(f"{problem}; correct them.")
    start = project.reporting_period_start or end
    return Periods(project.baseline_period_start, end, start, project.reporting_period_end)
