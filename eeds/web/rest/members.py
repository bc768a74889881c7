"""Resources that hold a list of projects: blocks, and connections of registries."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, ColumnElement, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert

from eeds.web.rest.resource import Item, Resource


class WithProjects(Resource):
    """A resource of an owner's with `projects`, kept in a table of links."""

    link: ClassVar[Any]  # model of the links
    link_key: ClassVar[str]  # its attribute that names us

    def columns(self) -> dict[str, ColumnElement[Any]]:
        """The projects at their place among the keys, as one array."""
        columns = {**super().columns(), "projects": self.members()}
        return {name: columns[name] for name in self.schema._declared_fields if name in columns}

    def members(self) -> ColumnElement[Any]:
        """The ids of the projects, in order."""
        ids = func.array_agg(aggregate_order_by(self.link.project_id, self.link.project_id))
        ours = select(ids).where(getattr(self.link, self.link_key) == self.model.id).scalar_subquery()
        return func.coalesce(ours, cast(literal([], ARRAY(BigInteger)), ARRAY(BigInteger)))

    def create(self, data: Item) -> int:
        """A new object of the caller's own owner, with its projects."""
        projects = data.pop("projects", [])
        id = super().create({**data, "project_owner_id": self.principal.owner_id})
        self.add(id, projects)
        return id

    def update(self, id: int, data: Item) -> int:
        """Change the object; its projects become those given, if any are."""
        projects = data.pop("projects", None)
        super().update(id, data)
        if projects is not None:
            key = getattr(self.link, self.link_key)
            gone = self.link.project_id.not_in(projects)
            self.session.execute(delete(self.link).where(key == id, gone).execution_options(synchronize_session=False))
            self.add(id, projects)
        return id

    def add(self, id: int, projects: list[int]) -> None:
        """Link projects, unless they are linked already."""
        if projects:
            links = [{self.link_key: id, "project_id": project} for project in projects]
            self.session.execute(insert(self.link).on_conflict_do_nothing(), links)
