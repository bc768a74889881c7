"""/api/v1/project_owners/: who projects belong to, one owner per user."""

from marshmallow import fields

from eeds.api.blueprint import Blueprint
from eeds.api.fields import Pk
from eeds.api.resource import Resource, crud
from eeds.api.schemas import ApiSchema
from eeds.tables import ProjectOwner, User


class ProjectOwnerSchema(ApiSchema):
    """The owner of projects."""

    EXAMPLE = {"user": 1}

    id = fields.Integer(dump_only=True)
    user = Pk(User, attribute="user_id", required=True)


class ProjectOwners(Resource):
    """Project owners."""

    noun = "project owner"
    model = ProjectOwner
    schema = ProjectOwnerSchema


blueprint = Blueprint("project_owners", "Who projects belong to: one owner per user.")
crud(blueprint, ProjectOwners())
