"""/api/v1/projects/: buildings with a baseline and a reporting period."""

from marshmallow import fields

from eeds.api import filters
from eeds.api.blueprint import Blueprint
from eeds.api.fields import Char, Pk, Timestamp
from eeds.api.resource import Resource, crud
from eeds.api.schemas import ApiSchema
from eeds.api.sync import Sync, sync_view
from eeds.tables import Project, ProjectOwner


class ProjectSchema(ApiSchema):
    """A building with a baseline and a reporting period."""

    id = fields.Integer(dump_only=True)
    project_owner = Pk(ProjectOwner, attribute="project_owner_id", required=True)
    project_id = Char(required=True)
    baseline_period_start = Timestamp(allow_none=True)
    baseline_period_end = Timestamp(allow_none=True)
    reporting_period_start = Timestamp(allow_none=True)
    reporting_period_end = Timestamp(allow_none=True)
    zipcode = Char(10, allow_none=True, blank=True)


class Projects(Resource):
    """Projects."""

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
    }


class ProjectSyncSchema(ApiSchema):
    """A project as `sync/` takes it, found by its project_id."""

    project_id = Char(required=True)
    project_owner_id = Pk(ProjectOwner, required=True)
    zipcode = Char(10, required=True, allow_none=True, blank=True)
    baseline_period_end = Timestamp(required=True, allow_none=True)
    reporting_period_start = Timestamp(required=True, allow_none=True)


class ProjectSync(Sync):
    """projects/sync/"""

    resource = Projects()
    schema = ProjectSyncSchema
    key = ("project_id",)
    key_shown = ("project_id",)


blueprint = Blueprint("projects", "Buildings with a baseline and a reporting period.")
crud(blueprint, Projects())
sync_view(blueprint, ProjectSync())
