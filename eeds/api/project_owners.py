"""/api/v1/project_owners/: who projects belong to, one owner per user."""

from marshmallow import fields

from eeds.db.tables import ProjectOwner, User
from eeds.errors import Invalid
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Pk
from eeds.web.rest.resource import Resource, crud
from eeds.web.rest.schemas import ApiSchema


class ProjectOwnerSchema(ApiSchema):
    """The owner of projects."""

    EXAMPLE = {"user": 1}

    id = fields.Integer(dump_only=True)
    user = Pk(User, attribute="user_id", required=True)


class ProjectOwners(Resource):
    """The caller's project owner; for admins all."""

    noun = "project owner"
    model = ProjectOwner
    schema = ProjectOwnerSchema

    def delete(self, id: int) -> None:
        """Raises Invalid: whoever has a user has an owner, and could not do anything without."""
        self.find(id)
        raise Invalid({"user": ["A project owner is deleted with its user, who could not log in without one."]})


blueprint = Blueprint("project_owners", "Who projects belong to: one owner per user.")
crud(blueprint, ProjectOwners)
