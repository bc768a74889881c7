"""Which project a name means to a caller: names are given by owners, and whoever sees those of several owners may see
one name several times, and is asked which of them is meant."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.tables import Project
from eeds.errors import Invalid

NONE = 'There is no project "{}".'
SEVERAL = 'Several project owners have a project "{}"; say which by an id, or use a token of its owner.'


def projects_named(session: Session, principal: Principal, names: Collection[str]) -> Mapping[str, Sequence[int]]:
    """The ids of the projects that the caller may see, by their names; a name that none has is left out. No statement
    without names."""
    found: dict[str, list[int]] = {}
    if names:
        statement = select(Project.project_id, Project.id).where(among(Project.project_id, names))
        for name, id in session.execute(statement.where(visible(principal, Project))):
            found.setdefault(name, []).append(id)
    return found


def project_named(session: Session, principal: Principal, name: str) -> int:
    """The id of the project of that name; raises Invalid if there is none that the caller may see, or several."""
    ids = projects_named(session, principal, {name}).get(name, ())
    if len(ids) != 1:
        raise Invalid({"project_id": [(SEVERAL if ids else NONE).format(name)]})
    return ids[0]
