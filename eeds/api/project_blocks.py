"""/api/v1/project_blocks/: named selections of projects."""

from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import fields
from sqlalchemy import Row

from eeds.db.tables import Project, ProjectBlock, ProjectBlockProject
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Char, Pks
from eeds.web.rest.filters import Args
from eeds.web.rest.members import WithProjects
from eeds.web.rest.resource import Item, crud
from eeds.web.rest.schemas import ApiSchema


class ProjectBlockSchema(ApiSchema):
    """A named selection of projects."""

    EXAMPLE = {"name": "Pilot", "projects": [1]}

    id = fields.Integer(dump_only=True)
    name = Char(required=True)
    projects = Pks(Project, required=True, allow_empty=False)


class ProjectBlockNameSchema(ApiSchema):
    """A block without its projects."""

    id = fields.Integer()
    name = Char()


class ProjectBlocks(WithProjects):
    """Blocks, with their projects unless only names are asked for."""

    noun = "project block"
    model = ProjectBlock
    schema = ProjectBlockSchema
    read_schemas = (ProjectBlockSchema, ProjectBlockNameSchema)
    link = ProjectBlockProject
    link_key = "project_block_id"
    flags = {"name_only": "Without the projects."}

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """Blocks, or their ids and names."""
        if args.get("name_only") == "True":
            return ({"id": row.id, "name": row.name} for row in rows)
        return super().represent(rows, args)


blueprint = Blueprint("project_blocks", "Named selections of projects.")
crud(blueprint, ProjectBlocks)
