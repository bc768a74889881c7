"""/api/v1/projects/: buildings with a baseline and a reporting period."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response
from flask.views import MethodView
from marshmallow import Schema, fields
from sqlalchemy import ColumnElement, Row, and_, select
from werkzeug.datastructures import MultiDict

from eeds.accounts.visibility import visible
from eeds.api.project_attributes import ProjectAttributes
from eeds.api.project_runs import ProjectRuns, ProjectRunSchema
from eeds.api.project_uploads import upload_view
from eeds.db.array_parameters import among
from eeds.db.keyed_rows import KeyedRow
from eeds.db.name_locks import lock_names
from eeds.db.tables import Project, ProjectBlock, ProjectBlockProject, ProjectOwner
from eeds.projects.editing import ATTRIBUTES, belongings, delete_project, set_attributes, update_project
from eeds.projects.own_inputs import mark_results
from eeds.web.context import principal, session
from eeds.web.responses import answer
from eeds.web.rest import filters
from eeds.web.rest.blueprint import ID, Blueprint, Detail
from eeds.web.rest.fields import Char, Pk, Timestamp
from eeds.web.rest.filters import Args
from eeds.web.rest.project_filters import chosen
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.sync import Sync, sync_view

BUILDING = {
    "project_id": "XYZ",
    "baseline_period_end": "2013-06-01T00:00:00Z",
    "reporting_period_start": "2013-07-01T00:00:00Z",
    "zipcode": "50321",
}


class ProjectSchema(ApiSchema):
    """A building with a baseline and a reporting period."""

    EXAMPLE = {"project_owner": 1, **BUILDING}

    id = fields.Integer(dump_only=True)
    project_owner = Pk(ProjectOwner, attribute="project_owner_id", required=True)
    project_id = Char(required=True)
    baseline_period_start = Timestamp(allow_none=True)
    baseline_period_end = Timestamp(allow_none=True)
    reporting_period_start = Timestamp(allow_none=True)
    reporting_period_end = Timestamp(allow_none=True)
    zipcode = Char(10, allow_none=True, blank=True)
    attribute_values = fields.Dict(
        keys=fields.String(),
        load_only=True,
        metadata={"description": "Values of attributes by the names of their keys; null removes one."},
    )


class BelongingsSchema(Schema):
    """How much is deleted with a project; the blocks that it is in stay without it."""

    traces = fields.Integer()
    readings = fields.Integer()
    runs = fields.Integer()
    results = fields.Integer()
    attributes = fields.Integer()
    blocks = fields.Integer()


def in_any_block(values: Sequence[str]) -> ColumnElement[bool]:
    """The project is in one of the caller's blocks of these ids; raises ValueError."""
    members = select(ProjectBlockProject.project_id).join(ProjectBlock)
    blocks = among(ProjectBlock.id, [filters.whole(value) for value in values])
    return Project.id.in_(members.where(blocks, visible(principal(), ProjectBlock)))


def in_all_blocks(values: Sequence[str]) -> ColumnElement[bool]:
    """The project is in every one of them; raises ValueError."""
    return and_(*(in_any_block([value]) for value in values))


class Projects(Resource):
    """Projects, with attributes and runs where flags ask for them."""

    noun = "project"
    model = Project
    schema = ProjectSchema
    filters = {
        "projects": filters.ids(Project.id),
        "project_id": filters.text(Project.project_id),
        "zipcode": filters.text(Project.zipcode),
        "project_owner": filters.key(Project.project_owner_id, "project owner"),
        **filters.days("baseline_period_end", Project.baseline_period_end),
        **filters.days("reporting_period_start", Project.reporting_period_start),
        "projectblock_and": filters.Filter(in_all_blocks, "In each of these blocks; may be repeated.", filters.IDS),
        "projectblock_or": filters.Filter(in_any_block, "In one of these blocks; may be repeated.", filters.IDS),
        **chosen(Project),
    }
    flags = {
        "with_attributes": "With the project's attributes, as key and value.",
        "with_meter_runs": "With the project's runs.",
    }

    def create(self, data: Item) -> int:
        """A project, with attributes; raises Invalid."""
        attributes = data.pop(ATTRIBUTES, None)
        id = super().create(data)
        if attributes:
            set_attributes(self.session, id, attributes)
        return id

    def update(self, id: int, data: Item) -> int:
        """Change the project; an admin may give it to another owner, with its attributes. Raises Invalid."""
        attributes = data.pop(ATTRIBUTES, None)
        update_project(self.session, self.principal, id, data, attributes)
        return id

    def delete(self, id: int) -> None:
        """Delete the project with all that belongs to it."""
        delete_project(self.session, self.principal, id)

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """Projects, with what the flags ask for: one more statement a flag."""
        projects = [dict(row._mapping) for row in rows]
        if args.get("with_attributes") == "True":
            self.add_below(projects, "attributes", ProjectAttributes, ("key", "value"))
        if args.get("with_meter_runs") == "True":
            self.add_below(projects, "meter_runs", ProjectRuns, tuple(ProjectRunSchema._declared_fields))
        return iter(projects)

    def add_below(self, projects: Sequence[Item], name: str, resource: type[Resource], keys: tuple[str, ...]) -> None:
        """Give every project a list of what belongs to it, with these keys."""
        below: dict[int, list[Item]] = {project["id"]: [] for project in projects}
        readable = resource(self.session, self.principal)
        rows = self.session.execute(readable.statement().where(among(resource.model.project_id, list(below))))
        for item in readable.represent(rows, MultiDict()):
            below[item["project"]].append({key: item[key] for key in keys})
        for project in projects:
            project[name] = below[project["id"]]


class ProjectSyncSchema(ApiSchema):
    """A project as `sync/` takes it, found by its owner and project_id."""

    EXAMPLE = {"project_owner_id": 1, **BUILDING}

    project_id = Char(required=True)
    project_owner_id = Pk(ProjectOwner, required=True)
    zipcode = Char(10, required=True, allow_none=True, blank=True)
    baseline_period_end = Timestamp(required=True, allow_none=True)
    reporting_period_start = Timestamp(required=True, allow_none=True)


class ProjectSync(Sync):
    """projects/sync/"""

    resource = Projects
    schema = ProjectSyncSchema
    key = ("project_id", "project_owner_id")
    shown_key = {"project_id": "project_id"}

    def lock(self, loaded: Sequence[Item]) -> None:
        """By owner."""
        owners = {data["project_owner_id"] for data in loaded if "project_owner_id" in data}
        lock_names(self.session, [Project], owners)

    def write(self, rows: Sequence[KeyedRow]) -> None:
        """Store them, and mark the results of those that change."""
        super().write(rows)
        mark_results(self.session, [row.values["id"] for row in rows if row.is_changed and not row.is_new])


blueprint = Blueprint("projects", "Buildings with a baseline and a reporting period.")
crud(blueprint, Projects)
sync_view(blueprint, ProjectSync)
upload_view(blueprint)


@blueprint.route(f"/{ID}/belongings/", endpoint="ProjectBelongings", parameters=[])
class ProjectBelongings(MethodView):
    """What belongs to a project."""

    @blueprint.response(200, BelongingsSchema)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.doc(summary="Count what would be deleted with a project")
    def get(self, id: int) -> Response:
        """To be looked at before a DELETE."""
        return answer(belongings(session(), principal(), id))
