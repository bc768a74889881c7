"""Which projects are meant: by id, by name, by row, or some of them; those of a group, or that meet a filter."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from eeds.client.errors import Missing
from eeds.client.frames import names_of
from eeds.client.group import Group
from eeds.client.http import Http, batches
from eeds.errors import EedsError

# The id of a project, its name, which the API calls project_id, or a row of a frame of projects; some, or such a frame.
One = int | str | pd.Series
# Or a filter as the API has it, {"zipcode": "50321"}, or a group.
Meaning = Mapping[str, Any] | Group
Named = One | Iterable[One] | pd.DataFrame
Which = Named | Meaning
# A URL has room for no more.
IDS_A_REQUEST = 200
LISTED = 20


def id_of(http: Http, project: One) -> int:
    """The id of a project; raises Missing."""
    return next(ids_of(http, project))


def by_meaning(projects: Which | None) -> dict[str, Any]:
    """What a body of the API says of a filter or a group; {} for projects that are named one by one."""
    if isinstance(projects, Group):
        return {"group": projects.which}
    return {"filter": dict(projects)} if isinstance(projects, Mapping) else {}


def query_of(filters: Mapping[str, Any]) -> dict[str, str]:
    """Filters of a list as a query string has them."""
    return {name: json.dumps(value) if isinstance(value, Mapping) else str(value) for name, value in filters.items()}


def ids_of(http: Http, projects: Which) -> Iterator[int]:
    """The ids of some projects; raises Missing for a name that none has. That there is one of an id is not asked."""
    if isinstance(projects, Mapping | Group):
        return (project["id"] for project in http.get("projects/", **query_of(by_meaning(projects))))
    chosen = list(choices(projects))
    names = {each for each in chosen if isinstance(each, str)}
    known = named(http, names)
    unknown = sorted(names - known.keys())
    if unknown:
        raise Missing(f"There is no project {', '.join(unknown[:LISTED])} that you can see.", 404)
    return (known[each] if isinstance(each, str) else each for each in chosen)


def queries(http: Http, projects: Which | None) -> Iterator[dict[str, str]]:
    """What to ask for to get what belongs to some projects, or to all (None); of many projects, more than once."""
    if projects is None or by_meaning(projects):
        yield query_of(by_meaning(projects))
    else:
        for batch in batches(ids_of(http, projects), IDS_A_REQUEST):
            yield {"projects": "+".join(map(str, batch))}


def choices(projects: Named) -> Iterator[int | str]:
    """Each of the projects."""
    if isinstance(projects, str):
        yield projects
    elif isinstance(projects, int | np.integer):
        yield int(projects)
    elif isinstance(projects, pd.Series) and "project_id" in projects.index:
        yield int(projects["id"])
    elif isinstance(projects, pd.DataFrame):
        column = "id" if "id" in projects else "project_id"
        if column not in projects:
            raise EedsError(f"The frame has no column id or project_id; it has: {', '.join(names_of(projects))}.")
        yield from choices(projects[column].tolist())
    else:
        for each in projects:
            yield from choices(each)


def named(http: Http, names: set[str]) -> Mapping[str, int]:
    """The ids of the projects of these names, as far as there are some. Raises EedsError for a name of several."""
    if not names:
        return {}
    one = {"project_id": next(iter(names))} if len(names) == 1 else {}
    ids: dict[str, int] = {}
    for project in http.get("projects/", **one):
        name = project["project_id"]
        if name in names and ids.setdefault(name, project["id"]) != project["id"]:
            raise EedsError(
                f"Several owners have a project {name}: say which by its id, {ids[name]} or {project['id']}."
            )
    return ids
