"""/api/v1/project_attribute_keys/: names and types of attributes, each of one owner, or an admin's for all owners."""

from collections.abc import Sequence

from marshmallow import fields
from sqlalchemy import select

from eeds.accounts.principal import Principal
from eeds.db.keyed_rows import Key, KeyedRow
from eeds.db.name_locks import NOBODY, lock_names
from eeds.db.tables import DATA_TYPES, ProjectAttributeKey
from eeds.errors import Invalid
from eeds.projects.own_inputs import mark_results, projects_with
from eeds.web.errors import UNIQUE_MESSAGES
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
        self.require_free(data["name"])
        return super().create({**data, "project_owner_id": owner_of_new(self.principal)})

    def update(self, id: int, data: Item) -> int:
        """Change a key, and mark the results of projects with an attribute of it that runs take; raises Invalid for a
        name that is shared."""
        stored = self.find(id)
        before = stored.name
        if data.get("name", before) != before:
            self.require_free(data["name"])
        super().update(id, data)
        for name in {before, stored.name}:
            mark_results(self.session, projects_with(self.session, {id: name}))
        return id

    def delete(self, id: int) -> None:
        """Delete the key, and all attributes of it; raises NotFound or Forbidden."""
        projects = projects_with(self.session, {id: self.find(id).name})
        super().delete(id)
        mark_results(self.session, projects)

    def require_free(self, name: str) -> None:
        """Raises Invalid for a name that a key for all owners has."""
        of_all = ProjectAttributeKey.name == name, ProjectAttributeKey.project_owner_id.is_(None)
        if self.session.scalar(select(ProjectAttributeKey.id).where(*of_all)) is not None:
            raise Invalid({"name": [UNIQUE_MESSAGES["project_attribute_keys_name_key"]]})


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
