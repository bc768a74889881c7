"""/api/v1/project_attribute_keys/: the names and types of attributes, shared by all owners."""

from collections.abc import Sequence

from marshmallow import fields

from eeds.db.name_locks import lock_names
from eeds.db.tables import DATA_TYPES, ProjectAttributeKey
from eeds.web.rest import filters
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Char, Choice
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.sync import Sync, sync_view


class ProjectAttributeKeySchema(ApiSchema):
    """The name and type of an attribute."""

    EXAMPLE = {"name": "project_cost", "display_name": "Project cost", "data_type": "FLOAT"}

    id = fields.Integer(dump_only=True)
    name = Char(required=True)
    display_name = Char(required=True)
    data_type = Choice(DATA_TYPES, required=True)


class ProjectAttributeKeys(Resource):
    """Attribute keys, which all owners share."""

    noun = "project attribute key"
    model = ProjectAttributeKey
    schema = ProjectAttributeKeySchema
    filters = {
        "name": filters.text(ProjectAttributeKey.name),
        "data_type": filters.choices(ProjectAttributeKey.data_type, DATA_TYPES),
    }


class ProjectAttributeKeySync(Sync):
    """project_attribute_keys/sync/"""

    resource = ProjectAttributeKeys
    schema = ProjectAttributeKeySchema
    key = ("name",)
    shown_key = {"name": "name"}

    def lock(self, loaded: Sequence[Item]) -> None:
        """All owners share them."""
        lock_names(self.session, [ProjectAttributeKey])


blueprint = Blueprint("project_attribute_keys", "Names and types of attributes; changing one is for admins.")
crud(blueprint, ProjectAttributeKeys)
sync_view(blueprint, ProjectAttributeKeySync)
