"""/api/v1/project_blocks/: named selections of projects."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Response
from flask.views import MethodView
from marshmallow import Schema, fields
from sqlalchemy import Row

from eeds.db.tables import Project, ProjectBlock, ProjectBlockProject
from eeds.projects.blocks import add_to_block, remove_from_block
from eeds.web.context import principal, session
from eeds.web.responses import answer
from eeds.web.rest.blueprint import ID, Blueprint, Detail
from eeds.web.rest.fields import Char, Pks
from eeds.web.rest.filters import Args
from eeds.web.rest.members import WithProjects
from eeds.web.rest.resource import Item, crud, not_found_first
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.selection import SelectionOfProjects


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


class MembersSchema(ApiSchema):
    """Projects that are put into a block or taken out of it."""

    EXAMPLE = {"projects": "1+3-5"}

    projects = SelectionOfProjects(required=True)


class ChangedSchema(Schema):
    """What became of that."""

    changed = fields.Integer(metadata={"description": "How many were not in the block before, or were."})


blueprint = Blueprint("project_blocks", "Named selections of projects.")
crud(blueprint, ProjectBlocks)


def members_view(verb: str, summary: str, change: Callable[..., int]) -> None:
    """POST ID/add/ and ID/remove/, which leave the other projects of the block alone."""

    @blueprint.route(f"/{ID}/{verb}/", endpoint=f"ProjectBlock_{verb}", parameters=[])
    class Members(MethodView):
        """Members of a block."""

        @blueprint.arguments(MembersSchema)
        @blueprint.response(200, ChangedSchema)
        @blueprint.alt_response(404, schema=Detail)
        @blueprint.doc(summary=summary)
        def post(self, data: Item, id: int) -> Response:
            data["projects"].require_all(session(), principal())
            return answer({"changed": change(session(), principal(), id, data["projects"].condition)})

        post = not_found_first(ProjectBlocks, post)


members_view("add", "Put projects into a block", add_to_block)
members_view("remove", "Take projects out of a block", remove_from_block)
