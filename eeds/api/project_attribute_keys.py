"""/api/v1/project_attribute_keys/: the names and types of attributes, shared by all owners."""

from marshmallow import fields

from eeds.api import filters
from eeds.api.blueprint import Blueprint
from eeds.api.fields import Char, Choice
from eeds.api.resource import Resource, crud
from eeds.api.schemas import ApiSchema
from eeds.api.sync import Sync, sync_view
from eeds.tables import DATA_TYPES, ProjectAttributeKey


class ProjectAttributeKeySchema(ApiSchema):
    """The name and type of an attribute."""

    EXAMPLE = {"name": "project_cost", "display_name": "Project cost", "data_type": "FLOAT"}

    id = fields.Integer(dump_only=True)
    name = Char(required=True)
    display_name = Char(required=True)
    data_type = Choice(DATA_TYPES, required=True)


class ProjectAttributeKeys(Resource):
    """Attribute keys."""

    noun = "project attribute key"
    model = ProjectAttributeKey
    schema = ProjectAttributeKeySchema
    filters = {
        "name": filters.text(ProjectAttributeKey.name),
        "data_type": filters.choices(ProjectAttributeKey.data_type, DATA_TYPES),
    }


class ProjectAttributeKeySync(Sync):
    """project_attribute_keys/sync/"""

    resource = ProjectAttributeKeys()
    schema = ProjectAttributeKeySchema
    key = ("name",)
    key_shown = ("name",)


blueprint = Blueprint("project_attribute_keys", "Names and types of attributes; changing one is for admins.")
crud(blueprint, ProjectAttributeKeys())
sync_view(blueprint, ProjectAttributeKeySync())
