"""/api/v1/project_attributes/: what is known of a project besides its periods, each value in the type of its key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError, fields
from sqlalchemy import ColumnElement, Row, Select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.keyed_rows import KeyedRow
from eeds.db.name_locks import lock_names_in_projects
from eeds.db.tables import Project, ProjectAttribute, ProjectAttributeKey
from eeds.projects.attributes import VALUE_COLUMNS, keys_of_projects, require_key_for
from eeds.projects.own_inputs import mark_results_with
from eeds.web.rest import filters
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Char, Day, Flag, Number, Pk, Timestamp, WholeNumber
from eeds.web.rest.filters import Args
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema
from eeds.web.rest.sync import Error, Outcome, ParentName, ProjectName, Sync, sync_view


class ProjectAttributeSchema(ApiSchema):
    """An attribute of a project; the value belongs in the field of its key's data type."""

    EXAMPLE = {"project": 1, "key": 1, "float_value": 1250.0}

    id = fields.Integer(dump_only=True)
    project = Pk(Project, attribute="project_id", required=True)
    key = Pk(ProjectAttributeKey, attribute="key_id", required=True)
    value = fields.Raw(dump_only=True, allow_none=True, metadata={"description": "The one of the key's data type."})
    boolean_value = Flag(allow_none=True)
    char_value = Char(allow_none=True, blank=True)
    date_value = Day(allow_none=True)
    datetime_value = Timestamp(allow_none=True)
    float_value = Number(allow_none=True)
    integer_value = WholeNumber(allow_none=True)


class ProjectAttributeValueSchema(ApiSchema):
    """An attribute as it is read."""

    id = fields.Integer()
    key = fields.Integer()
    project = fields.Integer()
    value = fields.Raw(allow_none=True)


class ProjectAttributes(Resource):
    """Attributes: read by their value, written by the column of their data type."""

    noun = "project attribute"
    model = ProjectAttribute
    schema = ProjectAttributeSchema
    read_schemas = (ProjectAttributeValueSchema,)
    filters = {
        "key": filters.key(ProjectAttribute.key_id, "project attribute key"),
        "project": filters.key(ProjectAttribute.project_id, "project"),
    }

    def columns(self) -> dict[str, ColumnElement[Any]]:
        """Every column, and the data type that says which of them is the value."""
        return {**super().columns(), "data_type": ProjectAttributeKey.data_type}  # type: ignore[dict-item]

    def statement(self) -> Select[Any]:
        """Attributes with their key."""
        return super().statement().join(ProjectAttributeKey, ProjectAttributeKey.id == ProjectAttribute.key_id)

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """Read, an attribute has its value but not the column that holds it."""
        return (attribute_item(row, ProjectAttributeValueSchema) for row in rows)

    def create(self, data: Item) -> int:
        """An attribute of a key that its project may have; raises Invalid."""
        require_key_for(self.session, data["project_id"], data["key_id"])
        id = super().create(data)
        mark_results_with(self.session, [(data["project_id"], data["key_id"])])
        return id

    def update(self, id: int, data: Item) -> int:
        """Of another project or key too, if the key is one that the project may have; raises Invalid."""
        stored = self.find(id)
        before = stored.project_id, stored.key_id
        require_key_for(self.session, data.get("project_id", before[0]), data.get("key_id", before[1]))
        super().update(id, data)
        mark_results_with(self.session, {before, (stored.project_id, stored.key_id)})
        return id

    def delete(self, id: int) -> None:
        """Delete it; raises NotFound or Forbidden."""
        stored = self.find(id)
        gone = stored.project_id, stored.key_id
        super().delete(id)
        mark_results_with(self.session, [gone])

    def stored(self, id: int, args: Args) -> Item:
        """Written, an attribute has every column."""
        return attribute_item(self.row(self.statement(), id), ProjectAttributeSchema)


def attribute_item(row: Row[Any], schema: type[ApiSchema]) -> Item:
    """The fields that the schema has of a row, among them the value of its data type."""
    item = {**row._mapping, "value": row._mapping[VALUE_COLUMNS[row.data_type]]}
    return {name: item[name] for name in schema._declared_fields}


class ProjectAttributeSyncSchema(ApiSchema):
    """An attribute as `sync/` takes it, found by the names of project and key: the key that the project's owner has of
    that name, or else all owners."""

    EXAMPLE = {"project_project_id": "ABC", "project_attribute_key_name": "area", "value": 1250.0}

    project_project_id = ProjectName()
    project_attribute_key_name = ParentName(required=True, attribute="key_name")
    value = fields.Raw(required=True, allow_none=True)


class ProjectAttributeSync(Sync):
    """project_attributes/sync/"""

    resource = ProjectAttributes
    schema = ProjectAttributeSyncSchema
    answer_schema = ProjectAttributeValueSchema
    key = ("project_id", "key_id")
    shown_key = {name: name for name in ("project_project_id", "project_attribute_key_name")}

    def __init__(self, session: Session, principal: Principal) -> None:
        super().__init__(session, principal)
        self.data_types: dict[int, str] = {}  # of the keys of the batch

    def lock(self, loaded: Sequence[Item]) -> None:
        """By the owners of the projects."""
        projects = {data["project_id"] for data in loaded if "project_id" in data}
        lock_names_in_projects(self.session, ProjectAttribute, projects)

    def resolve(self, batch: Sequence[Any], loaded: Sequence[Item]) -> dict[int, Outcome]:
        """Replace names of projects, then those of keys, by their ids."""
        unknown = super().resolve(batch, loaded)
        names = [data.pop("key_name", None) for data in loaded]
        projects = {data["project_id"] for data in loaded if "project_id" in data}
        keys = keys_of_projects(self.session, projects, {name for name in names if name is not None})
        for index, (name, data) in enumerate(zip(names, loaded, strict=True)):
            if name is None or "project_id" not in data:
                continue
            key = keys.get(data["project_id"], {}).get(name)
            if key is None:
                unknown[index] = self.without_parent("error - no ProjectAttributeKey found", batch[index])
            else:
                data["key_id"] = key.id
                self.data_types[key.id] = key.data_type
        return unknown

    def check(self, loaded: Sequence[Item], errors: Mapping[int, Error]) -> Mapping[int, Error]:
        """Put every value into the column of its key's data type; what cannot be read as that is an error."""
        checked = dict(errors)
        for index, data in enumerate(loaded):
            data_type = self.data_types.get(data.get("key_id", 0))
            if data_type and "value" in data:
                column = VALUE_COLUMNS[data_type]
                try:
                    value = ProjectAttributeSchema._declared_fields[column].deserialize(data.pop("value"))
                    data |= dict.fromkeys(VALUE_COLUMNS.values()) | {column: value}
                except ValidationError as error:
                    messages: Any = error.messages
                    checked.setdefault(index, Error("value", messages[0]))
        return checked

    def write(self, rows: Sequence[KeyedRow]) -> None:
        """Store them, and mark the results of their projects."""
        super().write(rows)
        written = (row.values for row in rows if row.is_new or row.is_changed)
        mark_results_with(self.session, {(values["project_id"], values["key_id"]) for values in written})

    def written(self) -> list[str]:
        """The columns of the values."""
        return [*VALUE_COLUMNS.values()]

    def snapshot(self, row: KeyedRow) -> Item:
        """As an attribute is read: of its columns all but one are null."""
        value = next((row.values[name] for name in self.written() if row.values[name] is not None), None)
        return {"id": None, "key": row.values["key_id"], "project": row.values["project_id"], "value": value}


blueprint = Blueprint("project_attributes", "What is known of projects, each value in the type of its key.")
crud(blueprint, ProjectAttributes)
sync_view(blueprint, ProjectAttributeSync)
