"""/api/v1/project_attribute_keys/: names and types of attributes, each of one owner, or an admin's for all owners."""

from collections.abc import Sequence

from marshmallow import fields

from eeds.accounts.principal import Principal
from eeds.db.keyed_rows import Key, KeyedRow
from eeds.db.name_locks import NOBODY, lock_names
from eeds.db.tables import DATA_TYPES, ProjectAttributeKey
from eeds.projects.attribute_keys import delete_key, require_free, update_key
from eeds.projects.own_inputs import mark_results, projects_with
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
    """The caller's attribute keys, and those that all owners share."""

    noun = "project attribute key"
    model = ProjectAttributeKey
    schema = ProjectAttributeKeySchema
    filters = {
        "name": filters.text(ProjectAttributeKey.name),
        "data_type": filters.choices(ProjectAttributeKey.data_type, DATA_TYPES),
        "project_owner": filters.key(ProjectAttributeKey.project_owner_id, "project owner"),
    }

    def create(self, data: Item) -> int:
        """A key of the caller's, or of an admin for all owners; raises Invalid for a name that is shared."""
        require_free(self.session, data["name"])
        return super().create({**data, "project_owner_id": owner_of_new(self.principal)})

    def update(self, id: int, data: Item) -> int:
        """Change a key; raises Invalid for a name that is taken, and for another type where there are values."""
        update_key(self.session, self.principal, id, data)
        return id

    def delete(self, id: int) -> None:
        """Delete the key and the values that projects have of it."""
        delete_key(self.session, self.principal, id)


def owner_of_new(principal: Principal) -> int | None:
    """Whose key one is that the principal makes: of all owners (None) where it is an admin."""
    return None if principal.is_admin else principal.owner_id


class ProjectAttributeKeySync(Sync):
    """project_attribute_keys/sync/"""

    resource = ProjectAttributeKeys
    schema = ProjectAttributeKeySchema
    key = ("name",)
    shown_key = {"name": "name"}

    def lock(self, loaded: Sequence[Item]) -> None:
        """By the owner of what is new."""
        lock_names(self.session, [ProjectAttributeKey], [owner_of_new(self.principal) or NOBODY])

    def existing(self, loaded: Sequence[Item]) -> dict[Key, list[KeyedRow]]:
        """Of the keys of a name the one of the caller's owner, or else the one that all owners share."""
        found: dict[Key, list[KeyedRow]] = {}
        for key, rows in super().existing(loaded).items():
            by_owner = {row.values["project_owner_id"]: row for row in rows}
            if row := by_owner.get(self.principal.owner_id) or by_owner.get(None):
                found[key] = [row]
        return found

    def write(self, rows: Sequence[KeyedRow]) -> None:
        """Store what is new as the caller's, or for all owners where an admin makes it; mark the results of projects
        with an attribute whose type changes."""
        for row in rows:
            if row.is_new:
                row.values["project_owner_id"] = owner_of_new(self.principal)
        super().write(rows)
        changed = {row.values["id"]: row.values["name"] for row in rows if row.is_changed and not row.is_new}
        mark_results(self.session, projects_with(self.session, changed))


blueprint = Blueprint("project_attribute_keys", "Names and types of attributes: yours, and those for all owners.")
crud(blueprint, ProjectAttributeKeys)
sync_view(blueprint, ProjectAttributeKeySync)
